"""Pages → event rows in one DuckDB connection: the statements of `sql/`, and in which order.

Change what is read from an answer in `sql/`. Keep out which files there are (`extract.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.catalogue import CATALOGUE, Kind
from vtj_pipeline.events.slices import SLICE_BYTES, slices, whole
from vtj_pipeline.events.structure import (
    ODD_DATE,
    code_is_too_long,
    impossible_date,
    is_there,
    json_type_of,
    structure,
)
from vtj_pipeline.landing.pages import PAGE_SCHEMA
from vtj_pipeline.source.salvage import UNREADABLE
from vtj_pipeline.templates import template_files

if TYPE_CHECKING:
    import duckdb

    from vtj_pipeline.catalogue import Catalogue, Tietoryhma

_TABLES = {
    "messages": "message",
    "lines": "line",
    "formed": "formed",
    "checked": "checked",
    "event_rows": "event",
}
_ENVELOPE = ("tietoryhma", "muutosattribuutti", "voimassaolevatTiedot", "turvakiellonAlaisetKentat")
# What can be an identity code, and the name of a group. Anything else in their place could be
# anything: a name, or more than an index can hold.
_CODE = "[0-9A-Z+-]{1,40}"
_NAME = "[A-Za-zÅÄÖåäö0-9_ .:/-]{1,100}"


@cache
def fingerprint(catalogue: Catalogue = CATALOGUE) -> str:
    """A short hash of all that decides what an events file holds."""
    text = "".join(
        _render(step, catalogue, kind)
        for step in (*_TABLES, "repeated")
        for kind in ("change", "base")
    )
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class PageReader:
    """The statements of one kind of answer, on a connection of their own.

    They name only groups that are there: planning them costs more than reading a small file. (None
    is prepared, since this DuckDB plans what reads a table anew whenever it is executed.)
    """

    def __init__(self, engine: duckdb.DuckDBPyConnection, kind: str, catalogue: Catalogue) -> None:
        self._engine = engine
        engine.execute("set TimeZone = 'UTC'")
        engine.register("pages", _numbered(0, whole(PAGE_SCHEMA.empty_table())))
        self._kind = kind
        self._catalogue = catalogue
        for step in _TABLES:
            self._make(step)

    def read(self, files: Sequence[tuple[pa.Table, str]]) -> list[tuple[int, int]]:
        """Write the events of pages to a file each; returns how many, and how many faults, of each.

        Args:
            files: Pages (`PAGE_SCHEMA`), and by which address their events are written.
        """
        self._engine.execute("create or replace temp table event as from event limit 0")
        waiting: list[tuple[int, pa.Table]] = []
        size = 0
        for number, (pages, _) in enumerate(files):
            for some, weight in slices(pages, self._kind):
                waiting.append((number, some))
                size += weight
                if size >= SLICE_BYTES:
                    self._read_slices(waiting)
                    waiting, size = [], 0
        self._read_slices(waiting)
        self._engine.execute(self._statement("repeated"))
        return [self._write(number, target) for number, (_, target) in enumerate(files)]

    def _write(self, number: int, target: str) -> tuple[int, int]:
        self._engine.execute(
            f"copy (select * exclude (batch) from event where batch = {number} "
            "order by subject, cursor, stage, page, message, line) "
            f"to '{target}' (format parquet, compression zstd)"
        )
        counts = self._engine.execute(
            "select count(*), count(fault) from event where batch = ?", [number]
        ).fetchone()
        assert counts is not None
        return int(counts[0]), int(counts[1])

    def _read_slices(self, slices: list[tuple[int, pa.Table]]) -> None:
        if slices:
            tables = [_numbered(number, pages) for number, pages in slices]
            self._engine.register("pages", pa.concat_tables(tables))
            self._make("messages")
            self._engine.unregister("pages")
            self._make("lines")
            self._make("formed", self._groups_of("line"))
            self._make("checked", self._groups_of("formed where not is_sound"))
            self._engine.execute(f"insert into event by name {self._statement('event_rows')}")

    def _make(self, step: str, groups: Iterable[str] = ()) -> None:
        # Anew, since what is deleted from a table in memory stays there.
        statement = self._statement(step, groups)
        self._engine.execute(f"create or replace temp table {_TABLES[step]} as {statement}")

    def _statement(self, step: str, groups: Iterable[str] = ()) -> str:
        return _render(step, self._catalogue, self._kind, frozenset(groups))

    def _groups_of(self, rows: str) -> list[str]:
        """The groups of rows whose fields the catalogue knows."""
        found = self._engine.execute(f"select distinct tietoryhma from {rows}").fetchall()
        return [name for (name,) in found if name in self._catalogue.groups]


def _numbered(number: int, pages: pa.Table) -> pa.Table:
    """Pages with which of the files that are read together they are of."""
    return pages.append_column("batch", pa.array([number] * pages.num_rows, pa.int32()))


@lru_cache(maxsize=64)
def _render(
    step: str, catalogue: Catalogue, kind: str, present: frozenset[str] | None = None
) -> str:
    groups = [
        _group(group)
        for group in catalogue.groups.values()
        if group.is_known and (present is None or group.name in present)
    ]
    known = [group.name for group in catalogue.groups.values() if group.is_known]
    return (
        template_files("vtj_pipeline.events", "sql")
        .get_template(f"{step}.sql")
        .render(
            groups=groups,
            names=str(known)[1:-1],
            kind=kind,
            code=_CODE,
            name=_NAME,
            unreadable=UNREADABLE,
            odd_date=ODD_DATE,
        )
    )


def _group(group: Tietoryhma) -> dict[str, object]:
    names = [field.name for field in group.fields]
    shaped = [(field.name, kind) for field in group.fields if (kind := json_type_of(field))]
    return {
        "name": group.name,
        "structure": structure(group.fields),
        "present": [is_there(field, "t.r") for field in group.fields],
        "shaped": shaped,
        "known": str([*names, *_ENVELOPE]),
        "aliases": {alias: field.name for field in group.fields for alias in field.aliases},
        "impossible_date": impossible_date(group.fields),
        "code_is_too_long": code_is_too_long(group.fields),
        "nested": [
            (
                f"{field.name}[*]" if field.kind is Kind.OBJECT_LIST else field.name,
                field.name,
                str([inner.name for inner in field.fields]),
            )
            for field in group.fields
            if field.fields
        ],
    }
