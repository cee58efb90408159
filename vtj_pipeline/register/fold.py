"""The catalogue's rules as SQL over columns: which expression fills which column, group by group.

Change a rule in the catalogue, the three operations in `sql/fold_rows.sql`. Keep out PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vtj_pipeline.catalogue import Kind
from vtj_pipeline.catalogue.model import IDENTITY_CODE, OTHER_GROUP, Table, Tietoryhma
from vtj_pipeline.events.structure import structure
from vtj_pipeline.register.ddl import value_columns
from vtj_pipeline.register.template import render

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
    part: str | None
    sweeps: bool
    whole_list: str | None
    structure: str
    filter: str
    condition: str
    columns: tuple[ColumnValue, ...]
    constants: tuple[ColumnValue, ...]


def fold_statement(table: Table, catalogue: Catalogue) -> str:
    """The DuckDB statements that turn `person_event` into `folded` for one table.

    `folded` has `row_id` (hex), `person_id`, the table's value columns, `recorded_from`,
    `recorded_to` and `source_group`.
    """
    groups = [group_values(group, table) for group in catalogue.groups_of(table.name)]
    if table.name == OTHER_GROUP:
        groups = [_other_values(catalogue)]
    columns = [column.name for column in value_columns(table)]
    if table.parts:
        return render(
            "fold_parts.sql",
            table=table.name,
            columns=columns,
            groups=groups,
            owner=_owners(groups, columns),
        )
    return render(
        "fold_rows.sql",
        table=table.name,
        columns=columns,
        typed=[ColumnValue(c.name, _duckdb_type(c.type)) for c in table.value_columns],
        groups=groups,
        key=_key(table, catalogue),
        open_when=table.open_when,
        maskable=table.maskable,
        implicit_codes=table.name == IDENTITY_CODE,
    )


def group_values(group: Tietoryhma, table: Table) -> GroupValues:
    """The expressions of one group for the columns of its table."""
    constants = tuple(
        ColumnValue(name, source)
        for name, source in group.columns.items()
        if source.startswith("'")
    )
    values = [
        ColumnValue(column.name, _expression(group, column.name, column.type))
        for column in table.columns
        if column.name in group.columns
    ]
    if table.has_validity and group.start is not None:
        values += _validity(group)
    condition = " and ".join(
        f"coalesce(r.{name}, '') in ({_quoted(allowed)})" for name, allowed in group.only.items()
    )
    return GroupValues(
        name=group.name,
        slot=group.slot,
        part=group.part,
        sweeps=group.sweeps,
        whole_list=group.whole_list,
        structure=structure(group.fields),
        filter=f"tietoryhma = '{group.name}'",
        condition=condition or "true",
        columns=tuple(values),
        constants=constants,
    )


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _other_values(catalogue: Catalogue) -> GroupValues:
    tietoryhma = ColumnValue("tietoryhma", "e.tietoryhma")
    return GroupValues(
        name="*",
        slot=None,
        part=None,
        sweeps=True,
        whole_list=None,
        structure="",
        filter=f"tietoryhma not in ({_quoted(catalogue.groups)})",
        condition="true",
        columns=(tietoryhma, ColumnValue("payload", "r")),
        constants=(tietoryhma,),
    )


def _key(table: Table, catalogue: Catalogue) -> list[str]:
    if table.name == OTHER_GROUP:
        return ["payload"]
    keys = [name for group in catalogue.groups_of(table.name) for name in group.key]
    return list(dict.fromkeys(keys))


def _owners(groups: list[GroupValues], columns: list[str]) -> dict[str, str]:
    owners = {
        column.name: f"c.{group.part}.{column.name}" for group in groups for column in group.columns
    }
    missing = {
        name: "null::date" if name in ("valid_from", "valid_to") else "null::varchar"
        for name in columns
    }
    return {**missing, **owners}


def _expression(group: Tietoryhma, column: str, column_type: str) -> str:
    source = group.columns[column]
    if source.startswith("'"):
        return source
    if " " in source:
        return f"r.{source}"
    name, _, inner = source.partition(".")
    field = group.field(name)
    if field.kind is Kind.PARTIAL_DATE:
        return (_PRECISION if inner else _DAY).format(value=f"r.{name}")
    value = f"r.{source}"
    if column_type == "text":
        return value
    return f"try_cast({value} as {_duckdb_type(column_type)})"


def _duckdb_type(column_type: str) -> str:
    return _DUCKDB_TYPES.get(column_type, column_type)


def _validity(group: Tietoryhma) -> list[ColumnValue]:
    start = f"r.{group.start}" if group.start else None
    end = f"r.{group.end}" if group.end else None
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
