"""How the replay of these tests knows family rows again; part of `replay.py`."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]

_GUARDIANSHIP = {
    group + variant: related
    for group, related in (("HUOLTAJA", "huoltaja"), ("HUOLLETTAVA", "huollettava"))
    for variant in ("", "_SUPPEA", "_RAJOITETTU")
}
_RELATED = {
    **_GUARDIANSHIP,
    "LAPSI": "lapsi",
    "LAPSI_SUPPEA": "lapsi",
    "VANHEMPI": "vanhempi",
    "VANHEMPI_SUPPEA": "vanhempi",
    "PERHESUHDE": "henkilo",
    "LAPSEN_REKISTEROINNIN_LISATIEDOT": "lapsi",
    "MAASTAMUUTON_LISATIEDOT_PUOLISOSTA": "puoliso",
    "MAASTAMUUTON_LISATIEDOT_VANHEMMASTA": "vanhempi",
    "MAASTAMUUTON_LISATIEDOT_HUOLTAJASTA": "huoltaja",
}
_BESIDES = {
    **dict.fromkeys(_GUARDIANSHIP, ("huoltajanLaji", "huoltosuhteenAlkupv")),
    "PERHESUHDE": ("rooli", "lapsilaatu"),
}
_NUMBERED = ("AVIOLIITTO", "REKISTEROITY_PARISUHDE")
FAMILY_GROUPS = (
    *_RELATED,
    *_NUMBERED,
    "SIVIILISAATY",
    "JARJESTYSKIRJAIN",
    "EDUNVALVONTA",
    "EDUNVALVONTAVALTUUTUS",
)
_ONLY_IN_CHANGES = (
    "lisatytOikeudet",
    "poistetutOikeudet",
    "muutetutOikeudet",
    "huoltosuhteenMuutos",
    "huollonOikeudenMuutos",
    "huollonAsumisenMuutos",
    "lapsiVanhempiSuhdePaattynyt",
)


def family_key(row: Row) -> Any:
    group = row["tietoryhma"]
    if group in _NUMBERED:
        return row["jarjestysnumero"]
    if group not in _RELATED:
        return ""
    related = row[_RELATED[group]]
    who = related.get("henkilotunnus")
    if who is None:
        who = tuple(repr(related.get(name)) for name in ("etunimet", "sukunimi", "syntymapv"))
    return (who, *(repr(row.get(name)) for name in _BESIDES.get(group, ())))


def family_plain(row: Row) -> Row:
    dropped = list(_ONLY_IN_CHANGES)
    if row["tietoryhma"] in ("LAPSI_SUPPEA", "VANHEMPI_SUPPEA"):
        dropped.append("isaAiti")
    return {name: value for name, value in row.items() if name not in dropped}


def is_replaced(row: Row, today: str) -> bool:
    """Whether only what stands says that a guardianship is closed: its end is in the future."""
    end = str(row.get("huoltosuhteenLoppupv", {}).get("arvo", ""))
    return (
        row["tietoryhma"] in _GUARDIANSHIP
        and row["muutosattribuutti"] == "MUUTETTU"
        and bool(row.get("voimassaolevatTiedot"))
        and end > today
    )
