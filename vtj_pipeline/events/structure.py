"""The catalogue's fields as the structures that DuckDB reads JSON by.

Add a shape here together with its `Kind`. Keep out SQL statements.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vtj_pipeline.catalogue import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Judge = Callable[[Field, str], str | None]

# What a date can be in every program that reads it.
_DAYS = "date '0001-01-01' and date '9999-12-31'"
# Fields that the register and the views look persons up by. PostgreSQL's indexes hold no more than
# 2.7 kB, and a dwelling is told by six of these.
_CODES = frozenset(
    {
        *("henkilotunnus", "aktiivinenHenkilotunnus", "muutettuHenkilotunnus", "kuntakoodi"),
        *("rakennustunnus", "osoitenumero", "huoneistokirjain", "huoneistonumero"),
        *("jakokirjain", "asuinpaikantunnus"),
    }
)
_LONGEST_CODE = 60
_NO_DAY = (
    *("[^12]", ".[^0-9]", ".{2}[^0-9]", ".{3}[^0-9]", ".{4}[^-]"),
    *(".{5}[^01]", ".{5}0[^1-9]", ".{5}1[^0-2]", ".{7}[^-]"),
    *(".{8}[^0-3]", ".{8}0[^1-9]", ".{9}[^0-9]", ".{8}3[^01]", '.{10}[^"]'),
    *(".{5}02-3", ".{5}(?:0[469]|11)-31"),
    *("..(?:[02468][1235679]|[13579][01345789])-02-29", "(?:1[^26]|2[^048])00-02-29"),
)
ODD_DATE = f'"arvo":"(?:{"|".join(_NO_DAY)})'
"""Where some partial date in a JSON text may be impossible, as a regular expression (RE2).

It finds every one that is, and few besides: those before the year 1000, or after 2999.
"""
# Everything is read as text: the source gives numbers and booleans as either (contract §2.2).
_SHAPES: dict[Kind, object] = {
    Kind.TEXT: "VARCHAR",
    Kind.INTEGER: "VARCHAR",
    Kind.BOOLEAN: "VARCHAR",
    Kind.PARTIAL_DATE: {"arvo": "VARCHAR", "tarkkuus": "VARCHAR"},
    Kind.LOCALIZED: {"fi": "VARCHAR", "sv": "VARCHAR"},
    Kind.TEXT_LIST: ["VARCHAR"],
}


def structure(fields: Iterable[Field]) -> str:
    """The DuckDB JSON structure (a JSON text) of rows with these fields."""
    return json.dumps(_structure(fields), ensure_ascii=False)


def _structure(fields: Iterable[Field]) -> dict[str, object]:
    return {field.name: _shape(field) for field in fields}


def _shape(field: Field) -> object:
    if field.kind is Kind.OBJECT_LIST:
        return [_structure(field.fields)]
    return _structure(field.fields) if field.kind is Kind.OBJECT else _SHAPES[field.kind]


def is_there(field: Field, row: str) -> str:
    """A DuckDB condition: the field came through in its shape (a text for a date does not).

    Args:
        field: Of the row, or of an object in it.
        row: The name by which the statement knows what holds it.
    """
    value = f"{row}.{field.name}"
    if field.kind is Kind.PARTIAL_DATE:
        return f"{value}.arvo is not null"
    if field.kind is Kind.LOCALIZED:
        return f"({value}.fi is not null or {value}.sv is not null)"
    if field.kind is Kind.OBJECT:
        return f"({' or '.join(is_there(inner, value) for inner in field.fields)})"
    return f"{value} is not null"


def json_type_of(field: Field) -> str | None:
    """The JSON type in which the source gives a field; None for a plain value of any type."""
    if field.kind in (Kind.PARTIAL_DATE, Kind.LOCALIZED, Kind.OBJECT):
        return "OBJECT"
    return "ARRAY" if field.kind in (Kind.TEXT_LIST, Kind.OBJECT_LIST) else None


def impossible_date(fields: Iterable[Field], row: str = "r") -> str:
    """A DuckDB condition: some date in the row is not in the calendar (contract §3.0).

    Args:
        fields: The fields of the row.
        row: The name by which the statement knows it.
    """
    return _somewhere(fields, row, _date_is_impossible)


def code_is_too_long(fields: Iterable[Field], row: str = "r") -> str:
    """A DuckDB condition: what persons or places are looked up by is longer than any code.

    Args:
        fields: The fields of the row.
        row: The name by which the statement knows it.
    """
    return _somewhere(fields, row, _code_is_too_long)


def _date_is_impossible(field: Field, value: str) -> str | None:
    if field.kind is not Kind.PARTIAL_DATE:
        return None
    return (
        f"({value}.arvo is not null and {value}.tarkkuus is distinct from 'EI_TIEDOSSA' "
        f"and (try_cast({value}.arvo as date) between {_DAYS}) is not true)"
    )


def _code_is_too_long(field: Field, value: str) -> str | None:
    return f"length({value}) > {_LONGEST_CODE}" if field.name in _CODES else None


def _somewhere(fields: Iterable[Field], row: str, judge: Judge) -> str:
    """A DuckDB condition: what `judge` says of a field and its value holds of some field."""
    return " or ".join(_found(fields, row, 0, judge)) or "false"


def _found(fields: Iterable[Field], row: str, depth: int, judge: Judge) -> list[str]:
    found = []
    for field in fields:
        value = f"{row}.{field.name}"
        condition = judge(field, value)
        if condition is not None:
            found.append(condition)
        elif field.kind is Kind.OBJECT:
            found += _found(field.fields, value, depth, judge)
        elif field.kind is Kind.OBJECT_LIST:
            inner = _found(field.fields, f"x{depth}", depth + 1, judge)
            if inner:
                test = f"lambda x{depth}: coalesce({' or '.join(inner)}, false)"
                found.append(f"len(list_filter({value}, {test})) > 0")
    return found
