"""Hand-written cases about the person alone: birth, death, languages, codes, bans, religion."""

from __future__ import annotations

from datetime import date
from typing import Any

from vtj_pipeline_tests.builders import day, row
from vtj_pipeline_tests.register.cases import (
    T1,
    T2,
    T3,
    T4,
    Case,
    Row,
    change,
    ever,
    first,
    fresh,
    now,
)

FOREIGN, LANGUAGE = "ULKOMAINEN_HENKILOTUNNUS", "AIDINKIELI"
WIDE, NAMES, CALL = "NIMENMUUTOS_LAAJA", "NIMENMUUTOS", "KUTSUMANIMI"
CITIZENSHIP, CODE = "KANSALAISUUS", "HENKILOTUNNUS_KORJAUS"
PRECISIONS = ("PAIVA", "KUUKAUSI", "VUOSI", "EI_TIEDOSSA")
BANS = ("SUORAMARKKINOINTIKIELTO", "HENKILOMATRIKKELIKIELTO", "SUKUTUTKIMUSKIELTO")


def foreign(country: str, code: str, **more: Any) -> Row:
    return {"valtiokoodi": country, "ulkomainenHenkilotunnus": code, **more}


def listed(*items: Row) -> Row:
    return {"henkilonKansalaisuudet": list(items)}


def of(country: str, since: str | None = None, **more: Any) -> Row:
    found = {"kansalaisuuskoodi": country, **more}
    return found if since is None else {**found, "saamispv": day(since)}


def code_row(code: str, active: str | None, attribute: str | None = None) -> Row:
    return row(
        CODE,
        attribute,
        voimassaolo="AKTIIVI" if code == active else "PASSIIVI",
        muutettuHenkilotunnus=code,
        aktiivinenHenkilotunnus=active,
        edellisetHenkilotunnukset=[],
    )


def name(kind: str, text: str, start: str | None = None, end: str | None = None) -> Row:
    found: Row = {"nimilaji": kind, "nimi": text}
    if start:
        found["alkupv"] = day(start)
    return {**found, "loppupv": day(end)} if end else found


PERSON_CASES = (
    Case(
        "a death that is taken back leaves no date",
        (
            change(1, T1, row("KUOLINPAIVA", "LISATTY", kuollut=True, kuolinpv=day("2026-10-01"))),
            change(
                2,
                T2,
                row("KUOLINPAIVA", "KORJATTAVA", kuollut=True, kuolinpv=day("2026-10-01")),
                row("KUOLINPAIVA", "KORJATTU", kuollut=False),
            ),
        ),
        (
            now("death", "is_dead death_date death_date_precision", (False, None, None)),
            ever("death", "is_dead death_date", (True, date(2026, 10, 1)), (False, None)),
        ),
    ),
    Case(
        "a death and its declaration stand side by side",
        (
            first(row("KUOLINPAIVA", kuollut=True)),
            change(
                1,
                T1,
                row(
                    "KUOLLEEKSIJULISTAMISPAIVA",
                    "LISATTY",
                    kuollut=True,
                    kuolleeksijulistamispv=day("2026-10-01"),
                ),
            ),
            change(2, T2, row("KUOLINPAIVA", "POISTETTU", kuollut=True)),
        ),
        (
            now(
                "death",
                "is_dead is_declared_dead declared_death_date",
                (None, True, date(2026, 10, 1)),
            ),
        ),
    ),
    Case(
        "what is known of a birth is carried side by side",
        (
            change(1, T1, row("SYNTYMAPAIVA", "LISATTY", syntymapv=day("1990-01-01"))),
            change(2, T2, row("SYNTYMAKOTIKUNTA", "LISATTY", kuntakoodi="200")),
            change(
                3,
                T3,
                row(
                    "ULKOMAINEN_SYNTYMAPAIKKA",
                    "LISATTY",
                    valtiokoodi="752",
                    ulkomainenSyntymapaikka="Tukholma",
                ),
            ),
            change(4, T4, row("SYNTYMAKOTIKUNTA", "MUUTETTU", kuntakoodi="091")),
        ),
        (
            now(
                "birth",
                "birth_date birth_municipality_code birth_country_code foreign_birth_place",
                (date(1990, 1, 1), "091", "752", "Tukholma"),
            ),
        ),
    ),
    Case(
        "languages are told apart by both codes and by start, and the earlier ends",
        (
            first(
                row(LANGUAGE, kielikoodi="98", kielikoodiISO6392="fse", alkupv=day("2000-01-01")),
                row(LANGUAGE, kielikoodi="98", kielikoodiISO6392="mis", alkupv=day("2000-01-01")),
                row(LANGUAGE, kielikoodi="fi", kielikoodiISO6392="mis", alkupv=day("2000-01-01")),
            ),
            change(
                1,
                T1,
                row(
                    LANGUAGE,
                    "LISATTY",
                    kielikoodi="fi",
                    kielikoodiISO6392="mis",
                    alkupv=day("2026-10-01"),
                ),
            ),
        ),
        (
            now(
                "language",
                "language_code language_code_iso6392 valid_from valid_to",
                ("98", "fse", date(2000, 1, 1), date(2026, 10, 1)),
                ("98", "mis", date(2000, 1, 1), date(2026, 10, 1)),
                ("fi", "mis", date(2000, 1, 1), date(2026, 10, 1)),
                ("fi", "mis", date(2026, 10, 1), None),
            ),
        ),
    ),
    Case(
        "a language told with its end stays as history when the source closes it",
        (
            first(
                row(LANGUAGE, kielikoodi="fi", kielikoodiISO6392="fin", alkupv=day("2000-01-01"))
            ),
            change(
                1,
                T1,
                row(
                    LANGUAGE,
                    "MUUTETTU",
                    kielikoodi="fi",
                    kielikoodiISO6392="fin",
                    alkupv=day("2000-01-01"),
                    loppupv=day("2026-10-01"),
                ),
            ),
        ),
        (now("language", "language_code valid_to", ("fi", date(2026, 10, 1))),),
    ),
    Case(
        "the service language is one, and not ended by the mother tongue",
        (
            first(row("ASIOINTIKIELI", kielikoodi="sv", alkupv=day("2000-01-01"))),
            change(1, T1, row(LANGUAGE, "LISATTY", kielikoodi="fi", alkupv=day("2026-10-01"))),
            change(
                2, T2, row("ASIOINTIKIELI", "MUUTETTU", kielikoodi="fi", alkupv=day("2026-10-02"))
            ),
        ),
        (
            now(
                "language",
                "language_role language_code valid_to",
                ("mother_tongue", "fi", None),
                ("service_language", "fi", None),
            ),
        ),
    ),
    Case(
        "earlier communities are told apart by number and start, and stay whatever is listed",
        (
            first(
                row("HISTORIAA_USKONTOKUNNASTA", uskontokunta=1, alkupv=day("1990-01-01")),
                row("HISTORIAA_USKONTOKUNNASTA", uskontokunta=2, alkupv=day("1990-01-01")),
                row("HISTORIAA_USKONTOKUNNASTA", uskontokunta=2, alkupv=day("1995-01-01")),
                row(
                    "HISTORIAA_USKONTOKUNNASTA",
                    uskontokunta=1,
                    alkupv=day("2000-01-01"),
                    loppupv=day("2001-12-31"),
                ),
            ),
            fresh(
                row("HISTORIAA_USKONTOKUNNASTA", uskontokunta=3, loppupv=day("2005-01-01", "VUOSI"))
            ),
        ),
        (
            now(
                "religion",
                "community_number valid_from valid_to",
                ("1", date(1990, 1, 1), None),
                ("2", date(1990, 1, 1), None),
                ("2", date(1995, 1, 1), None),
                ("1", date(2000, 1, 1), date(2002, 1, 1)),
                ("3", None, date(2005, 1, 1)),
            ),
        ),
    ),
    Case(
        "bans begin and end each on its own, and fresh data about one say nothing about another",
        (
            first(*(row(ban, alkupv=day("2012-03-01")) for ban in BANS)),
            change(1, T1, row(BANS[0], "POISTETTU", alkupv=day("2012-03-01"))),
            fresh(row(BANS[1], alkupv=day("2013-03-01"))),
        ),
        (
            now(
                "disclosure_ban",
                "ban_type valid_from",
                ("personal_directories", date(2013, 3, 1)),
                ("genealogical_research", date(2012, 3, 1)),
            ),
        ),
    ),
)
