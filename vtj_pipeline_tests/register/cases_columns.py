"""Hand-written cases about single columns: how exact dates are, and what is withheld anywhere."""

from __future__ import annotations

from datetime import date

from vtj_pipeline_tests.builders import day, row
from vtj_pipeline_tests.register.cases import Case, Row, first, masked, now
from vtj_pipeline_tests.register.cases_family import SIDES as GUARDIAN_SIDES
from vtj_pipeline_tests.register.cases_family import UNIONS, VARIANTS, B, guards
from vtj_pipeline_tests.register.cases_parents import FAMILY, SIDES, family, tie

INEXACT: Row = {**B, "syntymapv": day("1990-01-01", "VUOSI")}
# Groups about no place; the source has not been seen to withhold them, and may.
WITHHELD = {
    "ULKOMAINEN_HENKILOTUNNUS": "foreign_identity_code",
    "NIMENMUUTOS": "name_history",
    "NIMENMUUTOS_LAAJA": "name_history",
    "SUKUTUTKIMUSKIELTO": "disclosure_ban",
    "KANSALAISUUS": "citizenship",
    "AIDINKIELI": "language",
    "ASIOINTIKIELI": "language",
    "USKONTOKUNTA": "religion",
    "AVIOLIITTO": "marriage",
    "PERHESUHDE": "parent_child",
    "LAPSI": "parent_child",
    "HUOLTAJA": "guardianship",
    "HUOLLETTAVA_SUPPEA": "guardianship",
    "EDUNVALVONTA": "adult_guardianship",
    "JARJESTYSKIRJAIN": "other_group",
    "UUSI_RYHMA": "other_group",
    "AMMATTI": "other_group",
}


def _living(group: str) -> Case:
    """Where the child lives, with dates that are not equally exact."""
    living = {
        "asuminen": "AIDIN_LUONA",
        "asumisenAlkupv": day("2019-01-01"),
        "asumisenLoppupv": day("2020-03-01", "KUUKAUSI"),
    }
    told = () if group.endswith("_RAJOITETTU") else ("AIDIN_LUONA", "day", "month")
    return Case(
        f"dates of {group} are each as exact as they are told",
        (first(row(group, **guards(group, INEXACT, "2018-05-14", **living))),),
        (
            now(
                "guardianship",
                "related_birth_date_precision living living_from_precision living_to_precision",
                ("year", *(told or (None, None, None))),
            ),
        ),
    )


def _endless(group: str) -> Case:
    """A guardian for two times, of which neither has a known end."""
    first_time, second_time = (guards(group, B, start) for start in ("2018-05-14", "2020-05-14"))
    for one in (first_time, second_time):
        del one["huoltosuhteenLoppupv"]
    return Case(
        f"two relations of {group} without an end stand both, whatever their starts",
        (first(row(group, **first_time), row(group, **second_time)),),
        (
            now(
                "guardianship",
                "valid_from valid_to",
                (date(2018, 5, 14), None),
                (date(2020, 5, 14), None),
            ),
        ),
    )


COLUMN_CASES = (
    *(
        Case(
            f"a masked row of {group} is withheld",
            (first(masked(group)),),
            (now(table, "withheld", (True,)),),
        )
        for group, table in WITHHELD.items()
    ),
    *(_living(side + variant) for side in GUARDIAN_SIDES for variant in VARIANTS),
    *(_endless(side + variant) for side in GUARDIAN_SIDES for variant in VARIANTS),
    *(
        Case(
            f"dates of {group} are each as exact as they are told",
            (first(row(group, **tie(group, INEXACT, adoptiosuhde={"alkupv": day("2020-01-01")}))),),
            (
                now(
                    "parent_child",
                    "related_birth_date_precision adopted_on adopted_on_precision",
                    ("year", date(2020, 1, 1), "day"),
                ),
            ),
        )
        for group in SIDES
    ),
    *(
        Case(
            f"two relations of {group} stand both, whatever their starts",
            (
                first(
                    row(group, **tie(group, B, alkupv=day("2020-01-01"))),
                    row(group, **tie(group, {"henkilotunnus": "x"}, alkupv=day("2021-01-01"))),
                ),
            ),
            (now("parent_child", "valid_to", (None,), (None,)),),
        )
        for group in (*SIDES, *(f"{side}_SUPPEA" for side in SIDES))
    ),
    Case(
        "two family relations stand both, whatever their starts",
        (
            first(
                row(FAMILY, **family("LAPSI", B, alkupv=day("2020-01-01"))),
                row(FAMILY, **family("LAPSI", B, "AU_LAPSI", alkupv=day("2021-01-01"))),
            ),
        ),
        (now("parent_child", "valid_to", (None,), (None,)),),
    ),
    *(
        Case(
            f"two rows of {group} stand both, whatever their starts",
            (
                first(
                    row(group, **{field: B, start: day("2020-01-01")}, jarjestysnumero=1),
                    row(group, **{field: B, start: day("2021-01-01")}, jarjestysnumero=2),
                ),
            ),
            (now("marriage", "valid_to", (None,), (None,)),),
        )
        for group, (field, start) in UNIONS.items()
    ),
)
