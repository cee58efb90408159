"""The catalogue's rules as SQL over columns: which expression fills which column, group by group.

Change a rule in the catalogue; how an expression is written stands here. Keep out whole statements
(`fold.py`, `sql/`) and PostgreSQL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vtj_pipeline.catalogue import Kind
from vtj_pipeline.catalogue.model import OTHER_GROUP, RELATED, Table, Tietoryhma
from vtj_pipeline.events.structure import structure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vtj_pipeline.catalogue import Catalogue

_DUCKDB_TYPES = {"text": "varchar", "jsonb": "varchar"}
_PRECISION = (
    "case {value}.tarkkuus when 'PAIVA' then 'day' when 'KUUKAUSI' then 'month' "
    "when 'VUOSI' then 'year' when 'EI_TIEDOSSA' then 'unknown' end"
)
# A date of unknown precision is only padding (contract §9 #26).
_DAY = "case when {value}.tarkkuus <> 'EI_TIEDOSSA' then try_cast({value}.arvo as date) end"
_PERSON = "coalesce({code}, concat_ws('|', coalesce({first}, ''), coalesce({last}, ''), {born}))"
_RELATED_COLUMNS = _PERSON.format(
    code="related_identity_code",
    first="related_first_names",
    last="related_last_name",
    born="coalesce(related_birth_date::varchar, '')",
)


@dataclass(frozen=True)
class ColumnValue:
    """A column and the DuckDB expression, on a row `r` of a group, that fills it."""

    name: str
    sql: str


@dataclass(frozen=True)
class GroupValues:
    """What the fold templates need to know of one group."""

    name: str
    slot: str | None
    rank: int
    part: str | None
    sweeps: bool
    one_open: bool
    whole_list: str | None
    list_may_be_empty: bool
    removal_keeps_list: bool
    structure: str
    filter: str
    sweep_filter: str
    masked_filter: str
    condition: str
    key: tuple[str, ...]
    columns: tuple[ColumnValue, ...]
    constants: tuple[ColumnValue, ...]
    unchanged: tuple[str, ...] = ()


def group_values(group: Tietoryhma, table: Table) -> GroupValues:
    """The expressions of one group for the columns of its table."""
    own_filter = f"tietoryhma = '{group.name}'"
    return GroupValues(
        name=group.name,
        slot=group.slot,
        rank=group.rank or 0,
        part=group.part,
        sweeps=group.sweeps,
        one_open=group.one_open,
        whole_list=group.whole_list,
        list_may_be_empty=group.list_may_be_empty,
        removal_keeps_list=group.removal_keeps_list,
        structure=structure(group.fields),
        filter=own_filter,
        sweep_filter=own_filter,
        masked_filter=own_filter,
        condition=_condition(group, "r.{}"),
        key=_key(group),
        columns=_raw_columns(group) if table.name == OTHER_GROUP else _columns(group, table),
        constants=_constants(group),
        unchanged=group.may_be_unchanged,
    )


def leftover_values(catalogue: Catalogue) -> GroupValues:
    """What goes to `other_group` as it came: unknown groups, and rows that fit no table's rule."""
    known = [group for group in catalogue.groups.values() if group.is_known]
    unknown = f"tietoryhma not in ({_quoted(group.name for group in known)})"
    choosy = [group for group in known if group.only]
    bare = [group.name for group in known if not catalogue.tables[group.table].maskable]
    tietoryhma = ColumnValue("tietoryhma", "e.tietoryhma")
    return GroupValues(
        name="*",
        slot=None,
        rank=0,
        part=None,
        sweeps=True,
        one_open=False,
        whole_list=None,
        list_may_be_empty=False,
        removal_keeps_list=False,
        structure="",
        filter=f"({unknown} or tietoryhma in ({_quoted(group.name for group in choosy)}))",
        sweep_filter=f"({' or '.join([unknown, *_unfit(choosy, 'payload')])})",
        masked_filter=f"({unknown} or tietoryhma in ({_quoted(bare)}))",
        # A row and what it says is in force may belong to different tables.
        condition=f"({' or '.join([unknown, *_unfit(choosy, 'r')])})",
        key=("payload",),
        columns=(tietoryhma, ColumnValue("payload", "r")),
        constants=(tietoryhma,),
    )


def fact(table: Table) -> tuple[str, ...]:
    """SQL over a table's columns that tells which rows of siblings are one fact."""
    return tuple(_RELATED_COLUMNS if one == RELATED else one for one in table.fact)


def is_open(table: Table) -> str:
    """SQL over a row `s`: it is in force on the day on which it was recorded."""
    if not table.has_validity:
        return f"({table.open_when})"
    # A far-future end is kept as given and read as open (contract §8 #28).
    return (
        f"({table.open_when}) and case when s.valid_to is null then true "
        "else s.valid_to > (s.at at time zone 'Europe/Helsinki')::date end"
    )


def duckdb_type(column_type: str) -> str:
    """DuckDB's name for a type of the catalogue."""
    return _DUCKDB_TYPES.get(column_type, column_type)


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in ("-", *values))


def _unfit(groups: Iterable[Tietoryhma], row: str) -> list[str]:
    """SQL over a row as JSON: of a group whose table takes only some rows, and not this one."""
    field = f"({row} ->> '$.{{}}')"
    return [f"(tietoryhma = '{group.name}' and not {_condition(group, field)})" for group in groups]


def _condition(group: Tietoryhma, value: str) -> str:
    tests = [
        f"coalesce({value.format(name)}, '') in ({_quoted(allowed)})"
        for name, allowed in group.only.items()
    ]
    return f"({' and '.join(tests)})" if tests else "true"


def _key(group: Tietoryhma) -> tuple[str, ...]:
    if group.table == OTHER_GROUP:
        return tuple(_related_fields(group) if one == RELATED else f"r.{one}" for one in group.key)
    return tuple(_RELATED_COLUMNS if one == RELATED else one for one in group.key)


def _related_fields(group: Tietoryhma) -> str:
    related = f"r.{group.related}"
    return _PERSON.format(
        code=f"{related}.henkilotunnus",
        first=f"{related}.etunimet",
        last=f"{related}.sukunimi",
        born=f"coalesce({related}.syntymapv.arvo, '')",
    )


def _constants(group: Tietoryhma) -> tuple[ColumnValue, ...]:
    if group.table == OTHER_GROUP:
        return (ColumnValue("tietoryhma", f"'{group.name}'"),)
    return tuple(
        ColumnValue(name, source)
        for name, source in group.columns.items()
        if source.startswith("'")
    )


def _raw_columns(group: Tietoryhma) -> tuple[ColumnValue, ...]:
    return (
        ColumnValue("tietoryhma", f"'{group.name}'"),
        # A row with a field that the catalogue does not know stays as received.
        ColumnValue(
            "payload", "case when e.origin_is_row then e.payload else to_json(r)::varchar end"
        ),
    )


def _columns(group: Tietoryhma, table: Table) -> tuple[ColumnValue, ...]:
    values = [
        ColumnValue(column.name, _expression(group, column.name, column.type))
        for column in table.columns
        if column.name in group.columns
    ]
    if table.has_validity and group.start is not None:
        values += _validity(group)
    return tuple(values)


def _path(path: str) -> str:
    return f"o.{path.removeprefix('/')}" if path.startswith("/") else f"r.{path}"


def _expression(group: Tietoryhma, column: str, column_type: str) -> str:
    source = group.columns[column]
    if source.startswith("'"):
        return source
    if "{" in source:
        return re.sub(r"\{([^}]+)\}", lambda found: _path(found[1]), source)
    field = group.field(source)
    if field.kind is Kind.PARTIAL_DATE:
        template = _PRECISION if source.endswith(".tarkkuus") else _DAY
        return template.format(value=_path(source.removesuffix(".tarkkuus")))
    value = _path(source)
    if column_type == "jsonb":
        return f"to_json({value})::varchar"
    return value if column_type == "text" else f"try_cast({value} as {duckdb_type(column_type)})"


def _validity(group: Tietoryhma) -> list[ColumnValue]:
    start = _path(group.start) if group.start else None
    end = _path(group.end) if group.end else None
    closing = _DAY.format(value=end) if end else "null::date"
    if end and group.end_is_inclusive:
        # The register's intervals are half open: the last day itself still counts.
        closing = (
            f"case when {end}.tarkkuus = 'PAIVA' then "
            f"(try_cast({end}.arvo as date) + interval 1 day)::date else {closing} end"
        )
    nothing = "null::varchar"
    return [
        ColumnValue("valid_from", _DAY.format(value=start) if start else "null::date"),
        ColumnValue("valid_from_precision", _PRECISION.format(value=start) if start else nothing),
        ColumnValue("valid_to", closing),
        ColumnValue("valid_to_precision", _PRECISION.format(value=end) if end else nothing),
    ]
