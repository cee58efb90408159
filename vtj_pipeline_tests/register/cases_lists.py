"""Hand-written cases about groups that are one row with a whole list."""

from __future__ import annotations

from datetime import date
from typing import Any

from vtj_pipeline_tests.builders import day, row
from vtj_pipeline_tests.register.cases import (
    T1,
    Case,
    Row,
    change,
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


CITIZENSHIP_CASES = (
    Case(
        "a list replaces the one before, what has ended included",
        (
            first(row(CITIZENSHIP, **listed(of("752"), of("246", voimassaolo="PASSIIVI")))),
            change(1, T1, row(CITIZENSHIP, "MUUTETTU", **listed(of("233", "2026-10-01")))),
        ),
        (now("citizenship", "country_code valid_from", ("233", date(2026, 10, 1))),),
    ),
    Case(
        "a removal shows the list that remains",
        (
            first(row(CITIZENSHIP, **listed(of("752"), of("246")))),
            change(1, T1, row(CITIZENSHIP, "POISTETTU", **listed(of("246")))),
        ),
        (now("citizenship", "country_code", ("246",)),),
    ),
    Case(
        "an empty list leaves nothing",
        (
            first(row(CITIZENSHIP, **listed(of("752")))),
            change(1, T1, row(CITIZENSHIP, "MUUTETTU", **listed())),
        ),
        (now("citizenship", "country_code"),),
    ),
    Case(
        "a list that is to be corrected, or is mere context, changes nothing",
        (
            first(row(CITIZENSHIP, **listed(of("752")))),
            change(
                1,
                T1,
                row(CITIZENSHIP, "LISATIETO", **listed(of("233"))),
                row(CITIZENSHIP, "KORJATTAVA", **listed(of("208"))),
            ),
        ),
        (now("citizenship", "country_code", ("752",)),),
    ),
    Case(
        "citizenships are told apart by country, by name and by start",
        (
            first(
                row(
                    CITIZENSHIP,
                    **listed(
                        of("246", "1990-01-01", voimassaolo="PASSIIVI"),
                        of("246", "2000-01-01"),
                        of("998", kansalaisuusnimi="a"),
                        of("998", kansalaisuusnimi="b"),
                        of("752", "2000-01-01"),
                    ),
                )
            ),
        ),
        (
            now(
                "citizenship",
                "country_code country_name is_active valid_from",
                ("246", None, False, date(1990, 1, 1)),
                ("246", None, True, date(2000, 1, 1)),
                ("998", "a", True, None),
                ("998", "b", True, None),
                ("752", None, True, date(2000, 1, 1)),
            ),
        ),
    ),
    Case(
        "fresh data end the citizenships in force that they do not list",
        (
            first(row(CITIZENSHIP, **listed(of("752"), of("233", voimassaolo="PASSIIVI")))),
            fresh(row(CITIZENSHIP, **listed(of("246")))),
        ),
        (now("citizenship", "country_code is_active", ("233", False), ("246", True)),),
    ),
)
