"""The fold's statements: the templates filled in for one table.

Change a rule in the catalogue, the three operations in `sql/fold_rows.sql`. Keep out how an
expression is written (`fold_values.py`) and PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.catalogue.model import IDENTITY_CODE, OTHER_GROUP, UNCHANGED, Table
from vtj_pipeline.register.ddl import value_columns
from vtj_pipeline.register.fold_values import (
    ColumnValue,
    GroupValues,
    duckdb_type,
    fact,
    group_values,
    is_open,
    leftover_values,
)
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from collections.abc import Collection

    from vtj_pipeline.catalogue import Catalogue


def fold_statement(
    table: Table, catalogue: Catalogue, present: Collection[str] | None = None
) -> str:
    """The DuckDB statements that turn `person_event` into `folded` for one table.

    `folded` has `row_id` (hex), `person_id`, the table's value columns, `related_person_id` where
    the table names another person, `recorded_from`, `recorded_to`, `source_group` and `slot`.

    Args:
        table: Which one.
        catalogue: Its groups.
        present: The groups of which there are events; None = any.
    """
    groups = [
        group_values(group, table)
        for group in catalogue.groups_of(table.name)
        if group.is_known and (present is None or group.name in present)
    ]
    if table.name == OTHER_GROUP:
        groups.append(leftover_values(catalogue))
    if not groups and table.name != IDENTITY_CODE:
        typed = [ColumnValue(c.name, duckdb_type(c.type)) for c in value_columns(table)]
        return render("fold_nothing.sql", typed=typed, related=table.names_a_person)
    columns = [column.name for column in value_columns(table)]
    if table.parts:
        return render(
            "fold_parts.sql",
            table=table,
            columns=columns,
            groups=groups,
            owner=_owners(groups, table),
            unchanged_text=UNCHANGED,
            related=table.names_a_person,
        )
    return render(
        "fold_rows.sql",
        table=table,
        columns=columns,
        typed=[ColumnValue(c.name, duckdb_type(c.type)) for c in table.value_columns],
        groups=groups,
        fact=fact(table),
        is_open=is_open(table),
        related=table.names_a_person,
        has_siblings=any(group.rank for group in groups),
        has_one_open=any(group.one_open for group in groups),
        has_list=any(group.whole_list for group in groups),
        implicit_codes=table.name == IDENTITY_CODE,
    )


def groups_by_table(catalogue: Catalogue) -> list[tuple[str, str]]:
    """(group, table) wherever the fold of a table reads events of a group.

    A group that the catalogue does not know is read by `other_group` alone.
    """
    known = [group for group in catalogue.groups.values() if group.is_known]
    own = [(group.name, group.table) for group in known]
    also = [
        (group.name, OTHER_GROUP)
        for group in known
        # As `leftover_values`: rows that do not fit, and masked ones where nothing can hide.
        if group.only or not catalogue.tables[group.table].maskable
    ]
    unknown = [
        (group.name, OTHER_GROUP) for group in catalogue.groups.values() if not group.is_known
    ]
    return sorted({*own, *also, *unknown})


def _owners(groups: list[GroupValues], table: Table) -> dict[str, str]:
    owners = {
        column.name: _told(f"c.{group.part}.{column.name}", column.name in group.unchanged)
        for group in groups
        for column in group.columns
    }
    missing = {column.name: f"null::{duckdb_type(column.type)}" for column in value_columns(table)}
    return {**missing, **owners}


def _told(value: str, may_be_unchanged: bool) -> str:
    # Where nothing stood there is nothing to leave as it was.
    return f"nullif({value}, '{UNCHANGED}')" if may_be_unchanged else value
