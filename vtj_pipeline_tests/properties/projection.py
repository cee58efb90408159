"""What a received row says, as the columns of its register table: a second reading in Python.

Reads the catalogue's sources of columns (paths, constants, a few expressions) on JSON, as an
independent witness of the SQL that is made from them. Keep out time and history (`fates.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from vtj_pipeline.catalogue import CATALOGUE, Kind, Tietoryhma
from vtj_pipeline.catalogue.model import OTHER_GROUP, RELATED
from vtj_pipeline_tests.builders import Row

Columns = dict[str, Any]
_PRECISIONS = {"PAIVA": "day", "KUUKAUSI": "month", "VUOSI": "year", "EI_TIEDOSSA": "unknown"}
_ENVELOPE = ("tietoryhma", "muutosattribuutti", "voimassaolevatTiedot")
_RELATIONS = {"LAPSI": "child", "VANHEMPI": "parent"}


def _name_type(row: Row) -> str | None:
    kind = row.get("nimilaji")
    return None if kind is None else kind.removeprefix("NYKYINEN_").removeprefix("EDELLINEN_")


# The expressions of the catalogue, read again by hand.
_EXPRESSIONS: dict[str, Callable[[Row], Any]] = {
    "{voimassaolo} is distinct from 'PASSIIVI'": lambda row: row.get("voimassaolo") != "PASSIIVI",
    "{voimassaolo} = 'PASSIIVI'": lambda row: _is(row.get("voimassaolo"), "PASSIIVI"),
    "{voimassaolo} = 'AKTIIVI'": lambda row: _is(row.get("voimassaolo"), "AKTIIVI"),
    "regexp_replace({nimilaji}, '^(NYKYINEN|EDELLINEN)_', '')": _name_type,
    "case {rooli} when 'LAPSI' then 'child' when 'VANHEMPI' then 'parent' "
    "else lower({rooli}) end": (
        lambda row: _RELATIONS.get(row.get("rooli") or "", _lower(row.get("rooli")))
    ),
}


def _is(value: Any, wanted: str) -> bool | None:
    return None if value is None else value == wanted


def _lower(value: Any) -> str | None:
    return None if value is None else str(value).lower()


def group_of(row: Row) -> Tietoryhma | None:
    """The group that folds a row into a table of its own; None where the row stays raw."""
    group = CATALOGUE.groups.get(row["tietoryhma"])
    if group is None or not group.is_known or group.table == OTHER_GROUP:
        return None
    fits = all((row.get(name) or "") in allowed for name, allowed in group.only.items())
    return group if fits else None


def projections(row: Row) -> Iterator[Columns]:
    """The register rows that one received row is: more than one for a list, none for an empty."""
    group = group_of(row)
    if group is None:
        yield {"tietoryhma": row["tietoryhma"], "payload": plain(content(row))}
    elif group.whole_list is None:
        yield _columns(group, row, row)
    else:
        elements = row.get(group.whole_list) or ([{}] if group.list_may_be_empty else [])
        for element in elements:
            yield _columns(group, element, row)


def content(row: Row) -> Row:
    """A row without what stands around its fields."""
    return {name: value for name, value in row.items() if name not in _ENVELOPE}


def plain(value: Any) -> Any:
    """JSON in which nulls, empty objects, and text or number make no difference."""
    if isinstance(value, dict):
        kept = {name: plain(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one is not None} or None
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


def key_of(row: Row, columns: Columns) -> tuple[Any, ...]:
    """What tells a row from the others of its slot, as far as the catalogue says."""
    group = group_of(row)
    if group is None:
        known = CATALOGUE.groups.get(row["tietoryhma"])
        if known is None or not known.is_known:
            return (row["tietoryhma"], json.dumps(columns["payload"], sort_keys=True))
        return (row["tietoryhma"], *(_related_fields(row, known) for one in known.key))
    return (group.slot, *(_key_part(one, columns) for one in group.key))


def _key_part(part: str, columns: Columns) -> Any:
    if part == RELATED:
        named = [columns.get(f"related_{name}") or "" for name in ("first_names", "last_name")]
        born = columns.get("related_birth_date") or ""
        return columns.get("related_identity_code") or "|".join([*named, born])
    if part == "coalesce(valid_from::varchar, name)":
        return columns.get("valid_from") or columns.get("name")
    value = columns.get(part)
    # An empty text and none make the same key.
    return None if value == "" else value


def _related_fields(row: Row, group: Tietoryhma) -> Any:
    other = row.get(group.related or "") or {}
    born = (other.get("syntymapv") or {}).get("arvo") or ""
    named = "|".join([other.get("etunimet") or "", other.get("sukunimi") or "", born])
    return other.get("henkilotunnus") or named


def _columns(group: Tietoryhma, row: Row, around: Row) -> Columns:
    table = CATALOGUE.tables[group.table]
    types = {column.name: column.type for column in table.columns}
    found = {
        name: _value(group, source, types[name], row, around)
        for name, source in group.columns.items()
    }
    if table.has_validity and group.start is not None:
        found |= _bound("valid_from", _at(group.start, row, around), is_last_day=False)
    if table.has_validity and group.end is not None:
        last = group.end_is_inclusive
        found |= _bound("valid_to", _at(group.end, row, around), is_last_day=last)
    return found


def _value(group: Tietoryhma, source: str, column_type: str, row: Row, around: Row) -> Any:
    if source.startswith("'"):
        return source.strip("'")
    if "{" in source:
        return _EXPRESSIONS[source](row)
    if group.field(source).kind is Kind.PARTIAL_DATE:
        value = _at(source.removesuffix(".tarkkuus"), row, around)
        both = _bound("day", value, is_last_day=False)
        return both["day_precision" if source.endswith(".tarkkuus") else "day"]
    value = _at(source, row, around)
    if value is None or column_type == "jsonb":
        return plain(value)
    text = plain(value)
    return {"integer": lambda: int(text), "boolean": lambda: text == "true"}.get(
        column_type, lambda: text
    )()


def _at(path: str, row: Row, around: Row) -> Any:
    found: Any = around if path.startswith("/") else row
    for name in path.removeprefix("/").split("."):
        found = (found or {}).get(name)
    return found


def _bound(column: str, value: Row | None, *, is_last_day: bool) -> Columns:
    precision = _PRECISIONS[value["tarkkuus"]] if value else None
    found: Columns = {column: None, f"{column}_precision": precision}
    if value and precision != "unknown":
        told = date.fromisoformat(value["arvo"])
        found[column] = str(told + timedelta(days=int(is_last_day and precision == "day")))
    return found
