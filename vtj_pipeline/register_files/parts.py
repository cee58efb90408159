"""The rows of a table as encrypted Parquet files of bounded size, a row group in memory at a time.

A file is named for its content: the same rows make the same file, which is then not written again,
and every manifest that has these rows names it. Keep out where rows come from (`snapshot.py`).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from vtj_pipeline.landing.local_files import written
from vtj_pipeline.register_files.manifest import ColumnOf, DataFile, TableFiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vtj_pipeline.landing import Storage
    from vtj_pipeline.register_files.contents import Content

_NAME = 32


@dataclass(frozen=True)
class Bounds:
    """How large files become.

    Attributes:
        group: Rows of a row group: what is held in memory, and what a reader may skip.
        file: Rows of a file: some tens of megabytes, since a store takes each in one request.
    """

    group: int = 131_072
    file: int = 2_097_152


@dataclass
class Parts:
    """Writes tables as files.

    Attributes:
        storage: Where they go.
        folder: Of this machine, for a file until it is whole.
        bounds: How large they become.
        new: How many files were written that were not there before.
        new_bytes: What these hold.
    """

    storage: Storage
    folder: Path
    bounds: Bounds
    new: int = 0
    new_bytes: int = 0

    def write(self, content: Content, rows: pa.RecordBatchReader) -> TableFiles:
        """Write a table's rows; at least one file, which tells the columns.

        Raises:
            LandingError: a file cannot be written: most often the disk is full.
            StoreUnavailable: the object store does not answer.
        """
        schema = pa.schema([pa.field(one.name, one.type) for one in rows.schema])
        files = []
        groups = _groups(rows, schema, self.bounds.group)
        group = next(groups, schema.empty_table())
        while group is not None:
            file, group = self._file(content.folder, schema, group, groups)
            files.append(file)
        return TableFiles(
            rows=sum(one.rows for one in files),
            columns=tuple(ColumnOf(name=one.name, type=str(one.type)) for one in schema),
            sorted_by=content.sorted_by,
            files=tuple(files),
        )

    def _file(
        self, folder: str, schema: pa.Schema, group: pa.Table, groups: Iterator[pa.Table]
    ) -> tuple[DataFile, pa.Table | None]:
        """One file, and the row group that the next one begins with."""
        temporary = self.folder / "part"
        count = 0
        following: pa.Table | None = group
        with written(folder, self.storage.scratch, temporary):
            stream = self.storage.stream(temporary)
            with closing(stream), pq.ParquetWriter(stream, schema, compression="zstd") as writer:
                while following is not None and count < self.bounds.file:
                    writer.write_table(following, row_group_size=self.bounds.group)
                    count += following.num_rows
                    following = next(groups, None)
        path = f"{folder}/{stream.sha256[:_NAME]}.parquet"
        if self.storage.exists(path):
            temporary.unlink()
        else:
            self.storage.adopt(temporary, path)
            self.new += 1
            self.new_bytes += stream.tell()
        file = DataFile(path=path, rows=count, bytes=stream.tell(), sha256=stream.sha256)
        return file, following


def _groups(rows: pa.RecordBatchReader, schema: pa.Schema, size: int) -> Iterator[pa.Table]:
    """The rows in tables of equal size, however they come: else their files would differ."""
    waiting: list[pa.Table] = []
    count = 0
    for batch in rows:
        # Without what the driver notes of PostgreSQL's types.
        waiting.append(pa.Table.from_batches([batch]).cast(schema))
        count += batch.num_rows
        while count >= size:
            whole = pa.concat_tables(waiting)
            yield whole.slice(0, size).combine_chunks()
            waiting, count = [whole.slice(size)], count - size
    if count:
        yield pa.concat_tables(waiting).combine_chunks()
