"""Hand-written cases about places that are told apart by their keys (contract §3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from vtj_pipeline_tests.builders import day, row
from vtj_pipeline_tests.register.cases import T1, Case, Row, change, first, now
from vtj_pipeline_tests.register.cases_place import ADDRESS, DWELLING, PAST_DWELLING, TEMPORARY


def stay(start: str, **more: Any) -> Row:
    return {"kuntakoodi": "091", "alkupv": day(start), **more}


def flat(building: str, *more: str, start: str = "2026-09-01", **also: Any) -> Row:
    names = ("huoneistokirjain", "huoneistonumero", "jakokirjain")
    return {
        "rakennustunnus": building,
        **dict(zip(names, more, strict=False)),
        "alkupv": day(start),
        **also,
    }


PLACE_KEY_CASES = (
    *(
        Case(
            f"flats of {group} are told apart by each part of what they are",
            (
                first(
                    row(group, **flat("1")),
                    row(group, **flat("2")),
                    row(group, **flat("1", "A")),
                    row(group, **flat("1", "A", "001")),
                    row(group, **flat("1", "A", "001", "a")),
                    row(group, **flat("1", start="2026-08-01", loppupv=day("2026-08-31"))),
                ),
            ),
            (
                now(
                    "address",
                    "building_id stairwell apartment_number apartment_division valid_to",
                    ("1", None, None, None, None),
                    ("2", None, None, None, None),
                    ("1", "A", None, None, None),
                    ("1", "A", "001", None, None),
                    ("1", "A", "001", "a", None),
                    ("1", None, None, None, date(2026, 9, 1)),
                ),
            ),
        )
        for group in (ADDRESS, TEMPORARY)
    ),
    *(
        Case(
            f"stays of {group} are told apart by each part of what they are",
            (
                first(
                    row(group, **stay("2026-09-01")),
                    row(group, kuntakoodi="297", alkupv=day("2026-09-01")),
                    row(group, **stay("2026-09-01", lajikoodi=901)),
                    row(group, **stay("2026-09-01", lajikoodi=901, numero="1")),
                    row(group, **stay("2026-09-01", lajikoodi=901, numero="1", laitos="2")),
                    row(group, **stay("2026-08-01", loppupv=day("2026-08-31"))),
                ),
            ),
            (
                now(
                    "residence",
                    "municipality_code institution_kind institution_number institution_unit "
                    "valid_to",
                    ("091", None, None, None, None),
                    ("297", None, None, None, None),
                    ("091", "901", None, None, None),
                    ("091", "901", "1", None, None),
                    ("091", "901", "1", "2", None),
                    ("091", None, None, None, date(2026, 9, 1)),
                ),
            ),
        )
        for group in (
            "VAKINAINEN_OLINPAIKASSA_ASUMINEN",
            "TILAPAINEN_OLINPAIKASSA_ASUMINEN",
            "ENTINEN_OLINPAIKASSA_ASUMINEN",
        )
    ),
    *(
        Case(
            f"dwellings of {group} are told apart by start and by {field}",
            (
                first(
                    row(group, **{field: "091"}, alkupv=day("2026-09-01")),
                    row(group, **{field: "297"}, alkupv=day("2026-09-01")),
                    row(
                        group, **{field: "091"}, alkupv=day("2026-08-01"), loppupv=day("2026-08-31")
                    ),
                ),
            ),
            (
                now(
                    "residence",
                    f"{column} valid_from valid_to",
                    ("091", date(2026, 9, 1), None),
                    ("297", date(2026, 9, 1), None),
                    ("091", date(2026, 8, 1), date(2026, 9, 1)),
                ),
            ),
        )
        for field, column, groups in (
            (
                "kuntakoodi",
                "municipality_code",
                (DWELLING, PAST_DWELLING, "TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"),
            ),
            (
                "valtiokoodi",
                "country_code",
                (
                    "VAKINAINEN_ULKOMAILLA_ASUMINEN",
                    "ENTINEN_ULKOMAILLA_ASUMINEN",
                    "TILAPAINEN_ULKOMAILLA_ASUMINEN",
                ),
            ),
        )
        for group in groups
    ),
    Case(
        "municipalities that are not the home are kept side by side",
        (
            first(
                row("VAESTOKIRJANPITOKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2004-05-01")),
                row("TILAPAINEN_KUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2026-09-01")),
                row("TILAPAINEN_KUNTA", kuntakoodi="297", kuntaanMuuttopv=day("2026-09-01")),
                row("VUODENVAIHTEEN_KUNTA", kuntakoodi="091", vuodenvaihde=2024),
                row("VUODENVAIHTEEN_KUNTA", kuntakoodi="091", vuodenvaihde=2025),
            ),
            change(
                1,
                T1,
                row(
                    "TILAPAINEN_KUNTA",
                    "MUUTETTU",
                    kuntakoodi="297",
                    kuntaanMuuttopv=day("2026-09-01"),
                    kunnastaPoisMuuttopv=day("2026-10-01"),
                ),
                row(
                    "TILAPAINEN_KUNTA",
                    "LISATTY",
                    kuntakoodi="297",
                    kuntaanMuuttopv=day("2026-10-02"),
                ),
                row("VAESTOKIRJANPITOKUNTA", "MUUTETTU", kuntakoodi="297"),
            ),
        ),
        (
            now(
                "other_municipality",
                "municipality_type municipality_code year valid_from valid_to",
                ("book_keeping", "297", None, None, None),
                ("temporary", "091", None, date(2026, 9, 1), None),
                ("temporary", "297", None, date(2026, 9, 1), date(2026, 10, 2)),
                ("temporary", "297", None, date(2026, 10, 2), None),
                ("year_end", "091", 2024, None, None),
                ("year_end", "091", 2025, None, None),
            ),
        ),
    ),
)
