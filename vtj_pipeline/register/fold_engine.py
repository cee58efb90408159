"""The fold's engine: DuckDB with one publication's events, identities and folded tables.

Add a step of the fold here. Keep out PostgreSQL: what stands there is handed in as Arrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from vtj_pipeline.errors import RegisterError
from vtj_pipeline.register.fold import fold_statement
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.catalogue import Catalogue, Table
    from vtj_pipeline.privacy import PersonKey

_KEPT = ("identity_code", "death", "protection_order")


class FoldEngine:
    """One publication's work in DuckDB; made by `fold_engine`."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
        self._engine = engine
        self._catalogue = catalogue

    def read_new(self, files: list[str]) -> pa.Table:
        """Read the batches not yet applied; returns the codes they touch (`code`)."""
        self._engine.execute("set variable new_files = ?", [files])
        self._run(
            "create or replace temp table new_event as "
            "select * from read_parquet(getvariable('new_files'))"
        )
        self._run(render("touched_codes.sql"))
        return self._arrow("select code from touched_code")

    def read_events(self, files: list[str], more_codes: pa.Table | None) -> None:
        """Read all events of the touched codes and of `more_codes` (`code`); None: of everyone."""
        self._engine.execute("set variable events_files = ?", [files])
        if more_codes is not None:
            self._engine.register("more_code", more_codes)
            self._run(
                "insert into touched_code select code from more_code where code not in "
                "(select code from touched_code)"
            )
        self._run(render("events.sql", everyone=more_codes is None))

    def identify(self) -> pa.Table:
        """Group codes into persons and put their events in order; returns their `person_id`s."""
        self._run(render("identity.sql"))
        while self._labels_spread():
            pass
        self._run(render("persons.sql"))
        return self._arrow("select distinct person_id::varchar as person_id from person_code")

    def fold(self, table: Table) -> pa.Table:
        """The whole history of one table for the touched persons."""
        self._run(fold_statement(table, self._catalogue))
        if table.name in _KEPT:
            self._run(f"create or replace temp table folded_{table.name} as select * from folded")
        return self._arrow("select * from folded")

    def persons(self) -> pa.Table:
        """`register.person` for the touched persons; after `fold` of the tables it rests on."""
        self._run(render("person.sql"))
        return self._arrow("select * from folded")

    def faults(self) -> pa.Table:
        """What could not be read in the new batches: position, group, reason, person's hash."""
        return self._arrow(
            "select filename, page, message, line, tietoryhma, fault as reason, "
            "case when subject is not null then person_id_of(subject)::varchar end as person_id "
            "from read_parquet(getvariable('new_files'), filename = true) where fault is not null"
        )

    def _labels_spread(self) -> bool:
        before = self._engine.execute("select count(distinct label) from lineage").fetchone()
        self._run(render("identity_step.sql"))
        return (
            before != self._engine.execute("select count(distinct label) from lineage").fetchone()
        )

    def _run(self, statement: str) -> None:
        try:
            self._engine.execute(statement)
        except duckdb.Error as error:
            # The engine's own message can quote the data, so that it must not be chained.
            msg = (
                "The fold was asked to run and stopped "
                f"({type(error).__name__}). Nothing was published; report it with this version."
            )
            raise RegisterError(msg) from None

    def _arrow(self, query: str) -> pa.Table:
        return self._engine.sql(query).to_arrow_table()


@contextmanager
def fold_engine(
    scratch: Path, memory: str, key: PersonKey, catalogue: Catalogue
) -> Iterator[FoldEngine]:
    """Open an engine that spills to `scratch` and knows the key of person_id."""
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(dir=scratch) as folder, duckdb.connect() as engine:
        engine.execute(f"set memory_limit = '{memory}'")
        engine.execute("set TimeZone = 'UTC'")
        engine.execute("set temp_directory = ?", [folder])
        engine.execute("set preserve_insertion_order = false")
        engine.execute("set variable person_key_inner = ?", [key.inner])
        engine.execute("set variable person_key_outer = ?", [key.outer])
        yield FoldEngine(engine, catalogue)
