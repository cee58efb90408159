"""Facts that are nothing but a row: which groups are kept so, and where they stand.

Most groups beyond names, homes and addresses say one thing that no other fact depends on. A person
keeps such a fact as its row (`Person.kept`), the same object that `perustiedot` shows. Add a group
to its section here. Keep out what makes such rows (`furnishing.py`, `events/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row

BANS = (
    "SUORAMARKKINOINTIKIELTO",
    "HENKILOMATRIKKELIKIELTO",
    "SUKUTUTKIMUSKIELTO",
    "YHTEYSTIETOJEN_LUOVUTUSKIELTO",
    "ASIAKASREKISTERIN_PAIVITYSKIELTO",
)
FOREIGN_CODE = "ULKOMAINEN_HENKILOTUNNUS"
DECLARED_DEAD = "KUOLLEEKSIJULISTAMISPAIVA"
CODE_HISTORY = "HENKILOTUNNUS_KORJAUS"
SERVICE_LANGUAGE, OCCUPATION = "ASIOINTIKIELI", "AMMATTI"
TEMPORARY_ADDRESS = "TILAPAINEN_KOTIMAINEN_OSOITE"
TEMPORARY_FOREIGN = "TILAPAINEN_ULKOMAINEN_OSOITE"
FOREIGN_POSTAL, EMAIL = "ULKOMAINEN_POSTIOSOITE", "SAHKOPOSTIOSOITE"
TEMPORARY_MUNICIPALITY, YEAR_END = "TILAPAINEN_KUNTA", "VUODENVAIHTEEN_KUNTA"
TEMPORARY_DWELLING = "TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"
PAST_DWELLING = "EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"
INSTITUTION = "VAKINAINEN_OLINPAIKASSA_ASUMINEN"
TEMPORARY_INSTITUTION = "TILAPAINEN_OLINPAIKASSA_ASUMINEN"
PAST_INSTITUTION = "ENTINEN_OLINPAIKASSA_ASUMINEN"
TEMPORARY_ABROAD = "TILAPAINEN_ULKOMAILLA_ASUMINEN"
PAST_ABROAD = "ENTINEN_ULKOMAILLA_ASUMINEN"
FAITH_KIND, FAITH = "USKONTOKUNTALAJI", "USKONTOKUNTA"
PAST_FAITH = "HISTORIAA_USKONTOKUNNASTA"
AUTHORITY = "REKISTERIVIRANOMAINEN"

_SECTIONS = {
    "identity": (CODE_HISTORY, FOREIGN_CODE, DECLARED_DEAD),
    "status": (SERVICE_LANGUAGE, OCCUPATION),
    "bans": BANS,
    "addresses": (TEMPORARY_ADDRESS, TEMPORARY_FOREIGN, FOREIGN_POSTAL, EMAIL),
    "municipality": (TEMPORARY_MUNICIPALITY, YEAR_END),
    "dwelling": (TEMPORARY_DWELLING, INSTITUTION, TEMPORARY_INSTITUTION, TEMPORARY_ABROAD),
    "past_dwelling": (PAST_DWELLING, PAST_INSTITUTION, PAST_ABROAD),
    "religion": (FAITH_KIND, FAITH, PAST_FAITH),
    "other": (AUTHORITY,),
}
_SECTION_OF = {group: name for name, groups in _SECTIONS.items() for group in groups}
KEPT_GROUPS = tuple(_SECTION_OF)


def section(person: Person, name: str) -> list[Row]:
    """Return the kept rows of one category of `perustiedot`."""
    return [row for row in person.kept if _SECTION_OF[row["tietoryhma"]] == name]


def kept(person: Person, *groups: str) -> list[Row]:
    """Return the kept rows of these groups."""
    return [row for row in person.kept if row["tietoryhma"] in groups]


def keep(person: Person, *rows: Row) -> None:
    """Make rows part of the truth."""
    person.kept += rows


def drop(person: Person, *rows: Row) -> None:
    """Take rows out of the truth."""
    person.kept = tuple(one for one in person.kept if one not in rows)


def swap(person: Person, old: Row, new: Row) -> None:
    """Put a row in the place of another."""
    person.kept = tuple(new if one == old else one for one in person.kept)
