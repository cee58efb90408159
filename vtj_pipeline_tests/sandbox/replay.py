"""A straightforward replay of answers, written for these tests alone, one row after the other.

It keeps, per person and group, rows by key. Keep out anything of the program's own fold.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from vtj_pipeline_tests.sandbox.family_replay import (
    FAMILY_GROUPS,
    family_key,
    family_plain,
    is_replaced,
)

Row = dict[str, Any]
State = dict[str, dict[Any, Row]]

SINGLE = (
    "HENKILON_NIMI",
    "SYNTYMAPAIVA",
    "SYNTYMAKOTIKUNTA",
    "SUKUPUOLI",
    "KUOLINPAIVA",
    "TURVAKIELTO",
    "KUOLLEEKSIJULISTAMISPAIVA",
    "ULKOMAINEN_SYNTYMAPAIKKA",
    "SUORAMARKKINOINTIKIELTO",
    "HENKILOMATRIKKELIKIELTO",
    "SUKUTUTKIMUSKIELTO",
    "YHTEYSTIETOJEN_LUOVUTUSKIELTO",
    "ASIAKASREKISTERIN_PAIVITYSKIELTO",
    "AMMATTI",
    "ASIOINTIKIELI",
    "ULKOMAINEN_POSTIOSOITE",
    "SAHKOPOSTIOSOITE",
    "VAESTOKIRJANPITOKUNTA",
    "SUOMEEN_MUUTTOPAIVA",
    "POISSAOLO",
    "VALTIO_JOHON_MUUTTANUT",
    "VALTIO_JOSTA_MUUTTANUT",
    "USKONTOKUNTALAJI",
    "USKONTOKUNTA",
    "REKISTERIVIRANOMAINEN",
)
BOOKKEEPING = "VAESTOKIRJANPITOKUNTA"
# The ended rows of the first group are shown as rows of the second.
ENDED_AS = {
    "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": "EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS",
    "VAKINAINEN_OLINPAIKASSA_ASUMINEN": "ENTINEN_OLINPAIKASSA_ASUMINEN",
    "VAKINAINEN_ULKOMAILLA_ASUMINEN": "ENTINEN_ULKOMAILLA_ASUMINEN",
}
_OF_ENDED = {past: present for present, past in ENDED_AS.items()}
_DWELLING = "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"
_STREET = ("alkupv", "rakennustunnus", "huoneistokirjain", "huoneistonumero", "jakokirjain")
_KEYS: dict[str, tuple[str, ...]] = {
    "VAKINAINEN_KOTIMAINEN_OSOITE": _STREET,
    "TILAPAINEN_KOTIMAINEN_OSOITE": _STREET,
    "KOTIMAINEN_POSTIOSOITE": ("alkupv",),
    "VAKINAINEN_ULKOMAINEN_OSOITE": ("alkupv",),
    "TILAPAINEN_ULKOMAINEN_OSOITE": ("alkupv",),
    "TILAPAINEN_KUNTA": ("kuntakoodi", "kuntaanMuuttopv"),
    "VUODENVAIHTEEN_KUNTA": ("vuodenvaihde",),
    _DWELLING: ("alkupv", "kuntakoodi"),
    "TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": ("alkupv", "kuntakoodi"),
    "VAKINAINEN_OLINPAIKASSA_ASUMINEN": ("alkupv", "kuntakoodi", "laitos", "numero"),
    "TILAPAINEN_OLINPAIKASSA_ASUMINEN": ("alkupv", "kuntakoodi", "laitos", "numero"),
    "VAKINAINEN_ULKOMAILLA_ASUMINEN": ("alkupv", "valtiokoodi"),
    "TILAPAINEN_ULKOMAILLA_ASUMINEN": ("alkupv", "valtiokoodi"),
    "ULKOMAINEN_HENKILOTUNNUS": ("valtiokoodi", "ulkomainenHenkilotunnus"),
    "HISTORIAA_USKONTOKUNNASTA": ("uskontokunta", "alkupv"),
    "AIDINKIELI": ("kielikoodi", "kielikoodiISO6392", "alkupv"),
    "HENKILOTUNNUS_KORJAUS": ("muutettuHenkilotunnus",),
}
_FAR_FUTURE = "2999-02-28"
_META = ("muutosattribuutti", "voimassaolevatTiedot", "kuntaanMuuttoPv", "tuntematonKentta")
GROUPS = (
    *SINGLE,
    "KUTSUMANIMI",
    "KOTIKUNTA",
    "EDELLINEN_KOTIKUNTA",
    *_KEYS,
    *_OF_ENDED,
    "KANSALAISUUS",
    *FAMILY_GROUPS,
)
_STAYS = ("KOTIKUNTA", "EDELLINEN_KOTIKUNTA")


def _plain(row: Row) -> Row:
    plain = {name: v for name, v in row.items() if name not in _META and v is not None}
    return family_plain(plain)


def _date(row: Row, name: str) -> str:
    return str(row.get(name, {}).get("arvo", ""))


def _key(row: Row) -> Any:
    group = str(row["tietoryhma"])
    if group in _STAYS:
        return (row["kuntakoodi"], _date(row, "kuntaanMuuttopv"))
    if group in FAMILY_GROUPS:
        return family_key(row)
    keyed = _KEYS.get(_OF_ENDED.get(group, group), ())
    return tuple(repr(row.get(name)) for name in keyed)


def _family(row: Row) -> str:
    group = str(row["tietoryhma"])
    return "KOTIKUNTA" if group in _STAYS else _OF_ENDED.get(group, group)


def _has_ended(row: Row) -> bool:
    ends = [_date(row, name) for name in ("loppupv", "kunnastaPoisMuuttopv") if row.get(name)]
    return bool(ends) and ends[0] != _FAR_FUTURE


class Replay:
    """What somebody knows who has had a baseline and the pages after it."""

    def __init__(self) -> None:
        self.people: dict[str, State] = {}

    def baseline(self, answer: Row) -> None:
        for person in answer["perustiedot"]:
            state: State = {}
            self.people[person["henkilotunnus"]] = state
            for row in person["tietoryhmat"]:
                self._put(state, row)

    def page(self, answer: Row) -> None:
        for message in answer["muutokset"]:
            state = self.people.setdefault(message["henkilotunnus"], {})
            rows = [r for r in message["tietoryhmat"] if r["muutosattribuutti"] != "LISATIETO"]
            for row in rows:
                if row["muutosattribuutti"] in ("POISTETTU", "KORJATTAVA"):
                    self._drop(state, row)
            for row in rows:
                for standing in row.get("voimassaolevatTiedot", ()):
                    self._put(state, standing)
                if is_replaced(row, message["muutospv"][:10]):
                    self._drop(state, row)
                elif row["muutosattribuutti"] in ("LISATTY", "MUUTETTU", "KORJATTU"):
                    self._put(state, row)
            self._relink(message)

    def _relink(self, message: Row) -> None:
        for row in message["tietoryhmat"]:
            if row["tietoryhma"] == "HENKILOTUNNUS_KORJAUS" and row["voimassaolo"] == "AKTIIVI":
                state = self.people.pop(message["henkilotunnus"])
                self.people[row["aktiivinenHenkilotunnus"]] = state

    def _put(self, state: State, row: Row) -> None:
        held = state.setdefault(_family(row), {})
        if "turvakiellonAlaisetKentat" in row:
            for key in [k for k, r in held.items() if not _has_ended(r)]:
                del held[key]
            held["withheld"] = _plain(row)
            return
        if row["tietoryhma"] == "KUTSUMANIMI" and row["nimilaji"] != "NYKYINEN_KUTSUMANIMI":
            return
        if not _has_ended(row):
            held.pop("withheld", None)
            if row["tietoryhma"] == _DWELLING:
                _close_older(held, row)
        held[_key(row)] = _plain(row)

    def _drop(self, state: State, row: Row) -> None:
        key = "withheld" if "turvakiellonAlaisetKentat" in row else _key(row)
        state.get(_family(row), {}).pop(key, None)

    def rows(self, code: str) -> set[str]:
        """The rows that must stand in `perustiedot`: open ones, and all earlier homes."""
        state = self.people.get(code, {})
        found = []
        for group in GROUPS:
            for row in state.get(group, {}).values():
                if group == BOOKKEEPING and "withheld" in state.get("KOTIKUNTA", {}):
                    continue
                if group == "KOTIKUNTA" and "kunnastaPoisMuuttopv" in row:
                    found.append({**row, "tietoryhma": "EDELLINEN_KOTIKUNTA"})
                elif group in ENDED_AS:
                    shown_as = ENDED_AS[group] if _has_ended(row) else group
                    found.append({**row, "tietoryhma": shown_as})
                elif group == "KOTIKUNTA":
                    found.append({**row, "tietoryhma": "KOTIKUNTA"})
                elif group == "KANSALAISUUS":
                    found.append({"list": row["henkilonKansalaisuudet"]})
                elif group in ("HISTORIAA_USKONTOKUNNASTA", *FAMILY_GROUPS) or not _has_ended(row):
                    found.append(row)
        return {_canonical(row) for row in found}


def _close_older(held: dict[Any, Row], new: Row) -> None:
    """A dwelling that was moved from inside a municipality ends without being told."""
    last = date.fromisoformat(_date(new, "alkupv")) - timedelta(days=1)
    for key, row in held.items():
        if key not in (_key(new), "withheld") and not _has_ended(row):
            held[key] = {**row, "loppupv": {"arvo": last.isoformat(), "tarkkuus": "PAIVA"}}


def shown(person: Row) -> set[str]:
    """The same form of what `perustiedot` says now."""
    found = []
    for row in person["tietoryhmat"]:
        if row["tietoryhma"] == "KANSALAISUUS":
            found.append({"list": row["henkilonKansalaisuudet"]})
        elif row["tietoryhma"] in GROUPS:
            found.append(_plain(row))
    return {_canonical(row) for row in found}


def _canonical(value: Any) -> str:
    if isinstance(value, dict):
        inner = (f"{k}:{_canonical(v)}" for k, v in sorted(value.items()))
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted(_canonical(one) for one in value)) + "]"
    return repr(value)
