"""Rows about where somebody stays for a time, in an institution, or stayed before (contract §3.5).

Add a function for a group of places that `rows.py` does not know. Keep out when these rows come
(`events/`) and what everybody has at first (`furnishing.py`).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox import rows as r

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Address, ForeignAddress, Person
    from vtj_pipeline.sandbox.rows import Row

STILL_IN_FORCE = date(2999, 2, 28)
"""The far-future end of a row that was closed and yet is in force (contract §8 #28)."""

_PAST_OF = {k.INSTITUTION: k.PAST_INSTITUTION, r.LIVING_ABROAD: k.PAST_ABROAD}
_STARTS = ("alkupv", "kuntaanMuuttopv")


def regrouped(row: Row, group: str) -> Row:
    """Return the same content as a row of another group."""
    return {**row, "tietoryhma": group}


def ended(row: Row, day: date) -> Row:
    """Return a row with its last day."""
    name = "kunnastaPoisMuuttopv" if "kuntaanMuuttopv" in row else "loppupv"
    return {**row, name: r.partial(day)}


def begun(row: Row) -> date:
    """Return the first day of a row."""
    name = next(name for name in _STARTS if name in row)
    return date.fromisoformat(row[name]["arvo"])


def last_day(row: Row) -> date | None:
    """Return the last day of a row, where it has one."""
    return date.fromisoformat(row["loppupv"]["arvo"]) if "loppupv" in row else None


def closing_rows(person: Person) -> list[Row]:
    """Return the closing rows of a person that are still true: corrected ones are told as past."""
    found = []
    for row in person.ended:
        past = _PAST_OF.get(row["tietoryhma"])
        plain = {name: value for name, value in row.items() if name != "muutosattribuutti"}
        if past is None or regrouped(plain, past) in person.kept:
            found.append(row)
    return found


def begun_on(row: Row, day: date) -> Row:
    """Return the row with another first day."""
    name = next(name for name in _STARTS if name in row)
    return {**row, name: r.partial(day)}


def past_dwelling_row(address: Address) -> Row:
    """Return EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS of an ended permanent address."""
    return regrouped(r.dwelling_row(address), k.PAST_DWELLING)


def bare_dwelling_row(municipality: str, since: date, until: date) -> Row:
    """Return EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS of which no building is known."""
    return r.single(
        k.PAST_DWELLING,
        kuntakoodi=municipality,
        alkupv=r.partial(since),
        loppupv=r.partial(until),
    )


def institution_row(group: str, municipality: str, kind: int, unit: int, since: date) -> Row:
    """Return an OLINPAIKASSA_ASUMINEN: 14 digits of dwelling id."""
    return r.single(
        group,
        kuntakoodi=municipality,
        lajikoodi=kind,
        numero="0000",
        laitos=f"{unit:04d}",
        alkupv=r.partial(since),
        asuinpaikantunnus=f"{municipality}{kind:03d}0000{unit:04d}",
    )


def temporary_rows(address: Address, home: str | None) -> list[Row]:
    """Return the rows of a temporary address; in another municipality that one is told too."""
    found = [
        regrouped(r.address_row(address), k.TEMPORARY_ADDRESS),
        regrouped(r.dwelling_row(address), k.TEMPORARY_DWELLING),
    ]
    if address.dwelling.municipality != home:
        found.append(municipality_row(address.dwelling.municipality, address.since))
    return found


def municipality_row(municipality: str, since: date) -> Row:
    """Return TILAPAINEN_KUNTA."""
    return r.single(
        k.TEMPORARY_MUNICIPALITY, kuntakoodi=municipality, kuntaanMuuttopv=r.partial(since)
    )


def temporary_foreign_rows(address: ForeignAddress) -> list[Row]:
    """Return the rows of a temporary address abroad."""
    return [
        regrouped(r.foreign_row(address), k.TEMPORARY_FOREIGN),
        regrouped(r.living_abroad_row(address), k.TEMPORARY_ABROAD),
    ]


def past_abroad_row(address: ForeignAddress) -> Row:
    """Return ENTINEN_ULKOMAILLA_ASUMINEN of an ended permanent address abroad."""
    return regrouped(r.living_abroad_row(address), k.PAST_ABROAD)
