"""Rows of the information groups as the source writes them (contract §3), and their masks (§7.2).

Add a builder when the sandbox learns a group. A row is never changed after it was built: truth and
journal share it. Keep out events (`life`, `moves`, `facts`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Row = Mapping[str, Any]

# The order of groups in one person's answer is stable by category (contract §3.9).
GROUP_ORDER = (
    "SUKUPUOLI", "SYNTYMAPAIVA", "HENKILOTUNNUS_KORJAUS", "KUOLINPAIVA", "HENKILON_NIMI",
    "NIMENMUUTOS", "NIMENMUUTOS_LAAJA", "KUTSUMANIMI", "KANSALAISUUS", "AIDINKIELI", "SIVIILISAATY",
    "SYNTYMAKOTIKUNTA", "TURVAKIELTO", "VAKINAINEN_KOTIMAINEN_OSOITE",
    "TILAPAINEN_KOTIMAINEN_OSOITE", "KOTIMAINEN_POSTIOSOITE", "VAKINAINEN_ULKOMAINEN_OSOITE",
    "TILAPAINEN_ULKOMAINEN_OSOITE", "ULKOMAINEN_POSTIOSOITE", "SAHKOPOSTIOSOITE", "KOTIKUNTA",
    "EDELLINEN_KOTIKUNTA", "VAESTOKIRJANPITOKUNTA", "TILAPAINEN_KUNTA", "VUODENVAIHTEEN_KUNTA",
    "POISSAOLO", "VALTIO_JOHON_MUUTTANUT", "VALTIO_JOSTA_MUUTTANUT", "SUOMEEN_MUUTTOPAIVA",
    "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS", "TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS",
    "VAKINAINEN_OLINPAIKASSA_ASUMINEN", "TILAPAINEN_OLINPAIKASSA_ASUMINEN",
    "VAKINAINEN_ULKOMAILLA_ASUMINEN", "TILAPAINEN_ULKOMAILLA_ASUMINEN",
)  # fmt: skip

ADDRESS = "VAKINAINEN_KOTIMAINEN_OSOITE"
DWELLING = "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"
POSTAL = "KOTIMAINEN_POSTIOSOITE"
BOOKKEEPING = "VAESTOKIRJANPITOKUNTA"

_DWELLING_FIELDS = (
    "rakennustunnus", "osoitenumero", "huoneistokirjain", "huoneistonumero", "jakokirjain",
    "kuntakoodi", "asuinpaikantunnus",
)  # fmt: skip
_STREET_FIELDS = (
    "katunimi", "katunumero", "huoneistokirjain", "huoneistonumero", "jakokirjain", "postinumero",
    "postitoimipaikka", "rakennustunnus", "osoitenumero", "kuntakoodi",
)  # fmt: skip
_ABROAD_FIELDS = ("lahiosoite", "paikkakunta", "valtiokoodi", "valtionimi")
_INSTITUTION_FIELDS = ("kuntakoodi", "lajikoodi", "numero", "laitos", "asuinpaikantunnus")

# The 16 location groups and the fields that the source names as withheld (contract §7.2).
MASKED_FIELDS: dict[str, tuple[str, ...]] = {
    ADDRESS: _STREET_FIELDS,
    "TILAPAINEN_KOTIMAINEN_OSOITE": _STREET_FIELDS,
    POSTAL: ("postiosoite", "postinumero", "postitoimipaikka"),
    "VAKINAINEN_ULKOMAINEN_OSOITE": _ABROAD_FIELDS,
    "TILAPAINEN_ULKOMAINEN_OSOITE": _ABROAD_FIELDS,
    "ULKOMAINEN_POSTIOSOITE": (
        "postiosoite", "postiosoiteLisarivi", "postitoimipaikka", "valtiokoodi", "valtionimi",
    ),
    "KOTIKUNTA": ("kuntakoodi", "kuntaanMuuttopv"),
    "TILAPAINEN_KUNTA": ("kuntakoodi", "kuntaanMuuttopv", "kunnastaPoisMuuttopv"),
    "VUODENVAIHTEEN_KUNTA": ("kuntakoodi", "vuodenvaihde"),
    DWELLING: _DWELLING_FIELDS,
    "TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": _DWELLING_FIELDS,
    "VAKINAINEN_OLINPAIKASSA_ASUMINEN": _INSTITUTION_FIELDS,
    "TILAPAINEN_OLINPAIKASSA_ASUMINEN": _INSTITUTION_FIELDS,
    "VAKINAINEN_ULKOMAILLA_ASUMINEN": ("valtiokoodi", "asuinpaikantunnus"),
    "TILAPAINEN_ULKOMAILLA_ASUMINEN": ("valtiokoodi", "asuinpaikantunnus"),
    "SAHKOPOSTIOSOITE": ("sahkopostiosoite", "lajikoodi"),
}  # fmt: skip
_MASKS: dict[str, Row] = {
    group: {"tietoryhma": group, "turvakiellonAlaisetKentat": list(fields)}
    for group, fields in MASKED_FIELDS.items()
}


def masked(row: Row, attribute: str | None = None) -> Row:
    """Return the masked row that stands for a row of a location group (contract §7.2)."""
    mask = _MASKS[row["tietoryhma"]]
    return mask if attribute is None else {**mask, "muutosattribuutti": attribute}


def mask_of(group: str) -> Row:
    """Return the masked row of a location group."""
    return _MASKS[group]


def change(attribute: str, row: Row, in_force: Sequence[Row] = ()) -> Row:
    """Return a row of a change message: the whole row and what happened to it (contract §4.1)."""
    made: dict[str, Any] = {"tietoryhma": row["tietoryhma"], "muutosattribuutti": attribute, **row}
    if in_force:
        made["voimassaolevatTiedot"] = list(in_force)
    return made


def day(value: date) -> dict[str, str]:
    """Return a partial date known to the day (contract §3.0)."""
    return {"arvo": value.isoformat(), "tarkkuus": "PAIVA"}


def day_of(row: Row, field: str) -> date:
    """Return the calendar date in a partial date field of a row."""
    return date.fromisoformat(row[field]["arvo"])


def without(row: Row, *fields: str) -> Row:
    """Return a copy of a row that lacks the fields."""
    return {name: value for name, value in row.items() if name not in fields}


def home(code: str, since: date) -> Row:
    """Return a KOTIKUNTA row, with the field that older data repeats (contract §8 #1)."""
    start = day(since)
    return {
        "tietoryhma": "KOTIKUNTA",
        "kuntakoodi": code,
        "kuntaanMuuttopv": start,
        "kuntaanMuuttoPv": start,
    }


def former_home(code: str, since: date, until: date) -> Row:
    """Return an EDELLINEN_KOTIKUNTA row; `until` is the last day (contract §3.0)."""
    return {
        "tietoryhma": "EDELLINEN_KOTIKUNTA",
        "kuntakoodi": code,
        "kuntaanMuuttopv": day(since),
        "kunnastaPoisMuuttopv": day(until),
    }


def bookkeeping(code: str, since: date) -> Row:
    """Return a VAESTOKIRJANPITOKUNTA row."""
    return {"tietoryhma": BOOKKEEPING, "kuntakoodi": code, "kuntaanMuuttopv": day(since)}


def dwelling(address: Row) -> Row:
    """Return the dwelling id row of an address: 16 characters, blanks kept (contract §3.5)."""
    taken = ("rakennustunnus", "osoitenumero", "huoneistokirjain", "huoneistonumero")
    made = {name: address[name] for name in taken if name in address}
    if "jakokirjain" in address:
        made["jakokirjain"] = address["jakokirjain"]
    made["asuinpaikantunnus"] = (
        f"{address['rakennustunnus']}{address['osoitenumero']}"
        f"{address.get('huoneistokirjain', ' ')}{address.get('huoneistonumero', '000')}"
        f"{address.get('jakokirjain', ' ')}"
    )
    return {
        "tietoryhma": DWELLING,
        **made,
        "kuntakoodi": address["kuntakoodi"],
        "alkupv": address["alkupv"],
    }


def official_name(first: str, last: str, since: date | None = None) -> Row:
    """Return a HENKILON_NIMI row with the full-repertoire twins."""
    row: Row = {
        "tietoryhma": "HENKILON_NIMI",
        "etunimi": first,
        "sukunimi": last,
        "etunimiUTF8": first,
        "sukunimiUTF8": last,
    }
    return row if since is None else {**row, "alkupv": day(since)}


def name_row(group: str, kind: str, name: str, **more: Any) -> Row:
    """Return a row of NIMENMUUTOS, NIMENMUUTOS_LAAJA or KUTSUMANIMI."""
    return {"tietoryhma": group, "nimilaji": kind, "nimi": name, "nimiUTF8": name, **more}


def mother_tongue(code: str, iso: str, since: date, name: str | None = None) -> Row:
    """Return an AIDINKIELI row; `name` is given when the code does not tell the language."""
    row: dict[str, Any] = {"tietoryhma": "AIDINKIELI", "kielikoodi": code, "kielikoodiISO6392": iso}
    if name is not None:
        row["nimi"] = name
    return {**row, "alkupv": day(since)}


def citizenships(held: Sequence[Row]) -> Row:
    """Return the one KANSALAISUUS row, which holds the whole list (contract §3.1)."""
    return {"tietoryhma": "KANSALAISUUS", "henkilonKansalaisuudet": list(held)}


def citizenship(code: str, since: date | None = None) -> Row:
    """Return one element of the list of citizenships."""
    row: dict[str, Any] = {"kansalaisuuskoodi": code, "voimassaolo": "AKTIIVI"}
    return row if since is None else {**row, "saamispv": day(since)}


def single(group: str, **fields: Any) -> Row:
    """Return a row of a group with one row a person, fields as given."""
    return {"tietoryhma": group, **fields}
