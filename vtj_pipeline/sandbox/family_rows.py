"""Family facts as rows of contract §3.6 to §3.9; `perustiedot` shows `family_rows`.

A fact comes as one row in each of its sibling groups, with the fields of that variant. Rows are
never changed after they are built. Keep out in which message they come (`events/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from vtj_pipeline.sandbox.family_state import ADOPTIVE
from vtj_pipeline.sandbox.rows import partial

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vtj_pipeline.sandbox.family_state import (
        Care,
        Detail,
        Guardianship,
        Mandate,
        Parenthood,
        Right,
        Stub,
        Union,
    )
    from vtj_pipeline.sandbox.person_state import Person

Row = dict[str, Any]

GUARDIAN_GROUPS = ("HUOLTAJA", "HUOLTAJA_SUPPEA", "HUOLTAJA_RAJOITETTU")
DEPENDANT_GROUPS = ("HUOLLETTAVA", "HUOLLETTAVA_SUPPEA", "HUOLLETTAVA_RAJOITETTU")
FAMILY_RELATION = "PERHESUHDE"
PARENT_GROUPS = ("VANHEMPI", "VANHEMPI_SUPPEA", FAMILY_RELATION)
CHILD_GROUPS = ("LAPSI", "LAPSI_SUPPEA", FAMILY_RELATION)
MARRIAGE, PARTNERSHIP = "AVIOLIITTO", "REKISTEROITY_PARISUHDE"
ORDER_LETTER = "JARJESTYSKIRJAIN"
CARE, MANDATE = "EDUNVALVONTA", "EDUNVALVONTAVALTUUTUS"
BIRTH_DETAILS = "LAPSEN_REKISTEROINNIN_LISATIEDOT"
_EMIGRATION = "MAASTAMUUTON_LISATIEDOT_"
_EMIGRATION_RELATED = {
    "PUOLISOSTA": "puoliso",
    "VANHEMMASTA": "vanhempi",
    "HUOLTAJASTA": "huoltaja",
}
_NARROW_ROLE = {adoptive: plain for plain, adoptive in ADOPTIVE.items()}


class Changed(NamedTuple):
    """What a change row of a guardianship says besides the whole row (contract §3.6)."""

    relation: bool = False
    rights: bool = False
    living: bool = False
    added: tuple[Right, ...] = ()
    removed: tuple[Right, ...] = ()
    altered: tuple[Right, ...] = ()


def stub_row(stub: Stub) -> Row:
    """Return a related person: what was known, which may be a code alone or no code."""
    row: Row = {}
    if stub.code is not None:
        row["henkilotunnus"] = stub.code
    if stub.first_names is not None:
        row["etunimet"] = row["etunimetUTF8"] = stub.first_names
    if stub.last_name is not None:
        row["sukunimi"] = row["sukunimiUTF8"] = stub.last_name
    if stub.born is not None:
        row["syntymapv"] = partial(stub.born, stub.born_precision)
    if stub.sex is not None:
        row["sukupuoli"] = stub.sex
    if stub.country is not None:
        row["kansalaisuuskoodi"] = stub.country
    return row


def _right(right: Right) -> Row:
    row: Row = {
        "oikeus": right.code,
        "oikeudenAlkupv": partial(right.since),
        "oikeudenLoppupv": partial(right.until),
    }
    if right.text is not None:
        row["sisalto"] = right.text
    return row


def guardianship_row(
    group: str, relation: Guardianship, changed: Changed | None = None, related: Row | None = None
) -> Row:
    """Return a row of HUOLTAJA*, HUOLLETTAVA*; the restricted one tells least.

    Args:
        group: Which of the six.
        relation: The relation as it stands.
        changed: For change rows that say what changed.
        related: The related person's part where it is built already.
    """
    full = not group.endswith(("_SUPPEA", "_RAJOITETTU"))
    restricted = group.endswith("_RAJOITETTU")
    side = "huoltaja" if group in GUARDIAN_GROUPS else "huollettava"
    row: Row = {
        "tietoryhma": group,
        side: stub_row(relation.other) if related is None else related,
        "huoltajanRooli": relation.role if full else _NARROW_ROLE.get(relation.role, relation.role),
        "huoltosuhteenAlkupv": partial(relation.since),
        "huoltosuhteenLoppupv": partial(relation.until),
    }
    if restricted:
        return row
    row["huoltajanLaji"] = relation.kind
    if relation.living is not None:
        row["asuminen"] = relation.living.code
        row["asumisenAlkupv"] = partial(relation.living.since)
        if relation.living.until is not None:
            row["asumisenLoppupv"] = partial(relation.living.until)
    row["oikeudet"] = [_right(one) for one in relation.rights]
    return row if changed is None else {**row, **_told_changes(changed)}


def _told_changes(changed: Changed) -> Row:
    deltas = {
        "lisatytOikeudet": changed.added,
        "poistetutOikeudet": changed.removed,
        "muutetutOikeudet": changed.altered,
    }
    return {
        **{name: [_right(one) for one in rights] for name, rights in deltas.items() if rights},
        "huoltosuhteenMuutos": changed.relation,
        "huollonOikeudenMuutos": changed.rights,
        "huollonAsumisenMuutos": changed.living,
    }


def parenthood_row(
    group: str, relation: Parenthood, *, of_child: bool, related: Row | None = None
) -> Row:
    """Return LAPSI, VANHEMPI, their narrow variants, or PERHESUHDE.

    Args:
        group: The group.
        relation: The relation as it stands.
        of_child: Whether the related person is the child; PERHESUHDE says which.
        related: The related person's part where it is built already.
    """
    role = "lapsi" if of_child else "vanhempi"
    related = stub_row(relation.other) if related is None else related
    if group == FAMILY_RELATION:
        row: Row = {"tietoryhma": group, "henkilo": related, "rooli": role.upper()}
    else:
        row = {"tietoryhma": group, role: related}
    narrow = group.endswith("_SUPPEA")
    if not narrow:
        row["isaAiti"], row["lapsilaatu"] = relation.role, relation.quality
    if relation.label is not None:
        row["vanhemmuusnimike"] = relation.label
    if relation.since is not None:
        row["alkupv"] = partial(relation.since)
    if relation.until is not None and not narrow:
        row["loppupv"] = partial(relation.until)
    if group == FAMILY_RELATION:
        row["voimassaolo"] = "AKTIIVI" if relation.until is None else "PASSIIVI"
        return row
    if relation.adopted is not None and not narrow:
        row["adoptiosuhde"] = {"alkupv": partial(relation.adopted)}
    if relation.letter is not None:
        row["jarjestyskirjain"] = relation.letter
    return row


def narrow_change(relation: Parenthood) -> Row:
    """Return what change rows of LAPSI_SUPPEA and VANHEMPI_SUPPEA add (contract §3.7)."""
    return {"isaAiti": relation.role, "lapsiVanhempiSuhdePaattynyt": relation.until is not None}


def marriage_row(union: Union) -> Row:
    """Return AVIOLIITTO."""
    return {
        "tietoryhma": MARRIAGE,
        "puoliso": stub_row(union.other),
        "voimassaolo": "AKTIIVI" if union.is_active else "PASSIIVI",
        "vihkipv": partial(union.day),
        "vihkitapa": union.way,
        "jarjestysnumero": union.number,
    }


def partnership_row(union: Union) -> Row:
    """Return REKISTEROITY_PARISUHDE."""
    return {
        "tietoryhma": PARTNERSHIP,
        "osapuoli": stub_row(union.other),
        "voimassaolo": "AKTIIVI" if union.is_active else "PASSIIVI",
        "virallistamispv": partial(union.day),
        "virallistamistapa": union.way,
        "jarjestysnumero": union.number,
    }


def letter_row(letter: str) -> Row:
    """Return JARJESTYSKIRJAIN."""
    return {"tietoryhma": ORDER_LETTER, "jarjestyskirjain": letter}


def care_row(care: Care) -> Row:
    """Return EDUNVALVONTA with the whole list of guardians; one may be untold (§3.8)."""
    row: Row = {"tietoryhma": CARE, "alkupv": partial(care.since)}
    if care.until is not None:
        row["paatymispv"] = partial(care.until)
    row["nykyisetEdunvalvojat"] = [
        {} if one is None else {"edunvalvoja": stub_row(one)} for one in care.guardians
    ]
    return row


def mandate_row(mandates: Iterable[Mandate]) -> Row:
    """Return EDUNVALVONTAVALTUUTUS with the whole list of mandate holders."""
    holders = []
    for one in mandates:
        holder: Row = {
            "edunvalvontavaltuutettu": stub_row(one.other),
            "valtuutussuhteenAlkupv": partial(one.since),
        }
        if one.until is not None:
            holder["valtuutussuhteenLoppupv"] = partial(one.until)
        holders.append(holder)
    return {"tietoryhma": MANDATE, "nykyisetEdunvalvontavaltuutetut": holders}


def detail_row(group: str, related: str, detail: Detail) -> Row:
    """Return one of the groups of further details, with `lisatiedot` (contract §3.9)."""
    more: Row = {"sukupuoli": detail.sex}
    if detail.code is not None:
        more["henkilotunnus"] = detail.code
    if detail.birth_municipality is not None:
        more["syntymakotikunta"] = detail.birth_municipality
    if detail.country is not None:
        more["valtiokoodi"] = detail.country
    return {"tietoryhma": group, related: stub_row(detail.other), "lisatiedot": more}


def birth_detail_row(detail: Detail) -> Row:
    """Return LAPSEN_REKISTEROINNIN_LISATIEDOT."""
    return detail_row(BIRTH_DETAILS, "lapsi", detail)


def emigration_row(about: str, detail: Detail) -> Row:
    """Return MAASTAMUUTON_LISATIEDOT_ about a spouse, a parent or a guardian."""
    return detail_row(_EMIGRATION + about, _EMIGRATION_RELATED[about], detail)


def guardianship_rows(groups: Iterable[str], relations: Iterable[Guardianship]) -> list[Row]:
    """Return relations in each of the sibling groups, the groups one after the other."""
    held = [(one, stub_row(one.other)) for one in relations]
    return [guardianship_row(g, one, related=related) for g in groups for one, related in held]


def parenthood_rows(
    groups: Iterable[str], relations: Iterable[Parenthood], *, of_child: bool
) -> list[Row]:
    """Return relations in each of the sibling groups, the groups one after the other."""
    held = [(one, stub_row(one.other)) for one in relations]
    return [
        parenthood_row(g, one, of_child=of_child, related=related)
        for g in groups
        for one, related in held
    ]


def family_rows(person: Person) -> list[Row]:
    """Return the family rows of `perustiedot`, ended relations included."""
    found: list[Row] = []
    if person.guardians:
        found += guardianship_rows(GUARDIAN_GROUPS, person.guardians)
    if person.dependants:
        found += guardianship_rows(DEPENDANT_GROUPS, person.dependants)
    family = person.family
    if family.children:
        found += parenthood_rows(CHILD_GROUPS, family.children, of_child=True)
    if family.parents:
        found += parenthood_rows(PARENT_GROUPS, family.parents, of_child=False)
    found += [marriage_row(one) for one in family.marriages]
    found += [partnership_row(one) for one in family.partnerships]
    if family.letter is not None:
        found.append(letter_row(family.letter))
    if family.care is not None:
        found.append(care_row(family.care))
    if family.mandates:
        found.append(mandate_row(family.mandates))
    found += [birth_detail_row(one) for one in family.births]
    found += [emigration_row(about, detail) for about, detail in family.emigration]
    return found
