"""The catalogue's entries fit one another."""

from __future__ import annotations

import pytest

from vtj_pipeline.catalogue import CATALOGUE, Tietoryhma

_GROUPS = pytest.mark.parametrize("group", CATALOGUE.groups.values(), ids=lambda g: g.name)


@_GROUPS
def test_every_column_of_a_group_is_in_its_table(group: Tietoryhma) -> None:
    table = CATALOGUE.tables[group.table]
    names = {column.name for column in table.value_columns}
    assert set(group.columns) <= names
    assert set(group.key) <= names
    assert (group.part in table.parts) if table.parts else group.part is None


@_GROUPS
def test_every_source_of_a_column_is_a_field_of_the_group(group: Tietoryhma) -> None:
    fields = {field.name for field in group.row_fields}
    sources = [source for source in group.columns.values() if not source.startswith("'")]
    named = {source.split(" ")[0].split(".")[0] for source in sources}
    assert named | {name for name in (group.start, group.end) if name} <= fields


@_GROUPS
def test_what_can_be_withheld_lands_in_a_table_that_can_say_so(group: Tietoryhma) -> None:
    assert not group.withheld_fields or CATALOGUE.tables[group.table].maskable
