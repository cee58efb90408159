"""What an account with censoring sees of a protected person (contract §7.2).

Add a location group here. Keep out who is protected and which accounts are censored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.sandbox.rows import (
    ADDRESS,
    BOOKKEEPING,
    DWELLING,
    FOREIGN,
    HOME,
    LIVING_ABROAD,
    POSTAL,
    Row,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_STREET = (
    "katunimi", "katunumero", "huoneistokirjain", "huoneistonumero", "jakokirjain", "postinumero",
    "postitoimipaikka", "rakennustunnus", "osoitenumero", "kuntakoodi",
)  # fmt: skip
_FOREIGN = ("lahiosoite", "paikkakunta", "valtiokoodi", "valtionimi")
_DWELLING = (
    "rakennustunnus", "osoitenumero", "huoneistokirjain", "huoneistonumero", "jakokirjain",
    "kuntakoodi", "asuinpaikantunnus",
)  # fmt: skip
_INSTITUTION = ("kuntakoodi", "lajikoodi", "numero", "laitos", "asuinpaikantunnus")
_ABROAD = ("valtiokoodi", "asuinpaikantunnus")

MASKED_FIELDS: dict[str, tuple[str, ...]] = {
    ADDRESS: _STREET,
    "TILAPAINEN_KOTIMAINEN_OSOITE": _STREET,
    POSTAL: ("postiosoite", "postinumero", "postitoimipaikka"),
    FOREIGN: _FOREIGN,
    "TILAPAINEN_ULKOMAINEN_OSOITE": _FOREIGN,
    "ULKOMAINEN_POSTIOSOITE": (
        "postiosoite", "postiosoiteLisarivi", "postitoimipaikka", "valtiokoodi", "valtionimi",
    ),
    "SAHKOPOSTIOSOITE": ("sahkopostiosoite", "lajikoodi"),
    HOME: ("kuntakoodi", "kuntaanMuuttopv"),
    "TILAPAINEN_KUNTA": ("kuntakoodi", "kuntaanMuuttopv", "kunnastaPoisMuuttopv"),
    "VUODENVAIHTEEN_KUNTA": ("kuntakoodi", "vuodenvaihde"),
    DWELLING: _DWELLING,
    "TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": _DWELLING,
    "VAKINAINEN_OLINPAIKASSA_ASUMINEN": _INSTITUTION,
    "TILAPAINEN_OLINPAIKASSA_ASUMINEN": _INSTITUTION,
    LIVING_ABROAD: _ABROAD,
    "TILAPAINEN_ULKOMAILLA_ASUMINEN": _ABROAD,
}  # fmt: skip
LOCATION_GROUPS = tuple(MASKED_FIELDS)
_PAST_DWELLING = "EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"
_MASKS: dict[str, Row] = {
    group: {"tietoryhma": group, "turvakiellonAlaisetKentat": list(fields)}
    for group, fields in MASKED_FIELDS.items()
}


def mask(group: str) -> Row:
    """Return the masked row of a location group: the fields withheld, and no values or dates."""
    return _MASKS[group]


def mask_changes(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of a change message about a protected person as a censored account has them.

    Location rows keep their `muutosattribuutti` and nothing else (§9 #15), except that a removal
    becomes MUUTETTU: while the order is in force the masked row itself is never removed.
    VAESTOKIRJANPITOKUNTA is left out.
    """
    masked = []
    for row in rows:
        group = row["tietoryhma"]
        if group in MASKED_FIELDS:
            attribute = row["muutosattribuutti"]
            if attribute == "POISTETTU":
                attribute = "MUUTETTU"
            masked.append({**_MASKS[group], "muutosattribuutti": attribute})
        elif group != BOOKKEEPING:
            masked.append(row)
    return masked


def history_changes(rows: Iterable[Row]) -> list[Row]:
    """Return what a censored account is told of past dwellings instead of the masked rows.

    `perustiedot` shows EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS of protected persons too (contract
    §7.2), but the row that closes the present dwelling is masked.
    """
    closed = [row for row in rows if row["tietoryhma"] == DWELLING and "loppupv" in row]
    corrected = any(row["muutosattribuutti"] == "KORJATTU" for row in closed)
    attributes = {"MUUTETTU": "LISATTY"}
    if not corrected:
        attributes["KORJATTAVA"] = "POISTETTU"
    told = []
    for row in closed:
        attribute = attributes.get(row["muutosattribuutti"], row["muutosattribuutti"])
        told.append({**row, "tietoryhma": _PAST_DWELLING, "muutosattribuutti": attribute})
    return told
