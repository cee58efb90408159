"""Hand-written cases about what the six attributes do, about time, and about inexact dates."""

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
    at,
    change,
    ever,
    first,
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


SIX = (
    Case(
        "each attribute does to a keyed row what it says",
        (
            first(
                row(FOREIGN, **foreign("752", "1")),
                row(FOREIGN, **foreign("752", "2")),
                row(FOREIGN, **foreign("233", "1")),
                row(FOREIGN, **foreign("233", "3")),
            ),
            change(
                1,
                T1,
                row(FOREIGN, "LISATTY", **foreign("578", "1")),
                row(FOREIGN, "MUUTETTU", **foreign("752", "1", voimassaolo="PASSIIVI")),
                row(FOREIGN, "POISTETTU", **foreign("752", "2")),
                row(FOREIGN, "KORJATTAVA", **foreign("233", "1")),
                row(FOREIGN, "KORJATTU", **foreign("233", "9")),
                row(FOREIGN, "LISATIETO", **foreign("208", "1")),
                row(FOREIGN, "LISATIETO", **foreign("233", "3", voimassaolo="PASSIIVI")),
            ),
        ),
        (
            now(
                "foreign_identity_code",
                "country_code foreign_code is_active",
                ("578", "1", True),
                ("752", "1", False),
                ("233", "9", True),
                ("233", "3", True),
            ),
        ),
    ),
    Case(
        "each attribute does to the one row of a person what it says",
        (
            change(1, T1, row("AMMATTI", "LISATTY", ammatti="a")),
            change(2, T2, row("AMMATTI", "MUUTETTU", ammatti="b")),
            change(
                3,
                T3,
                row("AMMATTI", "LISATIETO", ammatti="c"),
                row("AMMATTI", "KORJATTAVA", ammatti="b"),
                row("AMMATTI", "KORJATTU", ammatti="d"),
            ),
            change(4, T4, row("AMMATTI", "POISTETTU", ammatti="d")),
        ),
        (
            now("occupation", "occupation"),
            ever(
                "occupation",
                "occupation recorded_from recorded_to",
                ("a", at(T1), at(T2)),
                ("b", at(T2), at(T3)),
                ("d", at(T3), at(T4)),
            ),
        ),
    ),
    Case(
        "pairs of corrections need not be adjacent, nor in order",
        (
            first(row(FOREIGN, **foreign("752", "1")), row(FOREIGN, **foreign("752", "2"))),
            change(
                1,
                T1,
                row(FOREIGN, "KORJATTAVA", **foreign("752", "1")),
                row(FOREIGN, "KORJATTU", **foreign("752", "2", sukupuoli="MIES")),
                row("SUKUPUOLI", "LISATIETO", sukupuoli="MIES"),
                row(FOREIGN, "KORJATTAVA", **foreign("752", "2")),
                row(FOREIGN, "KORJATTU", **foreign("752", "3")),
            ),
        ),
        (now("foreign_identity_code", "foreign_code sex", ("2", "MIES"), ("3", None)),),
    ),
)
TIME = (
    Case(
        "two changes in a day are two versions, and the last one stands",
        (
            change(1, "2026-10-05T08:00:00.000Z", row("AMMATTI", "LISATTY", ammatti="a")),
            change(2, "2026-10-05T08:00:00.001Z", row("AMMATTI", "MUUTETTU", ammatti="b")),
        ),
        (
            now("occupation", "occupation", ("b",)),
            ever("occupation", "occupation", ("a",), ("b",)),
        ),
    ),
    Case(
        "a value that returns has three versions",
        tuple(
            change(n + 1, (T1, T2, T3)[n], row("AMMATTI", "MUUTETTU", ammatti=text))
            for n, text in enumerate("aba")
        ),
        (ever("occupation", "occupation", ("a",), ("b",), ("a",)),),
    ),
    Case(
        "a page that comes late takes its place in the journal",
        (
            change(3, T3, row("AMMATTI", "MUUTETTU", ammatti="c")),
            change(1, T1, row("AMMATTI", "LISATTY", ammatti="a")),
            change(2, T2, row("AMMATTI", "MUUTETTU", ammatti="b")),
        ),
        (
            now("occupation", "occupation recorded_from", ("c", at(T3))),
            ever("occupation", "occupation", ("a",), ("b",), ("c",)),
        ),
    ),
    Case(
        "starts keep how exact they are",
        (
            first(
                *(
                    row(ban, alkupv=day("2012-03-01", p))
                    for ban, p in zip(BANS, PRECISIONS, strict=False)
                ),
                row("YHTEYSTIETOJEN_LUOVUTUSKIELTO", alkupv=day("2012-01-01", "EI_TIEDOSSA")),
                row("ASIAKASREKISTERIN_PAIVITYSKIELTO"),
            ),
        ),
        (
            now(
                "disclosure_ban",
                "ban_type valid_from valid_from_precision valid_to withheld",
                ("direct_marketing", date(2012, 3, 1), "day", None, False),
                ("personal_directories", date(2012, 3, 1), "month", None, False),
                ("genealogical_research", date(2012, 3, 1), "year", None, False),
                ("contact_details", None, "unknown", None, False),
                ("customer_register_updates", None, None, None, False),
            ),
        ),
    ),
    Case(
        "ends that are no last day stay as told, however exact",
        (
            first(
                row(
                    CITIZENSHIP,
                    **listed(
                        *(
                            of(c, voimassaolo="PASSIIVI", menetyspv=day("2012-03-01", p))
                            for c, p in zip(("246", "752", "233", "208"), PRECISIONS, strict=True)
                        )
                    ),
                ),
            ),
        ),
        (
            now(
                "citizenship",
                "country_code is_active valid_to valid_to_precision",
                ("246", False, date(2012, 3, 1), "day"),
                ("752", False, date(2012, 3, 1), "month"),
                ("233", False, date(2012, 3, 1), "year"),
                ("208", False, None, "unknown"),
            ),
        ),
    ),
    Case(
        "dates of the one row of a person keep how exact they are",
        (
            first(
                row("SYNTYMAPAIVA", syntymapv=day("1965-11-01", "KUUKAUSI")),
                row("KUOLINPAIVA", kuollut=True, kuolinpv=day("2020-01-01", "VUOSI")),
                row("TURVAKIELTO", turvakieltoAktiivinen=True, turvaLoppuPv=day("2120-02-28")),
                row("SUOMEEN_MUUTTOPAIVA", suomeenMuuttopv=day("1990-01-01", "EI_TIEDOSSA")),
            ),
        ),
        (
            now("birth", "birth_date birth_date_precision", (date(1965, 11, 1), "month")),
            now("death", "death_date death_date_precision", (date(2020, 1, 1), "year")),
            now("protection_order", "ends_on ends_on_precision", (date(2120, 2, 28), "day")),
            now(
                "migration", "moved_to_finland_on moved_to_finland_on_precision", (None, "unknown")
            ),
        ),
    ),
)
ATTRIBUTE_CASES = (*SIX, *TIME)
