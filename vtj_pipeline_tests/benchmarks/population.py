"""A synthetic population as answers of `perustiedot`, made in DuckDB: a million persons in minutes.

The same seed gives the same bytes (with the same DuckDB, whose `hash` chance rests on). Add a kind
of row in `sql/pages.sql`, what a person's life is like in `sql/lives.sql`. Keep out the sandbox,
which simulates and is an independent witness, and landing (`land.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

from vtj_pipeline.catalogue import CATALOGUE

SNAPSHOT = date(2026, 11, 1)
FAMILY = 5
# Codes of one birth date and sex: 45 numbers from 900 with six separators (`sql/lives.sql`).
_PLACES = 45 * 6
_MEMORY = "2GB"
_TOUCHED = (
    "select i, code, rows_text from told where chance(i, 'touched') < getvariable('share') "
    "order by i"
)


@dataclass(frozen=True)
class Population:
    """Which persons there are; the fields decide every byte.

    Attributes:
        persons: How many, a multiple of `FAMILY`.
        seed: Another seed, other persons.
        batch: Persons that land in one file, a multiple of `FAMILY`: relatives land together.
        page: Most persons of one answer.
        repeat_every: Of so many answers one comes twice, as after a call whose answer was lost; 0:
            none does.
        touched: About how many persons a day's changes are about (`days.py`); 0: no day follows.
    """

    persons: int
    seed: int = 1
    batch: int = 100_000
    page: int = 1000
    repeat_every: int = 0
    touched: int = 0

    def __post_init__(self) -> None:
        if self.persons % FAMILY or self.batch % FAMILY:
            msg = f"persons and batch must be multiples of {FAMILY}"
            raise ValueError(msg)


@dataclass(frozen=True)
class Answer:
    """One page: whom was asked for, how many rows of groups came, and the body."""

    codes: tuple[str, ...]
    rows: int
    body: bytes


def batches(
    population: Population, scratch: Path, on_touched: Callable[[pa.Table], None] | None = None
) -> Iterator[list[Answer]]:
    """The population's answers, batch by batch; DuckDB spills to `scratch`.

    Args:
        population: Whose.
        scratch: A folder.
        on_touched: Given, batch by batch, what the source tells of the persons whom the day's
            changes will be about: `i`, `code`, `rows_text`.

    Raises:
        ValueError: there are more persons than codes for their birth dates.
    """
    with generator(population.seed, scratch) as engine:
        variables = {
            "persons": population.persons,
            "page": population.page,
            "snapshot": SNAPSHOT,
            "reference": str(files("vtj_pipeline.reference")),
            "masked_rows": _masked_rows(),
        }
        for name, value in variables.items():
            engine.execute(f"set variable {name} = ?", [value])
        engine.execute(sql("population"))
        _require_codes(engine)
        for first in range(0, population.persons, population.batch):
            last = min(first + population.batch, population.persons)
            answers = _batch(engine, first, last)
            if on_touched is not None:
                share = population.touched / population.persons
                engine.execute("set variable share = ?", [share])
                on_touched(engine.sql(_TOUCHED).to_arrow_table())
            yield answers + _repeated(answers, first // population.page, population.repeat_every)


@contextmanager
def generator(seed: int, scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of bounded memory with the macros of chance and spelling; it spills to `scratch`."""
    with closing(duckdb.connect()) as engine:
        engine.execute(f"set memory_limit = '{_MEMORY}'")
        engine.execute("set temp_directory = ?", [str(scratch)])
        engine.execute("set enable_progress_bar = false")
        engine.execute("set variable seed = ?", [seed])
        engine.execute(sql("macros"))
        yield engine


def _repeated(answers: list[Answer], before: int, every: int) -> list[Answer]:
    """Of answers that follow so many others, those that come twice."""
    numbered = enumerate(answers, before + 1)
    return [answer for number, answer in numbered if every and number % every == 0]


def municipalities() -> tuple[str, ...]:
    """The municipalities that somebody may live in: the present ones."""
    source = str(files("vtj_pipeline.reference") / "municipalities.csv")
    with closing(duckdb.connect()) as engine:
        found = engine.execute(
            "select municipality_code from read_csv(?, all_varchar = true) "
            "where valid_to is null order by 1",
            [source],
        ).fetchall()
    return tuple(code for (code,) in found)


def _batch(engine: duckdb.DuckDBPyConnection, first: int, last: int) -> list[Answer]:
    engine.execute("set variable first = ?", [first])
    engine.execute("set variable last = ?", [last])
    engine.execute(sql("lives"))
    engine.execute(sql("pages"))
    pages = engine.sql(sql("answers")).to_arrow_table()
    return [
        Answer(tuple(page["codes"]), page["group_rows"], page["body"]) for page in pages.to_pylist()
    ]


def _masked_rows() -> str:
    """The rows that a protected person has in place of every location (contract §7.2)."""
    return ",".join(
        json.dumps(
            {"tietoryhma": group.name, "turvakiellonAlaisetKentat": list(group.withheld_fields)},
            separators=(",", ":"),
        )
        for group in CATALOGUE.groups.values()
        if group.withheld_fields
    )


def _require_codes(engine: duckdb.DuckDBPyConnection) -> None:
    found = engine.execute("select max(place) from seat").fetchone()
    assert found is not None
    if found[0] >= _PLACES:
        msg = f"{found[0] + 1} persons of one sex are born on one day: ask for fewer persons"
        raise ValueError(msg)


def sql(name: str) -> str:
    """A file of `sql/`."""
    return (files(__package__) / "sql" / f"{name}.sql").read_text("utf-8")
