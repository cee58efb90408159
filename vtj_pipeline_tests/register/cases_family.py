"""Hand-written cases about guardians, parents and spouses: siblings, closings, what stands."""

from __future__ import annotations

from datetime import date
from typing import Any

from vtj_pipeline_tests.builders import CODES, day, row
from vtj_pipeline_tests.register.cases import T1, T2, Case, Row, change, ever, first, fresh, now

B, C = {"henkilotunnus": CODES["B"]}, {"henkilotunnus": CODES["C"]}
OF_AGE = day("2036-05-14")
SIDES = {"HUOLTAJA": "huoltaja", "HUOLLETTAVA": "huollettava"}
VARIANTS = ("", "_SUPPEA", "_RAJOITETTU")
LAW, ORDERED = "LAKISAATEINEN_HUOLTAJA", "MAARATTY_HUOLTAJA"


def named(first_names: str, last_name: str, born: str) -> Row:
    return {"etunimet": first_names, "sukunimi": last_name, "syntymapv": day(born)}


def guards(
    group: str, who: Row, start: str, end: Row | None = None, kind: str = LAW, **more: Any
) -> Row:
    """A guardianship row; `group` with or without the variant."""
    found = {
        SIDES[group.split("_", maxsplit=1)[0]]: who,
        "huoltosuhteenAlkupv": day(start),
        "huoltosuhteenLoppupv": end or OF_AGE,
        **more,
    }
    return found if group.endswith("_RAJOITETTU") else {**found, "huoltajanLaji": kind}


def _guardianship(group: str) -> tuple[Case, ...]:
    """Cases of one of the six groups."""
    kind = None if group.endswith("_RAJOITETTU") else LAW
    ordered = None if kind is None else ORDERED
    old, new = guards(group, B, "2018-05-14"), guards(group, B, "2026-10-01", kind=ORDERED)
    columns = "guardian_kind valid_from valid_to"
    until, began, begun = date(2036, 5, 14), date(2018, 5, 14), date(2026, 10, 1)
    return (
        Case(
            f"{group} that is closed on the day of a decision is history",
            (
                first(row(group, **old)),
                change(
                    1,
                    T1,
                    row(group, "LISATTY", **new),
                    row(
                        group,
                        "MUUTETTU",
                        **{**old, "huoltosuhteenLoppupv": day("2026-10-01")},
                        voimassaolevatTiedot=[row(group, **new)],
                    ),
                ),
            ),
            (
                now(
                    "guardianship",
                    columns,
                    (kind, began, date(2026, 10, 1)),
                    (ordered, begun, until),
                ),
            ),
        ),
        Case(
            f"{group} that is closed with an end to come is over where it is not among what stands",
            (
                first(row(group, **old)),
                change(
                    1, T1, row(group, "MUUTETTU", **old, voimassaolevatTiedot=[row(group, **new)])
                ),
            ),
            (now("guardianship", columns, (ordered, begun, until)),),
        ),
        Case(
            f"{group} that is removed goes, and what stands is told with it",
            (
                first(row(group, **old)),
                change(
                    1, T1, row(group, "POISTETTU", **old, voimassaolevatTiedot=[row(group, **new)])
                ),
            ),
            (now("guardianship", columns, (ordered, begun, until)),),
        ),
        Case(
            f"persons of {group} without a code are told apart by names and birth date",
            (
                first(
                    row(group, **guards(group, named("Aino", "Testi", "1990-01-01"), "2018-05-14")),
                    row(group, **guards(group, named("Aino", "Testi", "1991-01-01"), "2018-05-14")),
                    row(group, **guards(group, named("Aino", "Muu", "1990-01-01"), "2018-05-14")),
                    row(group, **guards(group, named("Eino", "Testi", "1990-01-01"), "2018-05-14")),
                    row(group, **old),
                ),
            ),
            (
                now(
                    "guardianship",
                    "related_identity_code related_first_names related_last_name "
                    "related_birth_date",
                    (None, "Aino", "Testi", date(1990, 1, 1)),
                    (None, "Aino", "Testi", date(1991, 1, 1)),
                    (None, "Aino", "Muu", date(1990, 1, 1)),
                    (None, "Eino", "Testi", date(1990, 1, 1)),
                    (CODES["B"], None, None, None),
                ),
            ),
        ),
        Case(
            f"fresh data end the rows of {group} in force that they do not list",
            (
                first(
                    row(group, **old),
                    row(group, **guards(group, C, "2010-01-01", day("2015-01-01"))),
                ),
                fresh(row(group, **new)),
            ),
            (
                now(
                    "guardianship",
                    "related_identity_code valid_from",
                    (CODES["C"], date(2010, 1, 1)),
                    (CODES["B"], begun),
                ),
            ),
        ),
        Case(
            f"two relations of {group} from one day are two where their kinds differ",
            (first(row(group, **old), row(group, **{**old, "huoltajanLaji": ORDERED})),),
            (
                now(
                    "guardianship",
                    "guardian_kind",
                    *((kind,), (ordered,)) if kind else ((None,),),
                ),
            ),
        ),
    )


def _guardianship_siblings(group: str) -> tuple[Case, ...]:
    """What of the three groups of one side is shown."""
    roles = dict(zip(VARIANTS, ("ADOPTIOISA", "ISA", "MUU_HUOLTAJA"), strict=True))

    def told(*variants: str, attribute: str | None = None, start: str = "2018-05-14") -> list[Row]:
        return [
            row(
                group + variant,
                attribute,
                **guards(group + variant, B, start, huoltajanRooli=roles[variant]),
            )
            for variant in variants
        ]

    return (
        Case(
            f"of {group} in three variants the one that tells most is shown",
            (first(*told(*VARIANTS)),),
            (now("guardianship", "guardian_role source_group", ("ADOPTIOISA", group)),),
        ),
        Case(
            f"of {group} in two variants the one that tells most is shown, each start on its own",
            (
                first(
                    *told("_SUPPEA", "_RAJOITETTU"),
                    *told("_RAJOITETTU", start="2019-01-01"),
                ),
            ),
            (
                now(
                    "guardianship",
                    "guardian_role valid_from",
                    ("ISA", date(2018, 5, 14)),
                    ("MUU_HUOLTAJA", date(2019, 1, 1)),
                ),
            ),
        ),
        Case(
            f"where {group} is removed alone, the next variant shows the fact",
            (first(*told(*VARIANTS)), change(1, T1, *told("", attribute="POISTETTU"))),
            (
                now("guardianship", "source_group", (f"{group}_SUPPEA",)),
                ever("guardianship", "source_group", (group,), (f"{group}_SUPPEA",)),
            ),
        ),
        Case(
            f"a fact that another variant of {group} tells of somebody else is another fact",
            (
                first(
                    *told(""),
                    row(f"{group}_SUPPEA", **guards(f"{group}_SUPPEA", C, "2018-05-14")),
                ),
            ),
            (
                now(
                    "guardianship",
                    "related_identity_code source_group",
                    (CODES["B"], group),
                    (CODES["C"], f"{group}_SUPPEA"),
                ),
            ),
        ),
    )


UNIONS = {
    "AVIOLIITTO": ("puoliso", "vihkipv"),
    "REKISTEROITY_PARISUHDE": ("osapuoli", "virallistamispv"),
}


def _union(group: str) -> tuple[Case, ...]:
    field, start = UNIONS[group]

    def told(who: Row, number: int, state: str, attribute: str | None = None) -> Row:
        fields = {field: who, "jarjestysnumero": number, "voimassaolo": state}
        return row(group, attribute, **fields, **{start: day("2020-01-01")})

    return (
        Case(
            f"{group} is known by its number, and over when it says so",
            (
                first(told(B, 1, "AKTIIVI")),
                change(
                    1,
                    T1,
                    told(C, 2, "AKTIIVI", "LISATTY"),
                    told(B, 1, "PASSIIVI", "MUUTETTU"),
                ),
            ),
            (
                now(
                    "marriage",
                    "order_number is_active valid_to",
                    (1, False, None),
                    (2, True, None),
                ),
            ),
        ),
        Case(
            f"fresh data end what of {group} is in force and not listed, nothing that is over",
            (
                first(told(B, 1, "PASSIIVI"), told(C, 2, "AKTIIVI")),
                fresh(told(C, 3, "AKTIIVI")),
            ),
            (now("marriage", "order_number", (1,), (3,)),),
        ),
    )


FAMILY_CASES = (
    *(case for side in SIDES for variant in VARIANTS for case in _guardianship(side + variant)),
    *(case for side in SIDES for case in _guardianship_siblings(side)),
    Case(
        "somebody can be guardian and dependant, each in its own variant",
        (
            first(
                row("HUOLTAJA", **guards("HUOLTAJA", B, "2018-05-14")),
                row("HUOLLETTAVA_SUPPEA", **guards("HUOLLETTAVA_SUPPEA", B, "2018-05-14")),
            ),
        ),
        (now("guardianship", "role", ("guardian",), ("dependant",)),),
    ),
    *(case for group in UNIONS for case in _union(group)),
    Case(
        "a marriage and a partnership of one number are two",
        (
            first(
                row("AVIOLIITTO", puoliso=B, jarjestysnumero=1, voimassaolo="AKTIIVI"),
                row(
                    "REKISTEROITY_PARISUHDE", osapuoli=B, jarjestysnumero=1, voimassaolo="PASSIIVI"
                ),
            ),
            change(2, T2, row("AVIOLIITTO", "POISTETTU", puoliso=B, jarjestysnumero=1)),
        ),
        (now("marriage", "union_type is_active", ("registered_partnership", False)),),
    ),
)
