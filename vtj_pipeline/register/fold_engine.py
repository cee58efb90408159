"""The fold's engine: DuckDB with one publication's events, identities and folded tables.

Add a step of the fold here. Keep out PostgreSQL: what stands there is handed in as Arrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.catalogue.model import OTHER_GROUP
from vtj_pipeline.landing import private_engine
from vtj_pipeline.register.ddl import all_columns
from vtj_pipeline.register.engine_errors import without_data
from vtj_pipeline.register.fold import fold_statement
from vtj_pipeline.register.folded import UUID, FoldedTable, plain_table
from vtj_pipeline.register.ordered_events import OrderedEvents, group_table, most_in_memory
from vtj_pipeline.register.template import render
from vtj_pipeline.register.unknown import events_statement

if TYPE_CHECKING:
    from vtj_pipeline.catalogue import Catalogue, Table
    from vtj_pipeline.landing import Engine, Storage
    from vtj_pipeline.privacy import PersonKey

BATCH_SCHEMA = pa.schema(
    [
        ("filename", pa.string()),
        ("subscription", pa.string()),
        ("granted", pa.list_(pa.string())),
        ("is_legacy", pa.bool_()),
        ("is_new", pa.bool_()),
    ]
)
"""One row an events file: the subscription that it was landed for, and the groups that its permit
is known to cover (null = not known, so that a group's absence means nothing); whether it came from
files of the retired Muutostietopalvelu; whether no publication has taken it in."""
PERSONS_REST_ON = ("identity_code", "death", "protection_order")
"""Tables that `persons` is made of, once they are folded."""
_ALWAYS = ("death", "protection_order")
"""Of these, the ones that are folded of everybody: who has one code only is known by it."""
_REPLACEMENTS, _ALL_LINKS = "not l.is_merge", "true"
_TOUCHED_IN = pa.schema([("person_id", UUID), ("table_name", pa.string())])


@dataclass(frozen=True)
class Plan:
    """What those must know who read events in shares.

    Attributes:
        rows: `filename` and `rows` of each events file that has any.
        linked: `node`, a code that another one is told of with, and `label`, equal for all of them.
        touched: `code`: whose events count; None: everybody's.
    """

    rows: pa.Table
    linked: pa.Table
    touched: pa.Table | None


class FoldEngine:
    """One publication's work in DuckDB; made by `fold_engine`."""

    def __init__(self, engine: Engine, catalogue: Catalogue, memory: str = "3GB") -> None:
        self._private = engine
        self._most_in_memory = most_in_memory(memory)
        self._ordered = OrderedEvents(engine, catalogue)
        self._engine = engine.connection
        self._catalogue = catalogue
        self._present: set[str] | None = None
        self._everyone = True
        self._holds_events = False

    def read_new(self, files: list[str]) -> pa.Table:
        """Read the batches not yet applied; returns the codes they touch (`code`)."""
        self._engine.execute("set variable new_files = ?", [files])
        self._run(
            "create or replace temp view new_event as select * "
            "from read_parquet(getvariable('new_files'), filename = true)"
        )
        self._run(render("touched_codes.sql"))
        return self._arrow("select code from touched_code")

    def read_events(
        self, batches: pa.Table, more_codes: pa.Table | None, *, narrows: bool = False
    ) -> None:
        """Read all events of the touched codes and of `more_codes` (`code`); None: of everyone.

        Args:
            batches: Every landed batch, as `BATCH_SCHEMA`.
            more_codes: Codes of persons that stand in the register, with their `person_id` and
                `is_alone` (widen.sql).
            narrows: Whether persons whose earlier events keep their meaning are folded in those
                tables alone that the new events fill (settled.sql), as `touched_in` tells then.
        """
        self._everyone = more_codes is None
        self._ordered.narrows = narrows and not self._everyone
        self._choose(batches, more_codes)
        self._run(_events(batches, everyone=self._everyone))

    def read_share(self, batches: pa.Table, events: pa.RecordBatchReader) -> None:
        """Read events that were brought here: all of some persons.

        Args:
            batches: As for `read_events`.
            events: As `sql/shares.sql` has them, `filename` being one of the batches'.
        """
        self._holds_events = True
        self._engine.register("batch", batches)
        self._engine.register("brought", events)
        self._run("create or replace temp table shuffled_event as select * from brought")
        self._engine.unregister("brought")
        self._run(_events(batches, everyone=True, is_share=True))

    def plan(self, batches: pa.Table, more_codes: pa.Table | None) -> Plan:
        """Whom `read_events` would read, where others are to read them."""
        self._choose(batches, more_codes)
        everyone = more_codes is None
        self._run(render("links.sql", everyone=everyone))
        self._spread(_ALL_LINKS)
        return Plan(
            rows=self._arrow(
                "select filename, count(*) as rows "
                "from read_parquet(getvariable('events_files'), filename = true) group by filename"
            ),
            linked=self._arrow("select node, label from lineage"),
            touched=None if everyone else self._arrow("select code from touched_code"),
        )

    def identify(self) -> pa.Table:
        """Group codes into persons and put their events in order; returns their `person_id`s."""
        self._run(render("identity.sql"))
        self._spread(_REPLACEMENTS)
        self._run("create or replace temp table own_line as select * from lineage")
        self._spread(_ALL_LINKS)
        self._run(render("person_id.sql"))
        self._engine.register("group_table", group_table(self._catalogue))
        self._order_events()
        self._run(
            "create or replace temp table anomaly "
            '(person_id uuid, step bigint, "at" timestamptz, kind varchar)'
        )
        told = self._arrow(
            f"select tietoryhma from {self._ordered.name} union select tietoryhma from absent"
        )
        self._present = set(told["tietoryhma"].to_pylist())
        return self._arrow("select distinct person_id from person_code")

    @property
    def touched_in(self) -> pa.Table:
        """Who is folded in some tables only: `person_id` and `table_name`, a row each of them."""
        if not self._ordered.narrows:
            return nobody()
        return self._arrow("select person_id, table_name from touched_in")

    def fold(self, table: Table) -> FoldedTable:
        """The whole history of one table, for the touched persons who are folded in it."""
        if self._ordered.by_table:
            self._run(self._ordered.statement_for(table))
        self._run(fold_statement(table, self._catalogue, self._present))
        name = f"folded_{table.name}"
        self._run(f"drop table if exists {name}; alter table folded rename to {name}")
        return FoldedTable(
            self._private, name, all_columns(table), is_kept=table.name in PERSONS_REST_ON
        )

    def persons(self) -> pa.Table:
        """`register.person` for the touched persons; after `fold` of the tables it rests on."""
        return self._arrow(render("person.sql"))

    def aliases(self) -> pa.Table:
        """`register.person_alias` for the touched persons."""
        return self._arrow(render("aliases.sql"))

    def told(self) -> pa.Table:
        """`register.scope_member` for the touched persons, without membership."""
        return self._arrow(render("told.sql"))

    def refresh_requests(self) -> pa.Table:
        """`register.refresh_request` for the touched persons; after `fold` of every table."""
        return self._arrow(render("refresh_requests.sql", events=self._ordered.name))

    def anomalies(self) -> dict[str, int]:
        """How many rows did not fit, by kind; after `fold` of every table."""
        counted = self._arrow("select kind, count(*) as rows from anomaly group by kind")
        return {row["kind"]: row["rows"] for row in counted.to_pylist()}

    def unknown_events(self) -> pa.Table:
        """Groups and fields of the new batches that the catalogue does not know, with rows."""
        return self._arrow(events_statement(self._catalogue))

    def codes(self) -> pa.Table:
        """Each code with the `person_id` that it belongs to; after `identify`."""
        return self._arrow(
            "select code, any_value(person_id)::varchar as person_id from person_code "
            "where is_last group by code"
        )

    def put_beside(self, name: str, table: pa.Table) -> None:
        """Let `counted` ask about a table that was made elsewhere, under a name."""
        self._engine.register(name, table)

    def counted(self, statement: str) -> pa.Table:
        """The answer to a question of counts about the table that was folded last."""
        return self._arrow(statement)

    def faults(self) -> pa.Table:
        """What could not be read in the new batches: position, group, reason, whose code it was."""
        self._run(render("person_id.sql"))
        return self._arrow(
            "select filename, page, message, line, tietoryhma, fault as reason, "
            "case when subject is not null then person_id_of(subject)::varchar end as subject_id "
            "from new_event where fault is not null"
        )

    def _choose(self, batches: pa.Table, more_codes: pa.Table | None) -> None:
        self._engine.register("batch", batches)
        self._engine.execute("set variable events_files = ?", [batches["filename"].to_pylist()])
        if more_codes is not None:
            self._engine.register("standing_code", more_codes)
            self._run(
                "insert into touched_code select distinct code from standing_code "
                "where code not in (select code from touched_code)"
            )

    @property
    def _asks_files(self) -> bool:
        return self._everyone and not self._holds_events

    def _order_events(self) -> None:
        if self._are_many():
            self._ordered.folder = self._private.folder / "person_event"
            self._ordered.folder.mkdir(0o700)
            # What waits to be written counts as memory, for each thread.
            waiting = max(1_000, self._most_in_memory // 4)
            self._engine.execute(f"set partitioned_write_flush_threshold = {waiting}")
        groups = self._catalogue.groups.values()
        statements = render(
            "persons.sql",
            locations=[g.name for g in groups if g.is_location],
            protecting=[g for g in groups if g.protects],
            folder=self._ordered.target,
            kept=sorted(self._catalogue.groups),
            events=self._ordered.name,
            asks_files=self._asks_files,
            narrows=self._ordered.narrows,
            always=_ALWAYS,
            other_group=OTHER_GROUP,
        )
        with self._joined_as_written():
            self._run(statements)
        self._ordered.find_files()

    @contextmanager
    def _joined_as_written(self) -> Iterator[None]:
        """Let the right side of a join be the one that is kept in memory.

        Of files the engine guesses how many rows a condition leaves, far too few: it would keep all
        events, and spill them, to look persons up in them.
        """
        if not self._asks_files:
            yield
            return
        self._engine.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
        try:
            yield
        finally:
            self._engine.execute("set disabled_optimizers = ''")

    def _are_many(self) -> bool:
        # Every answer is in the files once, and few events are in two of them.
        source = "read_parquet(getvariable('events_files'))" if self._asks_files else "event"
        counted = self._engine.execute(f"select count(*) from {source}").fetchone()
        return counted is not None and counted[0] > self._most_in_memory

    def _spread(self, along: str) -> None:
        self._run("create or replace temp table lineage as select node, node as label from linked")
        while self._labels_spread(along):
            pass

    def _labels_spread(self, along: str) -> bool:
        # What changes is any label, not how many there are: a chain may carry one along unseen.
        before = self._labels()
        self._run(render("identity_step.sql", along=along))
        return before != self._labels()

    def _labels(self) -> object:
        # To its end: a result that is half read is in the way of the next question.
        return self._engine.execute("select sum(hash(node, label)) from lineage").fetchall()

    def _run(self, statement: str) -> None:
        with without_data(self._private):
            self._engine.execute(statement)

    def _arrow(self, query: str) -> pa.Table:
        with without_data(self._private):
            return plain_table(self._engine.sql(query).to_arrow_table())


def _events(batches: pa.Table, *, everyone: bool, is_share: bool = False) -> str:
    has_legacy = True in batches["is_legacy"].to_pylist()
    return render("events.sql", everyone=everyone, has_legacy=has_legacy, is_share=is_share)


def nobody() -> pa.Table:
    """`touched_in` where everybody is folded in every table."""
    # Not once for all: pyarrow loads pandas with its first table.
    return _TOUCHED_IN.empty_table()


@contextmanager
def fold_engine(
    storage: Storage,
    memory: str,
    key: PersonKey,
    catalogue: Catalogue,
    *,
    threads: int | None = None,
) -> Iterator[FoldEngine]:
    """Open an engine that reads the storage's events and knows the key of person_id.

    Args:
        storage: Whose events.
        memory: That it may use before it spills.
        key: Of person_id.
        catalogue: What there is to fold.
        threads: That it may use; None: one a core of the machine.
    """
    with private_engine(storage, memory) as private:
        engine = private.connection
        if threads is not None:
            engine.execute(f"set threads = {threads}")
        engine.execute("set TimeZone = 'UTC'")
        engine.execute("set preserve_insertion_order = false")
        # An uuid stays one.
        engine.execute("set arrow_lossless_conversion = true")
        engine.execute("set variable person_key_inner = ?", [key.inner])
        engine.execute("set variable person_key_outer = ?", [key.outer])
        yield FoldEngine(private, catalogue, memory)
