"""Hand-written cases about parents and children, adults' guardians, and details of others."""

from __future__ import annotations

from datetime import date
from typing import Any

from vtj_pipeline_tests.builders import CODES, day, row
from vtj_pipeline_tests.register.cases import T1, Case, Row, change, ever, first, fresh, now
from vtj_pipeline_tests.register.cases_family import B, C, named

FAMILY = "PERHESUHDE"
SIDES = {"LAPSI": "child", "VANHEMPI": "parent"}
CARE, MANDATE = "EDUNVALVONTA", "EDUNVALVONTAVALTUUTUS"


def tie(group: str, who: Row, **more: Any) -> Row:
    return {group.split("_", maxsplit=1)[0].lower(): who, **more}


def family(role: str, who: Row, basis: str = "AVIOLAPSI", **more: Any) -> Row:
    return {"henkilo": who, "rooli": role, "lapsilaatu": basis, **more}


def _parenthood(group: str) -> tuple[Case, ...]:
    relation, narrow = SIDES[group], f"{group}_SUPPEA"
    return (
        Case(
            f"of one relation that {group} and others tell the one that tells most is shown",
            (
                first(
                    row(narrow, **tie(group, B)),
                    row(FAMILY, **family(group, B, isaAiti="ISA")),
                    row(group, **tie(group, B, isaAiti="ADOPTIOISA")),
                ),
            ),
            (
                now(
                    "parent_child",
                    "relation parent_role source_group",
                    (relation, "ADOPTIOISA", group),
                ),
            ),
        ),
        Case(
            f"without {group} the family relation is shown, and after it {narrow}",
            (
                first(
                    row(narrow, **tie(group, B)),
                    row(FAMILY, **family(group, B)),
                    row(narrow, **tie(group, C)),
                ),
                change(1, T1, row(FAMILY, "POISTETTU", **family(group, B))),
            ),
            (
                now("parent_child", "source_group", (narrow,), (narrow,)),
                ever("parent_child", "source_group", (FAMILY,), (narrow,), (narrow,)),
            ),
        ),
        Case(
            f"somebody told by {group} is one, whatever else changes",
            (
                first(row(group, **tie(group, B, isaAiti="ISA")), row(group, **tie(group, C))),
                change(
                    1,
                    T1,
                    row(
                        group, "MUUTETTU", **tie(group, B, isaAiti="AITI", alkupv=day("2020-01-01"))
                    ),
                ),
            ),
            (
                now(
                    "parent_child",
                    "relation related_identity_code parent_role valid_from",
                    (relation, CODES["B"], "AITI", date(2020, 1, 1)),
                    (relation, CODES["C"], None, None),
                ),
            ),
        ),
        Case(
            f"persons of {group} without a code are told apart by names and birth date",
            (
                first(
                    row(group, **tie(group, named("Aino", "Testi", "1990-01-01"))),
                    row(group, **tie(group, named("Eino", "Testi", "1990-01-01"))),
                    row(group, **tie(group, named("Aino", "Testi", "1992-01-01"))),
                ),
            ),
            (
                now(
                    "parent_child",
                    "related_first_names related_birth_date",
                    ("Aino", date(1990, 1, 1)),
                    ("Eino", date(1990, 1, 1)),
                    ("Aino", date(1992, 1, 1)),
                ),
            ),
        ),
        Case(
            f"an end of {group} is the first day after, and fresh data end what they do not list",
            (
                first(
                    row(group, **tie(group, B, loppupv=day("2020-01-01"))),
                    row(group, **tie(group, C)),
                ),
                fresh(row(group, **tie(group, named("Aino", "Testi", "1990-01-01")))),
            ),
            (
                now(
                    "parent_child",
                    "related_identity_code valid_to",
                    (CODES["B"], date(2020, 1, 1)),
                    (None, None),
                ),
            ),
        ),
        Case(
            f"{narrow} says in a change that a relation has ended, and fresh data leave that",
            (
                first(row(narrow, **tie(group, B)), row(narrow, **tie(group, C))),
                change(
                    1,
                    T1,
                    row(
                        narrow,
                        "MUUTETTU",
                        **tie(group, B, isaAiti="ISA", lapsiVanhempiSuhdePaattynyt=True),
                    ),
                ),
                fresh(row(narrow, **tie(group, named("Aino", "Testi", "1990-01-01")))),
            ),
            (
                now(
                    "parent_child",
                    "related_identity_code has_ended parent_role",
                    (CODES["B"], True, "ISA"),
                    (None, None, None),
                ),
            ),
        ),
        Case(
            f"a family relation with role {group} is known by who, role and basis",
            (
                first(
                    row(FAMILY, **family(group, B, voimassaolo="AKTIIVI")),
                    row(
                        FAMILY, **family(group, B, "SAATU_ADOPTIOLAPSEKSI", voimassaolo="PASSIIVI")
                    ),
                    row(
                        FAMILY, **family(group, C, voimassaolo="AKTIIVI", loppupv=day("2020-01-01"))
                    ),
                ),
            ),
            (
                now(
                    "parent_child",
                    "relation related_identity_code parenthood_basis has_ended valid_to",
                    (relation, CODES["B"], "AVIOLAPSI", False, None),
                    (relation, CODES["B"], "SAATU_ADOPTIOLAPSEKSI", True, None),
                    (relation, CODES["C"], "AVIOLAPSI", False, date(2020, 1, 1)),
                ),
            ),
        ),
        Case(
            f"fresh family relations with role {group} end what is in force and not listed",
            (
                first(
                    row(FAMILY, **family(group, B, voimassaolo="AKTIIVI")),
                    row(FAMILY, **family(group, B, "AU_LAPSI", voimassaolo="PASSIIVI")),
                ),
                fresh(row(FAMILY, **family(group, C, voimassaolo="AKTIIVI"))),
            ),
            (
                now(
                    "parent_child",
                    "related_identity_code parenthood_basis",
                    (CODES["B"], "AU_LAPSI"),
                    (CODES["C"], "AVIOLAPSI"),
                ),
            ),
        ),
    )


def care(*guardians: Row | None, start: str = "2020-01-01", **more: Any) -> Row:
    told = [{} if one is None else {"edunvalvoja": one} for one in guardians]
    return {"alkupv": day(start), "nykyisetEdunvalvojat": told, **more}


def mandate(*holders: tuple[Row, str]) -> Row:
    return {
        "nykyisetEdunvalvontavaltuutetut": [
            {"edunvalvontavaltuutettu": who, "valtuutussuhteenAlkupv": day(start)}
            for who, start in holders
        ]
    }


ADULTS = (
    Case(
        "guardians of an adult are those of the list, untold ones too",
        (
            first(row(CARE, **care(B, None))),
            change(1, T1, row(CARE, "MUUTETTU", **care(C, paatymispv=day("2026-10-01")))),
        ),
        (
            now(
                "adult_guardianship",
                "guardianship_type related_identity_code valid_from valid_to",
                ("guardianship", CODES["C"], date(2020, 1, 1), date(2026, 10, 1)),
            ),
            ever(
                "adult_guardianship", "related_identity_code", (CODES["B"],), (None,), (CODES["C"],)
            ),
        ),
    ),
    Case(
        "a guardianship whose list is empty still is one",
        (first(row(CARE, **care())),),
        (
            now(
                "adult_guardianship",
                "related_identity_code valid_from",
                (None, date(2020, 1, 1)),
            ),
        ),
    ),
    Case(
        "a guardianship that is removed leaves nothing, whatever list it shows",
        (first(row(CARE, **care(B))), change(1, T1, row(CARE, "POISTETTU", **care(B)))),
        (now("adult_guardianship", "related_identity_code"),),
    ),
    Case(
        "a guardianship that began anew is another one, and the earlier is no longer listed",
        (
            first(row(CARE, **care(B))),
            change(1, T1, row(CARE, "MUUTETTU", **care(B, start="2026-10-01"))),
        ),
        (now("adult_guardianship", "valid_from", (date(2026, 10, 1),)),),
    ),
    Case(
        "fresh data end the guardians that they do not list",
        (first(row(CARE, **care(B))), fresh(row(CARE, **care(C)))),
        (now("adult_guardianship", "related_identity_code", (CODES["C"],)),),
    ),
    Case(
        "holders of a power of attorney are told apart by who and since when",
        (
            first(row(MANDATE, **mandate((B, "2020-01-01"), (C, "2020-01-01")))),
            change(
                1,
                T1,
                row(
                    MANDATE,
                    "MUUTETTU",
                    **mandate((B, "2020-01-01"), (B, "2026-10-01"), (C, "2020-01-01")),
                ),
            ),
        ),
        (
            now(
                "adult_guardianship",
                "guardianship_type related_identity_code valid_from",
                ("power_of_attorney", CODES["B"], date(2020, 1, 1)),
                ("power_of_attorney", CODES["B"], date(2026, 10, 1)),
                ("power_of_attorney", CODES["C"], date(2020, 1, 1)),
            ),
        ),
    ),
    Case(
        "a power of attorney that is removed leaves nothing, whatever list it shows",
        (
            first(row(MANDATE, **mandate((B, "2020-01-01")))),
            change(1, T1, row(MANDATE, "POISTETTU", **mandate((B, "2020-01-01")))),
        ),
        (now("adult_guardianship", "related_identity_code"),),
    ),
    Case(
        "an empty list of powers of attorney leaves nothing",
        (
            first(row(MANDATE, **mandate((B, "2020-01-01")))),
            change(1, T1, row(MANDATE, "MUUTETTU", **mandate())),
        ),
        (now("adult_guardianship", "related_identity_code"),),
    ),
    Case(
        "fresh data end the powers of attorney that they do not list",
        (
            first(row(MANDATE, **mandate((B, "2020-01-01")))),
            fresh(row(MANDATE, **mandate((C, "2020-01-01")))),
        ),
        (now("adult_guardianship", "related_identity_code", (CODES["C"],)),),
    ),
)
DETAILS = {
    "LAPSEN_REKISTEROINNIN_LISATIEDOT": "lapsi",
    "MAASTAMUUTON_LISATIEDOT_PUOLISOSTA": "puoliso",
    "MAASTAMUUTON_LISATIEDOT_VANHEMMASTA": "vanhempi",
    "MAASTAMUUTON_LISATIEDOT_HUOLTAJASTA": "huoltaja",
}


def _details(group: str) -> tuple[Case, ...]:
    field = DETAILS[group]
    return (
        Case(
            f"{group} has one row for each other person, and fresh data end those not listed",
            (
                first(
                    row(group, **{field: B}, lisatiedot={"sukupuoli": "MIES"}),
                    row(group, **{field: C}, lisatiedot={"sukupuoli": "MIES"}),
                ),
                change(
                    1, T1, row(group, "MUUTETTU", **{field: B}, lisatiedot={"sukupuoli": "NAINEN"})
                ),
            ),
            (now("other_group", "tietoryhma withheld", (group, False), (group, False)),),
        ),
        Case(
            f"fresh data end what of {group} they do not list",
            (
                first(row(group, **{field: B}), row(group, **{field: C})),
                fresh(row(group, **{field: C})),
            ),
            (now("other_group", "tietoryhma", (group,)),),
        ),
    )


PARENT_CASES = (
    *(case for group in SIDES for case in _parenthood(group)),
    Case(
        "children that are told by different groups are all shown",
        (
            first(
                row("LAPSI", **tie("LAPSI", B)),
                row(FAMILY, **family("LAPSI", C)),
                row("LAPSI_SUPPEA", **tie("LAPSI", named("Aino", "Testi", "1990-01-01"))),
            ),
        ),
        (
            now(
                "parent_child",
                "related_identity_code source_group",
                (CODES["B"], "LAPSI"),
                (CODES["C"], FAMILY),
                (None, "LAPSI_SUPPEA"),
            ),
        ),
    ),
    Case(
        "a child can be told as a parent as well: two relations",
        (first(row("LAPSI", **tie("LAPSI", B)), row("VANHEMPI_SUPPEA", **tie("VANHEMPI", B))),),
        (now("parent_child", "relation", ("child",), ("parent",)),),
    ),
    Case(
        "one person in two roles of a family relation is two rows",
        (first(row(FAMILY, **family("LAPSI", B)), row(FAMILY, **family("VANHEMPI", B))),),
        (now("parent_child", "relation", ("child",), ("parent",)),),
    ),
    *ADULTS,
    *(case for group in DETAILS for case in _details(group)),
    Case(
        "an order letter is one",
        (
            first(row("JARJESTYSKIRJAIN", jarjestyskirjain="A")),
            change(1, T1, row("JARJESTYSKIRJAIN", "MUUTETTU", jarjestyskirjain="B")),
        ),
        (now("other_group", "payload", ({"jarjestyskirjain": "B"},)),),
    ),
    Case(
        "a group that nobody knows is kept whole, row by row",
        (
            first(row("UUSI_RYHMA", a=1), row("UUSI_RYHMA", a=2)),
            change(1, T1, row("UUSI_RYHMA", "POISTETTU", a=1)),
        ),
        (now("other_group", "payload", ({"a": 2},)),),
    ),
)
