"""How a row of `perustiedot` reads as columns: dates, related persons, spellings in other_group.

Written by hand from the contract (§3.0) for these tests alone, as an independent witness. Keep out
groups (`expected_rows.py`, `expected_family.py`) and anything taken from the catalogue.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
Columns = dict[str, Any]

_PRECISIONS = {"PAIVA": "day", "KUUKAUSI": "month", "VUOSI": "year", "EI_TIEDOSSA": "unknown"}
_NOT_CONTENT = ("tietoryhma", "muutosattribuutti", "voimassaolevatTiedot", "tuntematonKentta")


def dated(column: str, value: Row | None, *, last_day: bool = False) -> Columns:
    """A partial date as a column and its precision.

    Args:
        column: The column; its precision's is named after it.
        value: The partial date, or None.
        last_day: Whether the source tells the last day, and the column the day after.
    """
    if value is None:
        return {}
    precision = _PRECISIONS[value["tarkkuus"]]
    if precision == "unknown":
        return {f"{column}_precision": precision}
    day = date.fromisoformat(value["arvo"])
    if last_day and precision == "day":
        day += timedelta(days=1)
    return {column: day, f"{column}_precision": precision}


def valid(row: Row, start: str | None, end: str | None = None, *, last_day: bool = True) -> Columns:
    """`valid_from` and `valid_to` from the fields that hold the first day and the end."""
    found = dated("valid_from", row.get(start)) if start else {}
    return {**found, **(dated("valid_to", row.get(end), last_day=last_day) if end else {})}


def related(person: Row | None) -> Columns:
    """A related person, who may be told by a code alone or without one, or not at all."""
    person = person or {}
    return {
        "related_identity_code": person.get("henkilotunnus"),
        "related_first_names": person.get("etunimet"),
        "related_last_name": person.get("sukunimi"),
        "related_first_names_utf8": person.get("etunimetUTF8"),
        "related_last_name_utf8": person.get("sukunimiUTF8"),
        **dated("related_birth_date", person.get("syntymapv")),
        "related_sex": person.get("sukupuoli"),
        "related_citizenship_code": person.get("kansalaisuuskoodi"),
    }


def who(person: Row) -> str:
    """What tells one related person from another: the code, else names and birth date."""
    code = person.get("henkilotunnus")
    if code is not None:
        return str(code)
    born = person.get("syntymapv") or {}
    return repr((person.get("etunimet"), person.get("sukunimi"), born.get("arvo")))


def said(value: Any) -> str | None:
    """A number or a text as text, as the source gives it either way."""
    return None if value is None else str(value)


def content(row: Row) -> str:
    """The payload of a row in `other_group`: nulls left out, everything as text."""
    return canonical({name: value for name, value in row.items() if name not in _NOT_CONTENT})


def canonical(value: Any) -> str:
    """JSON in which the order of keys, nulls, and text or number make no difference."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
