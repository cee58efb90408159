"""A population landed as the real landing does it: files, and the ledger that vouches for them.

Keep out how persons are made (`population.py`) and what is measured (`stages.py`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.landing.ledger import NewBatch, complete_round, open_round
from vtj_pipeline.landing.pages import Page, asked_hash
from vtj_pipeline.landing.report import commit, ledger_connection
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import PersonKey
from vtj_pipeline_tests.benchmarks.population import SNAPSHOT, Answer, Population, batches

SUBSCRIPTION = "benchmark"
CURSOR = 5_446_000_000
_RUN = "benchmark"
_TOUCHED = "landing/touched.parquet"
_FETCHED_AT = datetime(SNAPSHOT.year, SNAPSHOT.month, SNAPSHOT.day, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Landed:
    """What a landing brought.

    Attributes:
        persons: How many different ones.
        rows: Of groups, those of answers that came twice counted twice.
        json_bytes: Likewise.
    """

    persons: int
    rows: int
    json_bytes: int


def land_population(
    database: Database, storage: Storage, key: PersonKey, population: Population
) -> Landed:
    """Land a whole population as the baseline of one subscription."""
    create_ledger(database)
    scratch = storage.absolute("tmp")
    scratch.mkdir(parents=True, exist_ok=True)
    touched: list[pa.Table] = []
    persons = rows = json_bytes = 0
    with ledger_connection(database) as connection:
        round_id, _ = open_round(connection, SUBSCRIPTION, _RUN)
        for answers in batches(population, scratch, touched.append):
            pages = [_page(answer, number) for number, answer in enumerate(answers)]
            commit(connection, storage, key, _new_batch(answers, round_id), pages)
            persons += len({code for answer in answers for code in answer.codes})
            rows += sum(answer.rows for answer in answers)
            json_bytes += sum(len(page.body) for page in pages)
        complete_round(connection, round_id, list_version=None)
    storage.write(_TOUCHED, _parquet(pa.concat_tables(touched)))
    return Landed(persons, rows, json_bytes)


def touched_persons(storage: Storage) -> pa.Table:
    """What the source tells of the persons whom the day's changes are about."""
    return pq.read_table(pa.BufferReader(storage.read(_TOUCHED)))


def remember(home: Path, population: Population, landed: Landed) -> None:
    """Note in a home which population has landed there, for another run."""
    _note(home).write_text(json.dumps([asdict(population), asdict(landed)]), "utf-8")


def recall(home: Path, population: Population) -> Landed | None:
    """What was landed in a home of the same population before; None: nothing yet.

    Raises:
        ValueError: the home holds another population.
    """
    if not _note(home).is_file():
        return None
    known, landed = json.loads(_note(home).read_text("utf-8"))
    if known != asdict(population):
        msg = f"{home} holds another population ({known}): give another --home"
        raise ValueError(msg)
    return Landed(**landed)


def _note(home: Path) -> Path:
    return home / "population.json"


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def _page(answer: Answer, sequence: int) -> Page:
    return Page(
        sequence=sequence,
        purpose="perustiedot",
        cursor_in=CURSOR,
        cursor_out=None,
        caught_up=True,
        extraction_date=None,
        asked_hash=asked_hash(answer.codes),
        asked=len(answer.codes),
        answered=len(answer.codes),
        fetched_at=_FETCHED_AT + timedelta(seconds=sequence),
        status=200,
        body=answer.body,
    )


def _new_batch(answers: list[Answer], round_id: int) -> NewBatch:
    unit = asked_hash(tuple(code for answer in answers for code in answer.codes))
    return NewBatch(
        subscription=SUBSCRIPTION,
        kind="baseline",
        partition_day=None,
        round_id=round_id,
        unit=unit,
        file=f"landing/{SUBSCRIPTION}/baseline/{round_id}/{unit}",
        sha256="",
        size=0,
        last_cursor=CURSOR,
        completes_partition=False,
        run_id=_RUN,
    )
