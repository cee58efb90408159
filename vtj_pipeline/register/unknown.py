"""What this version does not know: groups, fields and code values, counted and never quoted.

None of it stops anything: the rows are kept as they came. Add a kind of unknown thing here, or an
official list that columns take their values from. Keep out how the counts are read again
(`findings.py`) and shown.

Groups and fields are counted in the events of the batches that a publication takes in, so that
each landed row counts once however often it is published, and once more where it is landed again.
Codes are counted in rows that stand now: what the touched persons had is subtracted and what they
have is added. Both sums are the same after any order of publications and after a rebuild.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vtj_pipeline.catalogue import Catalogue, Column, Table
    from vtj_pipeline.register.findings import Unknown
    from vtj_pipeline.register.folds import Folds
    from vtj_pipeline.register.writer import RegisterWriter

Key = tuple[str, str, str | None]
"""Kind, tietoryhma and name of something that is not known."""
GROUP, FIELD, CODE = "group", "field", "code"
_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("tietoryhma", pa.string()),
        ("name", pa.string()),
        ("rows", pa.int64()),
    ]
)
_MUNICIPALITY = "municipality"
_LISTS = {
    _MUNICIPALITY: ("municipalities.csv", ("municipality_code",), ("198", "199", "200")),
    "country": ("countries.csv", ("country_code",), ()),
    "language": ("languages.csv", ("language_code", "iso639_1"), ()),
}
"""List → its file in `reference/`, the columns that hold codes, and codes that the source adds."""
# Municipalities that were gone by then are in no list of ours: an older row is not judged.
_MUNICIPALITIES_SINCE = "date '2008-01-01'"


@dataclass(frozen=True)
class JudgedColumn:
    """A column whose values should be known.

    Attributes:
        column: Its name in the register.
        name: Its field in the source.
        group: The group that fills it, where the row's own `source_group` does not tell.
        known: The values that are.
        condition: SQL over the row `r`: whether the row is judged at all.
    """

    column: str
    name: str
    group: str | None
    known: tuple[str, ...]
    condition: str


@cache
def listed(code_list: str) -> tuple[str, ...]:
    """The codes of an official list, sorted."""
    file, columns, more = _LISTS[code_list]
    text = files("vtj_pipeline.reference").joinpath(file).read_text("utf-8")
    codes = {row[column] for row in csv.DictReader(text.splitlines()) for column in columns}
    return tuple(sorted((codes | set(more)) - {""}))


def judged_columns(table: Table, catalogue: Catalogue) -> tuple[JudgedColumn, ...]:
    """The columns of a table that hold a code."""
    return tuple(
        JudgedColumn(
            column=column.name,
            name=column.finnish,
            group=_owner(table, column, catalogue),
            known=listed(column.code_list) if column.code_list else column.codes,
            condition=_condition(table, column),
        )
        for column in table.columns
        if column.codes or column.code_list
    )


def codes_statement(table: Table, catalogue: Catalogue, *, standing: bool) -> str | None:
    """Count unknown codes, a row a `source_group` and a column a judged column; None: has none.

    Args:
        table: Which table.
        catalogue: Whose columns.
        standing: In the register, for the persons of `touched` (PostgreSQL); else in `folded`
            (DuckDB).
    """
    columns = judged_columns(table, catalogue)
    if not columns:
        return None
    return render("unknown_codes.sql", table=table.name, columns=columns, standing=standing)


def events_statement(catalogue: Catalogue) -> str:
    """Count unknown groups and fields in `new_event` (DuckDB)."""
    return render("unknown_events.sql", known=sorted(catalogue.groups))


@dataclass
class UnknownCounter:
    """The counts of one publication, to be recorded when it is.

    Attributes:
        catalogue: What is known.
        everyone: Whether everybody is folded from everything, so that the counts are the whole.
        standing: What the register says is not known, before the publication.
        counts: (kind, tietoryhma, name) → rows that there are now.
        gone: Likewise, that there were before. Apart, since another thread counts them.
    """

    catalogue: Catalogue
    everyone: bool
    standing: Iterable[Unknown]
    counts: Counter[Key] = field(default_factory=Counter)
    gone: Counter[Key] = field(default_factory=Counter)

    def add_events(self, engine: Folds) -> None:
        """Count the groups and fields of the new batches."""
        for row in engine.unknown_events().to_pylist():
            self.counts[row["kind"], row["tietoryhma"], row["name"]] += row["rows"]

    def add_folded(self, engine: Folds, table: Table) -> None:
        """Count the codes of one table that was folded."""
        statement = codes_statement(table, self.catalogue, standing=False)
        if statement is not None:
            self._add_codes(table, engine.counted(statement), self.counts)

    def add_standing(self, writer: RegisterWriter, table: Table) -> None:
        """Take away what stands of the touched persons in one table; before it is written."""
        statement = codes_statement(table, self.catalogue, standing=True)
        if statement is not None and not self.everyone and self._may_stand(table):
            self._add_codes(table, writer.counted(statement), self.gone)

    @property
    def is_as_it_stood(self) -> bool:
        """Whether counts that are the whole are those that stand."""
        standing = {(one.kind, one.tietoryhma, one.name): one.rows for one in self.standing}
        return {key: rows for key, rows in self.counts.items() if rows > 0} == standing

    def as_table(self) -> pa.Table:
        """The counts as rows to stage."""
        rows = [
            {"kind": kind, "tietoryhma": group, "name": name, "rows": rows}
            for kind, group, name in self.counts | self.gone
            if (rows := self.counts[kind, group, name] - self.gone[kind, group, name])
        ]
        return pa.Table.from_pylist(rows, _SCHEMA)

    def _may_stand(self, table: Table) -> bool:
        # The counts are exact: where there is none, nobody needs to look.
        groups = {group.name for group in self.catalogue.groups_of(table.name)}
        names = {column.name for column in judged_columns(table, self.catalogue)}
        return any(
            one.kind == CODE and one.tietoryhma in groups and one.name in names
            for one in self.standing
        )

    def _add_codes(self, table: Table, counted: pa.Table, counts: Counter[Key]) -> None:
        columns = judged_columns(table, self.catalogue)
        for row in counted.to_pylist():
            for column in columns:
                key = CODE, column.group or row["source_group"], column.name
                counts[key] += row[column.column]


def _owner(table: Table, column: Column, catalogue: Catalogue) -> str | None:
    # A row of parts is carried forward: its source_group is whichever part was told last.
    if not table.parts:
        return None
    groups = catalogue.groups_of(table.name)
    return next((group.name for group in groups if column.name in group.columns), None)


def _condition(table: Table, column: Column) -> str:
    if column.code_list != _MUNICIPALITY:
        return "true"
    if table.has_validity:
        return f"coalesce(r.valid_to > {_MUNICIPALITIES_SINCE}, true)"
    if any(one.name == "birth_date" for one in table.columns):
        return f"r.birth_date >= {_MUNICIPALITIES_SINCE}"
    return "true"
