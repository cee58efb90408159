"""One table's histories as folded, ready to be written while the engine folds the next table.

Add here how folded rows are handed on. Keep out how they are folded (`fold.py`) and PostgreSQL's
statements (`writer.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.register.engine_errors import without_data
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vtj_pipeline.catalogue import Column
    from vtj_pipeline.landing import Engine

UUID = pa.binary(16)
_ROWS_AT_ONCE = 100_000
# PostgreSQL's binary form of jsonb is its text after the number of the form.
_JSONB_FORM = "chr(1)"


@dataclass(frozen=True)
class Differences:
    """What makes the rows that stand into those that were folded.

    Attributes:
        removed: `row_id`s that stand and were not folded.
        ended: `row_id` and `recorded_to` of rows that stand and end otherwise, or not;
            `related_person_id` where it was asked for.
        new: The rows that do not stand. To be read to its end before anything else is asked.
    """

    removed: pa.Table
    ended: pa.Table
    new: pa.RecordBatchReader


class FoldedTable:
    """The folded rows of one table, on a connection of their own.

    Rows come as PostgreSQL's binary COPY takes them: an uuid in 16 bytes, jsonb after its number.

    Args:
        engine: That folded them.
        name: Of the table that they are in.
        columns: Theirs, as the register has them.
        is_kept: Whether the engine needs them to the end.
    """

    def __init__(
        self, engine: Engine, name: str, columns: tuple[Column, ...], *, is_kept: bool
    ) -> None:
        self._private = engine
        self._connection = engine.connection.cursor()
        self._name = name
        self._columns = columns
        self._is_kept = is_kept

    def rows(self) -> pa.RecordBatchReader:
        """All rows; to be read to its end before anything else is asked."""
        return self._read("rows")

    def differences(self, standing: pa.Table, *, with_relations: bool) -> Differences:
        """What is to be written, given the rows that stand.

        Args:
            standing: `row_id`, `recorded_to` and, `with_relations`, `related_person_id` of them.
            with_relations: Whether who a related person is counts as well.
        """
        self._connection.register("standing", standing)
        return Differences(
            removed=self._read("removed").read_all(),
            ended=self._read("ended", with_relations=with_relations).read_all(),
            new=self._read("new"),
        )

    def as_text(self) -> pa.Table:
        """All rows, an uuid as text."""
        with without_data(self._private):
            return plain_table(self._connection.sql(self._statement("text")).to_arrow_table())

    def done_with(self) -> None:
        """Give their memory back, unless the engine needs them."""
        with without_data(self._private):
            if not self._is_kept:
                self._connection.execute(f"drop table {self._name}")
            self._connection.close()

    def _read(self, what: str, *, with_relations: bool = False) -> pa.RecordBatchReader:
        statement = self._statement(what, with_relations=with_relations)
        with without_data(self._private):
            return plain(self._connection.sql(statement).to_arrow_reader(_ROWS_AT_ONCE))

    def _statement(self, what: str, *, with_relations: bool = False) -> str:
        return render(
            "folded.sql",
            what=what,
            folded=self._name,
            columns=self._columns,
            jsonb_form=_JSONB_FORM,
            with_relations=with_relations,
        )


def plain(rows: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """The same rows, of types that need no extension: an uuid is its 16 bytes."""
    schema = _plain_schema(rows.schema)
    return pa.RecordBatchReader.from_batches(schema, _plain_batches(rows, schema))


def plain_table(rows: pa.Table) -> pa.Table:
    """As `plain`."""
    schema = _plain_schema(rows.schema)
    return pa.Table.from_batches(_plain_batches(rows.to_batches(), schema), schema)


def plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """As `plain`."""
    chunks = [_plain_chunk(chunk) for chunk in column.chunks]
    return pa.chunked_array(chunks, type=_plain_type(column.type))


def _plain_schema(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(one.name, _plain_type(one.type)) for one in schema])


def _plain_batches(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        columns = [_plain_chunk(column) for column in batch.columns]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if not isinstance(kind, pa.BaseExtensionType):
        return kind
    return pa.bool_() if isinstance(kind, pa.Bool8Type) else kind.storage_type


def _plain_chunk(column: pa.Array) -> pa.Array:
    if not isinstance(column, pa.ExtensionArray):
        return column
    return column.storage.cast(_plain_type(column.type))
