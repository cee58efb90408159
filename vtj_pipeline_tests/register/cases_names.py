"""Hand-written cases about names: the parts of one row, and siblings that tell one name."""

from __future__ import annotations

from datetime import date
from typing import Any

from vtj_pipeline_tests.builders import day, row
from vtj_pipeline_tests.register.cases import (
    T1,
    T2,
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


NAME_CASES = (
    Case(
        "a call name and an official name are carried side by side",
        (
            first(row("HENKILON_NIMI", etunimi="Aino Maria", sukunimi="Testi")),
            change(1, T1, row(CALL, "LISATTY", **name("NYKYINEN_KUTSUMANIMI", "Maria"))),
            change(2, T2, row("HENKILON_NIMI", "MUUTETTU", etunimi="Aino Maria", sukunimi="Uusi")),
        ),
        (now("name", "first_names last_name call_name", ("Aino Maria", "Uusi", "Maria")),),
    ),
    Case(
        "an earlier call name is kept apart and sets nothing",
        (
            first(row(CALL, **name("NYKYINEN_KUTSUMANIMI", "Maria", "2020-01-01"))),
            change(1, T1, row(CALL, "MUUTETTU", **name("EDELLINEN_KUTSUMANIMI", "Aino"))),
        ),
        (
            now("name", "call_name call_name_since", ("Maria", date(2020, 1, 1))),
            now("other_group", "tietoryhma", (CALL,)),
        ),
    ),
    Case(
        "what a call name lists as in force is kept apart where it is an earlier one",
        (
            change(
                1,
                T1,
                row(
                    CALL,
                    "MUUTETTU",
                    **name("NYKYINEN_KUTSUMANIMI", "Maria"),
                    voimassaolevatTiedot=[row(CALL, **name("EDELLINEN_KUTSUMANIMI", "Aino"))],
                ),
            ),
        ),
        (
            now("name", "call_name", ("Maria",)),
            now("other_group", "tietoryhma", (CALL,)),
        ),
    ),
    Case(
        "of one name that two groups tell the wide one is shown",
        (
            first(
                row(NAMES, **name("NYKYINEN_SUKUNIMI", "Uusi", "2020-01-01")),
                row(NAMES, **name("EDELLINEN_SUKUNIMI", "Vanha", end="2020-01-01")),
                row(NAMES, **name("PATRONYYMI", "Testinpoika")),
                row(
                    WIDE,
                    **name("NYKYINEN_SUKUNIMI", "Uusi", "2020-01-01"),
                    nimenmuutostapa="NIMENMUUTOS_ULKOMAILLA",
                ),
                row(WIDE, **name("EDELLINEN_SUKUNIMI", "Vanha", end="2020-01-01")),
            ),
        ),
        (
            now(
                "name_history",
                "name_kind name change_manner source_group",
                ("NYKYINEN_SUKUNIMI", "Uusi", "NIMENMUUTOS_ULKOMAILLA", WIDE),
                ("EDELLINEN_SUKUNIMI", "Vanha", None, WIDE),
                ("PATRONYYMI", "Testinpoika", None, NAMES),
            ),
        ),
    ),
    Case(
        "where the wide group no longer tells a name the other one does",
        (
            first(
                row(NAMES, **name("NYKYINEN_SUKUNIMI", "Uusi", "2020-01-01")),
                row(WIDE, **name("NYKYINEN_SUKUNIMI", "Uusi", "2020-01-01")),
            ),
            change(
                1, T1, row(WIDE, "POISTETTU", **name("NYKYINEN_SUKUNIMI", "Uusi", "2020-01-01"))
            ),
        ),
        (
            now("name_history", "name source_group", ("Uusi", NAMES)),
            ever("name_history", "name source_group", ("Uusi", WIDE), ("Uusi", NAMES)),
        ),
    ),
    Case(
        "a name of another kind, or from another day, is another fact",
        (
            first(
                row(WIDE, **name("NYKYINEN_SUKUNIMI", "Uusi", "2020-01-01")),
                row(NAMES, **name("NYKYINEN_ETUNIMI", "Aino", "2020-01-01")),
                row(NAMES, **name("EDELLINEN_SUKUNIMI", "Vanha", "2010-01-01", "2020-01-01")),
            ),
        ),
        (now("name_history", "name", ("Uusi",), ("Aino",), ("Vanha",)),),
    ),
    *(
        Case(
            f"names of {group} are told apart by kind and start, without one by the name",
            (
                first(
                    row(group, **name("NYKYINEN_SUKUNIMI", "Uusi", "2020-01-01")),
                    row(group, **name("EDELLINEN_SUKUNIMI", "Vanha", "2010-01-01", "2020-01-01")),
                    row(group, **name("EDELLINEN_SUKUNIMI", "Muu")),
                    row(group, **name("EDELLINEN_SUKUNIMI", "Toinen")),
                    row(group, **name("EDELLINEN_ETUNIMI", "Muu")),
                ),
                change(
                    1,
                    T1,
                    row(group, "LISATTY", **name("NYKYINEN_SUKUNIMI", "Nyt", "2026-10-01")),
                    row(
                        group,
                        "MUUTETTU",
                        **name("EDELLINEN_SUKUNIMI", "Uusi", "2020-01-01", "2026-10-01"),
                    ),
                ),
            ),
            (
                now(
                    "name_history",
                    "name_kind name_type name valid_from valid_to",
                    ("NYKYINEN_SUKUNIMI", "SUKUNIMI", "Nyt", date(2026, 10, 1), None),
                    (
                        "EDELLINEN_SUKUNIMI",
                        "SUKUNIMI",
                        "Uusi",
                        date(2020, 1, 1),
                        date(2026, 10, 1),
                    ),
                    (
                        "EDELLINEN_SUKUNIMI",
                        "SUKUNIMI",
                        "Vanha",
                        date(2010, 1, 1),
                        date(2020, 1, 1),
                    ),
                    ("EDELLINEN_SUKUNIMI", "SUKUNIMI", "Muu", None, None),
                    ("EDELLINEN_SUKUNIMI", "SUKUNIMI", "Toinen", None, None),
                    ("EDELLINEN_ETUNIMI", "ETUNIMI", "Muu", None, None),
                ),
            ),
        )
        for group in (WIDE, NAMES)
    ),
    *(
        Case(
            f"a present name of {group} ends where a later one of its kind begins, told or not",
            (
                first(
                    row(group, **name("NYKYINEN_SUKUNIMI", "Uusi", "2020-01-01")),
                    row(group, **name("NYKYINEN_ETUNIMI", "Aino", "2015-01-01")),
                    row(group, **name("EDELLINEN_SUKUNIMI", "Vanha", "2010-01-01")),
                ),
                change(
                    1, T1, row(group, "LISATTY", **name("NYKYINEN_SUKUNIMI", "Nyt", "2026-10-01"))
                ),
            ),
            (
                now(
                    "name_history",
                    "name valid_to",
                    ("Nyt", None),
                    ("Uusi", date(2026, 10, 1)),
                    ("Aino", None),
                    ("Vanha", None),
                ),
            ),
        )
        for group in (WIDE, NAMES)
    ),
    *(
        Case(
            f"fresh data of {group} end the present names that they do not list, no earlier one",
            (
                first(
                    row(group, **name("NYKYINEN_SUKUNIMI", "Uusi", "2020-01-01")),
                    row(group, **name("EDELLINEN_SUKUNIMI", "Vanha")),
                ),
                fresh(row(group, **name("NYKYINEN_ETUNIMI", "Aino"))),
            ),
            (now("name_history", "name", ("Vanha",), ("Aino",)),),
        )
        for group in (WIDE, NAMES)
    ),
)
