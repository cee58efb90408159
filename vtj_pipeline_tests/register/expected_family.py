"""What the register must hold now of each row of `perustiedot` about relations and citizenships.

Here are the groups of which one row is not simply one row: lists, and siblings of which only one
shows a fact. Written by hand, nothing taken from the catalogue. Keep out all else
(`expected_rows.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from vtj_pipeline_tests.register.expected_dates import (
    Columns,
    Row,
    canonical,
    dated,
    related,
    valid,
    who,
)


class Sibling(NamedTuple):
    """One of several groups that tell the same facts.

    Attributes:
        table: Where the facts stand.
        rank: Of those that tell a fact, the one with the smallest is shown.
        fact: What tells one fact from another, of a row.
        to_row: The register row of a source row.
    """

    table: str
    rank: int
    fact: Callable[[Row], tuple[object, ...]]
    to_row: Callable[[Row], Columns]


def _guardianship(role: str, field: str, rank: int) -> Sibling:
    def to_row(row: Row) -> Columns:
        found = {
            "role": role,
            **related(row[field]),
            "guardian_role": row.get("huoltajanRooli"),
            **valid(row, "huoltosuhteenAlkupv", "huoltosuhteenLoppupv", last_day=False),
        }
        if rank == 3:
            return found
        return {
            **found,
            "guardian_kind": row.get("huoltajanLaji"),
            "living": row.get("asuminen"),
            **dated("living_from", row.get("asumisenAlkupv")),
            **dated("living_to", row.get("asumisenLoppupv")),
            "rights": None if row.get("oikeudet") is None else canonical(row["oikeudet"]),
        }

    def fact(row: Row) -> tuple[object, ...]:
        return (role, who(row[field]), (row.get("huoltosuhteenAlkupv") or {}).get("arvo"))

    return Sibling("guardianship", rank, fact, to_row)


def _child_of(row: Row) -> str:
    return {"LAPSI": "child", "VANHEMPI": "parent"}[row["rooli"]]


def _parenthood(relation: str | None, field: str, rank: int) -> Sibling:
    def to_row(row: Row) -> Columns:
        found = {
            "relation": relation or _child_of(row),
            **related(row[field]),
            "parent_title": row.get("vanhemmuusnimike"),
            "order_letter": row.get("jarjestyskirjain"),
            **valid(row, "alkupv", "loppupv", last_day=False),
        }
        if rank == 3:
            return found
        told = {"parent_role": row.get("isaAiti"), "parenthood_basis": row.get("lapsilaatu")}
        if rank == 2:
            return {**found, **told, "has_ended": row.get("voimassaolo") == "PASSIIVI"}
        adoption = row.get("adoptiosuhde") or {}
        return {**found, **told, **dated("adopted_on", adoption.get("alkupv"))}

    def fact(row: Row) -> tuple[object, ...]:
        return (relation or _child_of(row), who(row[field]))

    return Sibling("parent_child", rank, fact, to_row)


def _name_type(row: Row) -> str:
    return str(row["nimilaji"]).removeprefix("NYKYINEN_").removeprefix("EDELLINEN_")


def _past_name(rank: int) -> Sibling:
    def to_row(row: Row) -> Columns:
        return {
            "name_kind": row.get("nimilaji"),
            "name_type": _name_type(row),
            "name": row.get("nimi"),
            "name_utf8": row.get("nimiUTF8"),
            "change_manner": row.get("nimenmuutostapa"),
            **valid(row, "alkupv", "loppupv", last_day=False),
        }

    def fact(row: Row) -> tuple[object, ...]:
        return (_name_type(row), (row.get("alkupv") or {}).get("arvo") or row.get("nimi"))

    return Sibling("name_history", rank, fact, to_row)


SIBLINGS: dict[str, Sibling] = {
    "HUOLTAJA": _guardianship("guardian", "huoltaja", 1),
    "HUOLTAJA_SUPPEA": _guardianship("guardian", "huoltaja", 2),
    "HUOLTAJA_RAJOITETTU": _guardianship("guardian", "huoltaja", 3),
    "HUOLLETTAVA": _guardianship("dependant", "huollettava", 1),
    "HUOLLETTAVA_SUPPEA": _guardianship("dependant", "huollettava", 2),
    "HUOLLETTAVA_RAJOITETTU": _guardianship("dependant", "huollettava", 3),
    "LAPSI": _parenthood("child", "lapsi", 1),
    "VANHEMPI": _parenthood("parent", "vanhempi", 1),
    "PERHESUHDE": _parenthood(None, "henkilo", 2),
    "LAPSI_SUPPEA": _parenthood("child", "lapsi", 3),
    "VANHEMPI_SUPPEA": _parenthood("parent", "vanhempi", 3),
    "NIMENMUUTOS_LAAJA": _past_name(1),
    "NIMENMUUTOS": _past_name(2),
}
# What a change row tells and `perustiedot` does not (contract §3.7).
ONLY_IN_CHANGES = {
    "LAPSI_SUPPEA": ("parent_role", "has_ended"),
    "VANHEMPI_SUPPEA": ("parent_role", "has_ended"),
}


def best_told(rows: Iterable[Row]) -> Iterator[tuple[str, str, Columns]]:
    """Group, table and columns of the rows of one person's siblings that are shown."""
    told = [(row["tietoryhma"], SIBLINGS[row["tietoryhma"]], row) for row in rows]
    best: dict[tuple[object, ...], int] = {}
    for _, sibling, row in told:
        fact = (sibling.table, *sibling.fact(row))
        best[fact] = min(sibling.rank, best.get(fact, sibling.rank))
    for group, sibling, row in told:
        if best[sibling.table, *sibling.fact(row)] == sibling.rank:
            yield group, sibling.table, sibling.to_row(row)


def _citizenships(row: Row) -> Iterator[Columns]:
    for one in row["henkilonKansalaisuudet"]:
        yield {
            "country_code": one.get("kansalaisuuskoodi"),
            "country_name": one.get("kansalaisuusnimi"),
            "is_active": one.get("voimassaolo") != "PASSIIVI",
            **valid(one, "saamispv", "menetyspv", last_day=False),
        }


def _adult_guardians(row: Row) -> Iterator[Columns]:
    # Guardians who are not told cannot be told from one another.
    told = {repr(one): one for one in row["nykyisetEdunvalvojat"] or [{}]}
    for one in told.values():
        yield {
            "guardianship_type": "guardianship",
            **related(one.get("edunvalvoja")),
            **valid(row, "alkupv", "paatymispv", last_day=False),
        }


def _mandate_holders(row: Row) -> Iterator[Columns]:
    for one in row["nykyisetEdunvalvontavaltuutetut"]:
        yield {
            "guardianship_type": "power_of_attorney",
            **related(one.get("edunvalvontavaltuutettu")),
            **valid(one, "valtuutussuhteenAlkupv", "valtuutussuhteenLoppupv", last_day=False),
        }


LISTS: dict[str, tuple[str, Callable[[Row], Iterator[Columns]]]] = {
    "KANSALAISUUS": ("citizenship", _citizenships),
    "EDUNVALVONTA": ("adult_guardianship", _adult_guardians),
    "EDUNVALVONTAVALTUUTUS": ("adult_guardianship", _mandate_holders),
}


def _union(union: str, field: str, day: str, manner: str) -> Callable[[Row], Columns]:
    return lambda row: {
        "union_type": union,
        "order_number": row.get("jarjestysnumero"),
        **related(row[field]),
        "is_active": row.get("voimassaolo") != "PASSIIVI",
        "manner": row.get(manner),
        **valid(row, day),
    }


UNIONS: dict[str, tuple[str, Callable[[Row], Columns]]] = {
    "AVIOLIITTO": ("marriage", _union("marriage", "puoliso", "vihkipv", "vihkitapa")),
    "REKISTEROITY_PARISUHDE": (
        "marriage",
        _union("registered_partnership", "osapuoli", "virallistamispv", "virallistamistapa"),
    ),
}
