"""A straightforward replay of answers, written for these tests alone, one row after the other.

It keeps, per person and group, rows by key. Keep out anything of the program's own fold.
"""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
State = dict[str, dict[Any, Row]]

SINGLE = (
    "HENKILON_NIMI",
    "SYNTYMAPAIVA",
    "SYNTYMAKOTIKUNTA",
    "SUKUPUOLI",
    "KUOLINPAIVA",
    "TURVAKIELTO",
)
_END = {"EDELLINEN_KOTIKUNTA": "kunnastaPoisMuuttopv", "KUTSUMANIMI": "loppupv"}
_META = ("muutosattribuutti", "voimassaolevatTiedot", "kuntaanMuuttoPv")
GROUPS = (
    *SINGLE,
    "KUTSUMANIMI",
    "HENKILOTUNNUS_KORJAUS",
    "KOTIKUNTA",
    "EDELLINEN_KOTIKUNTA",
    "VAKINAINEN_KOTIMAINEN_OSOITE",
    "KOTIMAINEN_POSTIOSOITE",
    "AIDINKIELI",
    "KANSALAISUUS",
)
_STAYS = ("KOTIKUNTA", "EDELLINEN_KOTIKUNTA")


def _plain(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in _META}


def _date(row: Row, name: str) -> str:
    return str(row.get(name, {}).get("arvo", ""))


def _key(row: Row) -> Any:
    group = row["tietoryhma"]
    if group in _STAYS:
        return (row["kuntakoodi"], _date(row, "kuntaanMuuttopv"))
    if group == "VAKINAINEN_KOTIMAINEN_OSOITE":
        parts = ("rakennustunnus", "huoneistokirjain", "huoneistonumero", "jakokirjain")
        return (_date(row, "alkupv"), *(row.get(part, "") for part in parts))
    if group == "KOTIMAINEN_POSTIOSOITE":
        return _date(row, "alkupv")
    if group == "AIDINKIELI":
        return (row["kielikoodi"], row["kielikoodiISO6392"], _date(row, "alkupv"))
    if group == "HENKILOTUNNUS_KORJAUS":
        return row["muutettuHenkilotunnus"]
    return ""


def _family(row: Row) -> str:
    group = str(row["tietoryhma"])
    return "KOTIKUNTA" if group in _STAYS else group


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
                if row["muutosattribuutti"] in ("LISATTY", "MUUTETTU", "KORJATTU"):
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
            open_ones = [k for k, r in held.items() if "loppupv" not in r]
            for key in open_ones:
                if "kunnastaPoisMuuttopv" not in held[key]:
                    del held[key]
            held["withheld"] = _plain(row)
            return
        if row["tietoryhma"] == "KUTSUMANIMI" and row["nimilaji"] != "NYKYINEN_KUTSUMANIMI":
            return
        if "loppupv" not in row and "kunnastaPoisMuuttopv" not in row:
            held.pop("withheld", None)
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
                if "kunnastaPoisMuuttopv" in row:
                    found.append({**row, "tietoryhma": "EDELLINEN_KOTIKUNTA"})
                elif group == "KOTIKUNTA":
                    found.append({**row, "tietoryhma": "KOTIKUNTA"})
                elif group == "KANSALAISUUS":
                    found.append({"list": row["henkilonKansalaisuudet"]})
                elif "loppupv" not in row:
                    found.append(row)
        return {_canonical(row) for row in found}


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
