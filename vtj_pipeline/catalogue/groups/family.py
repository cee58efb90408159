"""Groups about a person's relations to other persons (contract §3.6 to §3.8).

Keep out what is told of one person alone (`person.py`).
"""

from vtj_pipeline.catalogue.groups.shapes import (
    BOOLEAN,
    IS_ACTIVE,
    RELATED_FIELDS,
    dated,
    dates,
    person_columns,
    person_field,
    same,
    span,
    texts,
)
from vtj_pipeline.catalogue.model import RELATED, Field, Kind, Tietoryhma

_RIGHT = (*texts("oikeus"), *dates("oikeudenAlkupv", "oikeudenLoppupv"), *texts("sisalto"))
_RIGHTS = tuple(
    Field(name, Kind.OBJECT_LIST, _RIGHT)
    for name in ("oikeudet", "lisatytOikeudet", "poistetutOikeudet", "muutetutOikeudet")
)
_GUARDIANSHIP_SPAN = span("huoltosuhteenAlkupv", "huoltosuhteenLoppupv")
_WHAT_CHANGED = tuple(
    Field(name, BOOLEAN)
    for name in ("huoltosuhteenMuutos", "huollonOikeudenMuutos", "huollonAsumisenMuutos")
)
_FULL_GUARDIANSHIP = (
    *texts("huoltajanLaji", "huoltajanRooli"),
    *_GUARDIANSHIP_SPAN,
    Field("asuminen"),
    *span("asumisenAlkupv", "asumisenLoppupv"),
    *_RIGHTS,
    *_WHAT_CHANGED,
)
_FULL_COLUMNS = {
    **same("guardian_kind=huoltajanLaji", "guardian_role=huoltajanRooli", "living=asuminen"),
    **dated("living_from", "asumisenAlkupv"),
    **dated("living_to", "asumisenLoppupv"),
    "rights": "oikeudet",
}
_VARIANTS = {"": 1, "_SUPPEA": 2, "_RAJOITETTU": 3}
_SIDES = (
    ("HUOLTAJA", "huoltaja", "guardian", "A guardian of the child."),
    ("HUOLLETTAVA", "huollettava", "dependant", "A child of whom the person is a guardian."),
)


def _guardianship(variant: str, side: tuple[str, str, str, str]) -> Tietoryhma:
    name, related, role, description = side
    restricted = variant == "_RAJOITETTU"
    narrow = (*texts("huoltajanRooli"), *_GUARDIANSHIP_SPAN, *_WHAT_CHANGED)
    return Tietoryhma(
        name=name + variant,
        finnish=related + {"": "", "_SUPPEA": ", suppea", "_RAJOITETTU": ", rajoitettu"}[variant],
        description=description,
        fields=(person_field(related), *(narrow if restricted else _FULL_GUARDIANSHIP)),
        table="guardianship",
        columns={
            "role": f"'{role}'",
            **person_columns(related),
            **({"guardian_role": "huoltajanRooli"} if restricted else _FULL_COLUMNS),
        },
        key=(RELATED, "valid_from") if restricted else (RELATED, "guardian_kind", "valid_from"),
        related=related,
        start="huoltosuhteenAlkupv",
        end="huoltosuhteenLoppupv",
        end_is_inclusive=False,
        rank=_VARIANTS[variant],
        source="contract §3.6, §4.3, §4.6: voimassaolevatTiedot decides who is a guardian",
    )


_PARENTHOOD = (
    *texts("isaAiti", "vanhemmuusnimike", "lapsilaatu"),
    *span(),
    Field("adoptiosuhde", Kind.OBJECT, dates("alkupv")),
    *texts("jarjestyskirjain"),
)
_PARENTHOOD_COLUMNS = {
    **same("parent_role=isaAiti", "parent_title=vanhemmuusnimike", "parenthood_basis=lapsilaatu"),
    **dated("adopted_on", "adoptiosuhde.alkupv"),
    "order_letter": "jarjestyskirjain",
}


def _parenthood(related: str, relation: str, description: str) -> Tietoryhma:
    return Tietoryhma(
        name=related.upper(),
        finnish=related,
        description=description,
        fields=(person_field(related), *_PARENTHOOD),
        table="parent_child",
        columns={
            "relation": f"'{relation}'",
            **person_columns(related),
            **_PARENTHOOD_COLUMNS,
        },
        key=(RELATED,),
        related=related,
        start="alkupv",
        end="loppupv",
        end_is_inclusive=False,
        rank=1,
        source="contract §3.7; the end is the first day after (§3.0)",
    )


def _narrow_parenthood(related: str, relation: str, description: str) -> Tietoryhma:
    ended = "lapsiVanhempiSuhdePaattynyt"
    return Tietoryhma(
        name=f"{related.upper()}_SUPPEA",
        finnish=f"{related}, suppea",
        description=description,
        fields=(
            person_field(related),
            *texts("vanhemmuusnimike"),
            *dates("alkupv"),
            *texts("jarjestyskirjain", "isaAiti"),
            Field(ended, BOOLEAN),
        ),
        table="parent_child",
        columns={
            "relation": f"'{relation}'",
            **person_columns(related),
            **same("parent_role=isaAiti", "parent_title=vanhemmuusnimike"),
            **same("order_letter=jarjestyskirjain", f"has_ended={ended}"),
        },
        key=(RELATED,),
        related=related,
        start="alkupv",
        rank=3,
        source="contract §3.7, §8 #15",
    )


def _union(name: str, finnish: str, union: str, related: str, day: str, way: str) -> Tietoryhma:
    return Tietoryhma(
        name=name,
        finnish=finnish,
        description="A marriage." if union == "marriage" else "A registered partnership.",
        fields=(
            person_field(related),
            Field("voimassaolo"),
            *dates(day),
            Field(way),
            Field("jarjestysnumero", Kind.INTEGER),
        ),
        table="marriage",
        columns={
            "union_type": f"'{union}'",
            **person_columns(related),
            **IS_ACTIVE,
            **same(f"manner={way}", "order_number=jarjestysnumero"),
        },
        key=("order_number",),
        related=related,
        start=day,
        source="contract §3.7; the source tells no last day, is_active tells that it is over",
    )


FAMILY_GROUPS = (
    Tietoryhma(
        name="SIVIILISAATY",
        finnish="siviilisääty",
        description="Civil status.",
        fields=texts("siviilisaaty"),
        table="marital_status",
        part="status",
        columns={"marital_status": "siviilisaaty"},
        source="contract §3.1",
    ),
    _union("AVIOLIITTO", "avioliitto", "marriage", "puoliso", "vihkipv", "vihkitapa"),
    _union(
        "REKISTEROITY_PARISUHDE",
        "rekisteröity parisuhde",
        "registered_partnership",
        "osapuoli",
        "virallistamispv",
        "virallistamistapa",
    ),
    *(_guardianship(variant, side) for side in _SIDES for variant in _VARIANTS),
    _parenthood("lapsi", "child", "A child of the person."),
    _parenthood("vanhempi", "parent", "A parent of the person."),
    Tietoryhma(
        name="PERHESUHDE",
        finnish="perhesuhde",
        description="A parent or a child of the person.",
        fields=(
            person_field("henkilo"),
            *texts("rooli", "isaAiti", "lapsilaatu", "vanhemmuusnimike"),
            *span(),
            *texts("voimassaolo"),
        ),
        table="parent_child",
        columns={
            "relation": "case {rooli} when 'LAPSI' then 'child' when 'VANHEMPI' then 'parent' "
            "else lower({rooli}) end",
            **person_columns("henkilo"),
            **same("parent_role=isaAiti", "parent_title=vanhemmuusnimike"),
            "parenthood_basis": "lapsilaatu",
            "has_ended": "{voimassaolo} = 'PASSIIVI'",
        },
        key=(RELATED, "relation", "parenthood_basis"),
        related="henkilo",
        start="alkupv",
        end="loppupv",
        end_is_inclusive=False,
        rank=2,
        source="contract §3.7, §8 #15: LAPSI and VANHEMPI tell more",
    ),
    _narrow_parenthood("lapsi", "child", "A child of the person, told narrowly."),
    _narrow_parenthood("vanhempi", "parent", "A parent of the person, told narrowly."),
    Tietoryhma(
        name="EDUNVALVONTA",
        finnish="edunvalvonta",
        description="The guardianship of an adult, with all its guardians.",
        fields=(
            *span("alkupv", "paatymispv"),
            Field(
                "nykyisetEdunvalvojat",
                Kind.OBJECT_LIST,
                (Field("edunvalvoja", Kind.OBJECT, RELATED_FIELDS),),
            ),
        ),
        table="adult_guardianship",
        whole_list="nykyisetEdunvalvojat",
        list_may_be_empty=True,
        columns={"guardianship_type": "'guardianship'", **person_columns("edunvalvoja")},
        key=(RELATED, "valid_from"),
        related="edunvalvoja",
        start="/alkupv",
        end="/paatymispv",
        end_is_inclusive=False,
        source="contract §3.8: read by one client only, no payload was seen",
    ),
    Tietoryhma(
        name="EDUNVALVONTAVALTUUTUS",
        finnish="edunvalvontavaltuutus",
        description="A continuing power of attorney, with all its holders.",
        fields=(
            Field(
                "nykyisetEdunvalvontavaltuutetut",
                Kind.OBJECT_LIST,
                (
                    Field("edunvalvontavaltuutettu", Kind.OBJECT, RELATED_FIELDS),
                    *span("valtuutussuhteenAlkupv", "valtuutussuhteenLoppupv"),
                ),
            ),
        ),
        table="adult_guardianship",
        whole_list="nykyisetEdunvalvontavaltuutetut",
        columns={
            "guardianship_type": "'power_of_attorney'",
            **person_columns("edunvalvontavaltuutettu"),
        },
        key=(RELATED, "valid_from"),
        related="edunvalvontavaltuutettu",
        start="valtuutussuhteenAlkupv",
        end="valtuutussuhteenLoppupv",
        end_is_inclusive=False,
        source="contract §3.8: read by one client only, no payload was seen",
    ),
)
