"""What Spark's tasks do, wherever they run: read events and seal them, fold a share and stage it.

What a task needs comes to it within the function that Spark sends. What Spark is given is sealed
with the deployment's key or tells of nobody, errors included: it writes them into its logs. Keep
out the driver's part (`fold.py`).
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from vtj_pipeline.errors import RegisterError, VtjError
from vtj_pipeline.landing import Storage, private_engine
from vtj_pipeline.landing.objects import object_store
from vtj_pipeline.postgres import adbc_answers
from vtj_pipeline.privacy.sealed import sealed, unsealed
from vtj_pipeline.register.engine_errors import without_data
from vtj_pipeline.register.fold_engine import fold_engine
from vtj_pipeline.register.spark.staging import CODES, TOUCHED
from vtj_pipeline.register.template import render, statements_text
from vtj_pipeline.register.unknown import codes_statement

if TYPE_CHECKING:
    from vtj_pipeline.catalogue import Catalogue
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.privacy import DataKeys, PersonKey
    from vtj_pipeline.register.fold_engine import FoldEngine, Plan
    from vtj_pipeline.register.spark.staging import Staging

PIECES = "share int, content binary"
"""What reading tasks give, as Spark has it: a share, and events of its persons, sealed."""
OUTCOMES = "attempt long, outcome string"
"""What folding tasks give: whose attempt staged the rows, and counts as JSON."""
_ROWS_AT_ONCE = 100_000
_WHAT = "a piece of the shuffle"
_MARK = "outcome of a task: "


class TaskFailed(Exception):
    """A task's error as Spark may write it down: class and message of ours, or class and place."""


@dataclass(frozen=True)
class Work:
    """All that the tasks of one publication need.

    Attributes:
        program: Versions and statements of the driver (`program`).
        data_url: The object store with the events; None: files that every machine sees.
        keys: Of events files, and of what is shuffled.
        person_key: Of person_id.
        memory: That one task's engine may use before it spills.
        database: Where folded rows go.
        catalogue: What there is to fold.
        batches: Every batch, as `BATCH_SCHEMA`.
        plan: Whose events count, and which codes go together.
        groups: Files to be read together, by task.
        shares: How many shares there are.
        staging: Where folded rows go.
    """

    program: str
    data_url: str | None
    keys: DataKeys
    person_key: PersonKey = field(repr=False)
    memory: str
    database: Database
    catalogue: Catalogue
    batches: pa.Table = field(repr=False)
    plan: Plan = field(repr=False)
    groups: tuple[tuple[str, ...], ...]
    shares: int
    staging: Staging

    def numbers(self) -> list[str]:
        """By which batches are named in what is shuffled."""
        return [str(number) for number in range(self.batches.num_rows)]


def program() -> str:
    """What must be the same here and there, for rows to be the same."""
    rules = hashlib.sha256(statements_text().encode()).hexdigest()[:12]
    return f"vtj-pipeline {version('vtj-pipeline')} ({rules}), duckdb {duckdb.__version__}"


def read_files(work: Work, tasks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Read groups of events files, by their number (`id`); gives `PIECES`."""
    with _telling_nothing(), _scratch(work) as storage:
        for number in chain.from_iterable(batch["id"].to_pylist() for batch in tasks):
            yield from _pieces(work, storage, work.groups[number])


def fold_share(work: Work, pieces: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Fold the persons of a share from its pieces, stage what comes of it; gives `OUTCOMES`."""
    from pyspark import TaskContext  # noqa: PLC0415  # an extra

    context = TaskContext.get()
    assert context is not None
    attempt = int(context.taskAttemptId())
    with _telling_nothing():
        first = next((batch for batch in pieces if batch.num_rows), None)
        if first is None:
            return
        with _scratch(work) as storage:
            outcome = _staged(work, storage, chain([first], pieces), attempt)
    yield pa.RecordBatch.from_pydict({"attempt": [attempt], "outcome": [json.dumps(outcome)]})


def told_by(error: Exception) -> tuple[str, str] | None:
    """Class and message of the task's error that Spark gave up on; None: it was not a task's."""
    _, found, text = str(error).partition(f"{TaskFailed.__name__}: {_MARK}")
    if not found:
        return None
    told, _ = json.JSONDecoder().raw_decode(text)
    return told["class"], told["message"]


@contextmanager
def _telling_nothing() -> Iterator[None]:
    """Let no error out whose words or frames could quote a person or a secret."""
    told: dict[str, str] = {}
    try:
        yield
    except VtjError as error:
        told = {"class": type(error).__name__, "message": str(error)}
    except Exception as error:  # whatever it is
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        told = {"class": "", "message": where}
    if told:
        # The other error stays this one's context, and its words must not be shown with it.
        raise TaskFailed(_MARK + json.dumps(told)) from None


@contextmanager
def _scratch(work: Work) -> Iterator[Storage]:
    """The storage as this machine reaches it, with temporary files among Spark's own."""
    if work.program != program():
        msg = (
            f"A worker was to fold with {program()}, and it is {work.program} that asked. Install "
            "the same version of the program on every machine of the cluster."
        )
        raise RegisterError(msg)
    folders = os.environ.get("SPARK_LOCAL_DIRS", "").split(",")
    root = Path(folders[0] or tempfile.gettempdir()) / "vtj"
    far = object_store(work.data_url) if work.data_url else None
    yield Storage(root, work.keys, far=far)


def _pieces(work: Work, storage: Storage, files: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    with private_engine(storage, work.memory) as engine, without_data(engine):
        connection = engine.connection
        connection.execute("set threads = 1")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set arrow_lossless_conversion = true")
        connection.execute("set variable events_files = ?", [list(files)])
        names = {"filename": work.batches["filename"], "number": pa.array(work.numbers())}
        connection.register("numbered", pa.table(names))
        connection.register("lineage", work.plan.linked)
        if work.plan.touched is not None:
            connection.register("touched_code", work.plan.touched)
        everyone = work.plan.touched is None
        statement = render("shares.sql", shares=work.shares, everyone=everyone)
        for batch in connection.sql(statement).to_arrow_reader(_ROWS_AT_ONCE):
            yield from _cut(batch, work.keys)


def _cut(batch: pa.RecordBatch, keys: DataKeys) -> Iterator[pa.RecordBatch]:
    """Rows in pieces, one a share."""
    ordered = batch.take(pc.sort_indices(batch["share"]))
    start = 0
    for counted in pc.value_counts(ordered["share"]):
        share, rows = counted["values"].as_py(), counted["counts"].as_py()
        piece = ordered.slice(start, rows).drop_columns(["share"])
        start += rows
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_stream(sink, piece.schema, options=options) as writer:
            writer.write_batch(piece)
        content = sealed(sink.getvalue().to_pybytes(), keys.current)
        yield pa.RecordBatch.from_arrays(
            [pa.array([share], pa.int32()), pa.array([content], pa.binary())],
            names=["share", "content"],
        )


def _staged(
    work: Work, storage: Storage, pieces: Iterator[pa.RecordBatch], attempt: int
) -> dict[str, Any]:
    """Fold and stage; returns counts."""
    sizes: Counter[str] = Counter()
    events = _opened(pieces, work.keys, sizes)
    batches = work.batches.set_column(0, "filename", pa.array(work.numbers()))
    key, put = work.person_key, work.staging.put
    unknown: dict[str, list[dict[str, Any]]] = {}
    with (
        adbc_answers(),
        fold_engine(storage, work.memory, key, work.catalogue, threads=1) as engine,
        closing(work.database.adbc()) as connection,
    ):
        first = next(events)
        engine.read_share(
            batches, pa.RecordBatchReader.from_batches(first.schema, chain([first], events))
        )
        persons = engine.identify()
        with connection.cursor() as cursor:
            put(cursor, TOUCHED, attempt, persons)
            put(cursor, CODES, attempt, engine.codes())
            for name, table in work.catalogue.tables.items():
                folded = engine.fold(table)
                statement = codes_statement(table, work.catalogue, standing=False)
                if statement is not None:
                    unknown[name] = engine.counted(statement).to_pylist()
                put(cursor, name, attempt, folded.rows())
                folded.done_with()
            for name, rows in _keyed(engine):
                put(cursor, name, attempt, rows)
        anomalies = engine.anomalies()
        # All of a share's rows are there, or none.
        connection.commit()
    return {"anomalies": anomalies, "unknown": unknown, **sizes}


def _keyed(engine: FoldEngine) -> Iterator[tuple[str, pa.Table]]:
    yield "person", engine.persons()
    yield "person_alias", engine.aliases()
    yield "refresh_request", engine.refresh_requests()
    yield "scope_member", engine.told()


def _opened(
    pieces: Iterator[pa.RecordBatch], keys: DataKeys, sizes: Counter[str]
) -> Iterator[pa.RecordBatch]:
    for batch in pieces:
        for content in batch["content"].to_pylist():
            sizes["bytes"] += len(content)
            for piece in pa.ipc.open_stream(unsealed(content, keys, _WHAT)):
                sizes["events"] += piece.num_rows
                yield piece
