"""What a group of the old files says in the interface's words, where its fields alone do not tell.

One function a tietoryhma, given the row that the layout made; add one where a group turns out to
need more than one field. Keep out widths, paths and code lists (`catalogue/legacy.py`) and messages
(`messages.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vtj_pipeline.catalogue.legacy import NAME_KINDS
from vtj_pipeline.catalogue.model import UNCHANGED
from vtj_pipeline.legacy.dates import partial_date
from vtj_pipeline.legacy.record import Group, Record

Row = dict[str, Any]
_STANDS = "0136"
_DELTAS = {
    "1": "lisatytKansalaisuudet",
    "3": "muutetutKansalaisuudet",
    "4": "poistetutKansalaisuudet",
    "5": "korjattavatKansalaisuudet",
    "6": "korjatutKansalaisuudet",
}
_RIGHT_DELTAS = {"1": "lisatytOikeudet", "3": "muutetutOikeudet", "4": "poistetutOikeudet"}
_NOT_GIVEN = "00000000"


def field(group: Group, name: str) -> str:
    """A field of a group by the layout's name of it."""
    assert group.layout is not None
    for each, value in zip(group.layout.fields, group.values, strict=True):
        if each.name == name:
            return value
    msg = f"group {group.code} has no field {name}"
    raise KeyError(msg)


def _death(row: Row, group: Group, record: Record) -> None:
    # A correction from or to no date is of a death that was not: elsewhere only the day is unknown.
    row["kuollut"] = not (group.digit in "56" and "kuolinpv" not in row)


def _protection(row: Row, group: Group, record: Record) -> None:
    end = field(group, "end")
    is_over = "turvaLoppuPv" in row and end < record.registered
    row["turvakieltoAktiivinen"] = group.digit != "4" and not is_over


def _names(row: Row, group: Group, record: Record) -> None:
    if group.digit == "3" and "sukunimi" not in row:
        # A change of given names leaves the surname blank.
        row["sukunimi"] = UNCHANGED


def _name_change(row: Row, group: Group, record: Record) -> None:
    if "nimilaji" in row:
        row["nimilaji"] = NAME_KINDS.get(row["nimilaji"], row["nimilaji"])


def _guardian(row: Row, group: Group, record: Record) -> None:
    row.setdefault("huoltaja", {})
    assert group.layout is not None
    if group.layout.length > 43:
        row.setdefault("oikeudet", [])
    elif field(group, "kind") == "06":
        row["huoltajanRooli"] = "MUU_HUOLTAJA"


def _adult_guardianship(row: Row, group: Group, record: Record) -> None:
    row.setdefault("nykyisetEdunvalvojat", [])


def _power_of_attorney(row: Row, group: Group, record: Record) -> None:
    row.setdefault("nykyisetEdunvalvontavaltuutetut", [])


def _email(row: Row, group: Group, record: Record) -> None:
    if row.get("lajikoodi") == "11":
        row["lajikoodi"] = "MAISTRAATTI"


RULES: dict[str, Callable[[Row, Group, Record], None]] = {
    "KUOLINPAIVA": _death,
    "TURVAKIELTO": _protection,
    "HENKILON_NIMI": _names,
    "NIMENMUUTOS": _name_change,
    "KUTSUMANIMI": _name_change,
    "HUOLTAJA": _guardian,
    "EDUNVALVONTA": _adult_guardianship,
    "EDUNVALVONTAVALTUUTUS": _power_of_attorney,
    "SAHKOPOSTIOSOITE": _email,
}


def attribute_of(row: Row, group: Group, record: Record, told: str) -> str:
    """The `muutosattribuutti` of a row, where the digit's own word would mislead the fold."""
    if row["tietoryhma"] == "TURVAKIELTO" and group.digit == "4":
        # The interface tells the end of an order as its last state, with the day that it ended on;
        # an order whose end was still to come is removed as one that never was.
        return "MUUTETTU" if field(group, "end") <= record.registered else told
    if row["tietoryhma"] == "SAHKOPOSTIOSOITE" and group.digit == "3":
        end = field(group, "end")
        if end != _NOT_GIVEN and end <= record.registered:
            # A person has one address in the interface, and no row there says that it has ended.
            others = (g for g in record.groups if g.code == "421" and g is not group)
            return "LISATIETO" if any(g.digit in "16" for g in others) else "POISTETTU"
    return told


def refine(row: Row, group: Group, inner: Row, path: str, *, is_change: bool) -> None:
    """Put what a refining group says into the row that it refines.

    Args:
        row: The row.
        group: The refining group.
        inner: Its fields, by path.
        path: Where it belongs (`LegacyLayout.into`).
        is_change: Whether the row is one of a change.
    """
    if not path:
        return
    if group.code == "452":
        row[path] = inner["text"]
    elif group.code == "451":
        row.setdefault(path, {}).update(inner)
    elif group.code == "320":
        if group.digit in _STANDS:
            row.setdefault(path, []).append(inner)
        if is_change and group.digit in _RIGHT_DELTAS:
            row.setdefault(_RIGHT_DELTAS[group.digit], []).append(inner)


def is_present(group: Group, record: Record) -> bool:
    """Whether a guardian of an adult belongs to the list after the change.

    The interface tells of a holder of a power of attorney from when to when, of a guardian only
    that there is one.
    """
    if group.digit not in _STANDS:
        return False
    end = field(group, "end")
    return group.code == "317" or partial_date(end) is None or end > record.registered


def citizenships(groups: Sequence[tuple[str, Row]], *, is_change: bool) -> Row:
    """The one row that a record's citizenships make.

    Args:
        groups: Digit and element of each, in order.
        is_change: Whether the delta belongs to it.
    """
    row: Row = {
        "tietoryhma": "KANSALAISUUS",
        "henkilonKansalaisuudet": [one for digit, one in groups if digit in _STANDS],
    }
    if is_change:
        for digit, one in groups:
            if digit in _DELTAS:
                row.setdefault(_DELTAS[digit], []).append(one)
    return row


def link_codes(rows: Sequence[Row]) -> None:
    """Give each HENKILOTUNNUS_KORJAUS of a record the code in force and those before it."""
    active = [r["muutettuHenkilotunnus"] for r in rows if r.get("voimassaolo") == "AKTIIVI"]
    passive = [r["muutettuHenkilotunnus"] for r in rows if r.get("voimassaolo") == "PASSIIVI"]
    for row in rows:
        row["aktiivinenHenkilotunnus"] = active[-1] if active else None
        row["edellisetHenkilotunnukset"] = passive


def reopen_municipality(rows: list[Row]) -> None:
    """Say of a removed KOTIKUNTA what stands instead: the one told as context in its record."""
    homes = [row for row in rows if row["tietoryhma"] == "KOTIKUNTA"]
    context = [r for r in homes if r["muutosattribuutti"] == "LISATIETO" and "kuntakoodi" in r]
    standing = [{n: v for n, v in r.items() if n != "muutosattribuutti"} for r in context]
    if standing:
        for row in homes:
            if row["muutosattribuutti"] == "POISTETTU":
                row["voimassaolevatTiedot"] = standing
