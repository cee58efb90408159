"""Land old files: batches of messages, resumable, and a row of the ledger for each whole file.

What lands has the interface's own shape, with each record beside the rows that were made of it
(`messages.py`), so that landing stays the only truth and everything behind it, erasure included,
knows one kind of answer. Keep out reading (`reader.py`) and who starts it (`orchestration/`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby, islice
from typing import TYPE_CHECKING

import orjson

from vtj_pipeline.errors import LegacyFileError
from vtj_pipeline.landing.ledger import LEGACY, LEGACY_BASE, LEGACY_CHANGES, NewBatch
from vtj_pipeline.landing.pages import Page, asked_hash
from vtj_pipeline.landing.report import commit
from vtj_pipeline.legacy.files import MOST_BATCHES, LegacyFile, is_legacy_name, look_at
from vtj_pipeline.legacy.introduced import Introduced
from vtj_pipeline.legacy.messages import message_of
from vtj_pipeline.legacy.reader import records_in
from vtj_pipeline.legacy.record import Read, Record
from vtj_pipeline.legacy.series import Series, known_files

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.landing.storage import Storage
    from vtj_pipeline.postgres import Connection, Database
    from vtj_pipeline.privacy import PersonKey

PURPOSE = "legacy-file"
RECORDS_A_BATCH, RECORDS_A_PAGE = 20_000, 2_000
_MOST_SAID = 20
_LANDED_UNITS = (
    "select unit from ledger.landing_batch "
    "where subscription = %s and kind = 'legacy' and unit like %s"
)
_RECORD_FILE = (
    "insert into ledger.legacy_file (subscription, sha256, name, kind, file_date, file_number, "
    "records, groups, quarantined, unknown_groups, notes, run_id) "
    "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing"
)
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class FileReport:
    """What became of one file; counts, and sentences that name it and lines, never content.

    Attributes:
        name: Of the file.
        kind: `MTT`, `PTT`; empty where it was not taken.
        records: Records in it, those in quarantine included.
        groups: Groups of the records that could be read.
        quarantined: Records that could not be read.
        unknown: Groups without a known layout, kept raw: code → how many.
        said: What there is to say of it.
        already_landed: It had landed whole before, under this or another name.
        is_left_out: It is not a file of that kind, or cannot be taken.
        is_remark: Only something more to say of a file that has a report of its own.
    """

    name: str
    kind: str = ""
    records: int = 0
    groups: int = 0
    quarantined: int = 0
    unknown: dict[str, int] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    already_landed: bool = False
    is_left_out: bool = False
    is_remark: bool = False


@dataclass(frozen=True)
class LegacyReport:
    """What one landing of files did."""

    files: tuple[FileReport, ...]
    seconds: float

    @property
    def said(self) -> tuple[str, ...]:
        """Everything there is to say, in the order of the files."""
        return tuple(one for file in self.files for one in file.said)

    def total(self, name: str) -> int:
        """A count of all files together: records, groups, quarantined."""
        return sum(getattr(file, name) for file in self.files)

    @property
    def landed(self) -> int:
        """Files that landed now."""
        return sum(
            not f.already_landed and not f.is_left_out and not f.is_remark for f in self.files
        )


def land_legacy(
    subscription: str,
    paths: Iterable[Path],
    storage: Storage,
    database: Database,
    key: PersonKey,
    *,
    run_id: str,
    progress: Progress | None = None,
) -> LegacyReport:
    """Land files of the retired service, in any order; each may be taken again.

    Args:
        subscription: Whose persons they tell of.
        paths: The files; one that is not named like them is left out, and said.
        storage: Where landed files go.
        database: Where the ledger is.
        key: Of the person_ids; erased persons are known by it.
        run_id: The run, for the ledger.
        progress: Told of each file.

    Raises:
        VtjError: the storage or the database cannot be used.
    """
    started = time.perf_counter()
    reports = []
    todo = sorted(set(paths), key=lambda one: one.name)
    with closing(database.connect()) as connection:
        series = Series(known_files(connection, subscription))
        introduced = Introduced()
        for done, path in enumerate(todo):
            if progress:
                progress("files", done, len(todo))
            work = _Landing(subscription, storage, connection, key, run_id, series, introduced)
            reports.append(work.land(path))
        further = [*series.gaps(), *introduced.unknown(connection)]
    reports += [FileReport(name, said=(text,), is_remark=True) for name, text in further]
    return LegacyReport(tuple(reports), time.perf_counter() - started)


class _Said:
    """Sentences about one file; of very many only the first ones, and how many more there are."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._first: list[str] = []
        self._more = 0

    def add(self, text: str, line: int = 0) -> None:
        """Say something of the file, or of a line of it."""
        if len(self._first) < _MOST_SAID:
            where = f"{self._name}, line {line}" if line else self._name
            self._first.append(f"{where}: {text}.")
        else:
            self._more += 1

    def sentences(self) -> tuple[str, ...]:
        """All that is said."""
        more = (f"{self._name}: {self._more} more of that kind; see quarantine.",)
        return (*self._first, *(more if self._more else ()))


@dataclass(frozen=True)
class _Landing:
    subscription: str
    storage: Storage
    connection: Connection
    key: PersonKey
    run_id: str
    series: Series
    introduced: Introduced

    def land(self, path: Path) -> FileReport:
        """Land one file, or say why not."""
        if not is_legacy_name(path):
            text = f"{path.name} is not named like a change or base file (.MTT, .PTT); left out."
            return FileReport(path.name, said=(text,), is_left_out=True)
        try:
            file = look_at(path)
            landed_as = self.series.require_new(file)
        except LegacyFileError as error:
            return FileReport(path.name, said=(str(error),), is_left_out=True)
        if landed_as is not None:
            text = f"{path.name} has landed before, as {landed_as}; nothing was done with it."
            return FileReport(path.name, file.kind, said=(text,), already_landed=True)
        return self._take(file)

    def _take(self, file: LegacyFile) -> FileReport:
        read, said = Read(), _Said(file.path.name)
        if file.encoding == "utf-8":
            said.add("it is in UTF-8 and not in ISO-8859-1, and was read as UTF-8")
        known = self._landed_units(file)
        quarantined = 0
        with file.open() as stream:
            records = records_in(stream, read)
            for number in range(MOST_BATCHES):
                some = list(islice(records, RECORDS_A_BATCH))
                if not some:
                    break
                for one in some:
                    self.introduced.see(file.path.name, one, is_change=file.is_change)
                    if one.fault:
                        quarantined += 1
                        said.add(f"{one.fault}; in quarantine", one.line)
                unit = f"{file.sha256[:16]}-{number:05}"
                if unit not in known:
                    self._commit(file, unit, number, some)
        for line, text in read.notes:
            said.add(text, line)
        for code, count in sorted(read.unknown.items()):
            said.add(f"{count} groups {code} have no known layout; they were kept as they are")
        self._complete(file, read, quarantined, read.odd)
        return FileReport(
            file.path.name,
            file.kind,
            read.records,
            read.groups,
            quarantined,
            dict(sorted(read.unknown.items())),
            said.sentences(),
        )

    def _landed_units(self, file: LegacyFile) -> set[str]:
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(_LANDED_UNITS, (self.subscription, f"{file.sha256[:16]}-%"))
            return {unit for (unit,) in cursor.fetchall()}

    def _commit(self, file: LegacyFile, unit: str, number: int, some: list[Record]) -> None:
        pages = list(_pages(file, some, file.place + number))
        folder = LEGACY_CHANGES if file.is_change else LEGACY_BASE
        batch = NewBatch(
            subscription=self.subscription,
            kind=LEGACY,
            partition_day=None,
            round_id=None,
            unit=unit,
            file=f"landing/{self.subscription}/{folder}/{unit}",
            sha256="",
            size=0,
            last_cursor=pages[-1].cursor_in,
            completes_partition=False,
            run_id=self.run_id,
        )
        commit(self.connection, self.storage, self.key, batch, pages)

    def _complete(self, file: LegacyFile, read: Read, quarantined: int, notes: int) -> None:
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(
                _RECORD_FILE,
                (
                    self.subscription,
                    file.sha256,
                    file.path.name,
                    file.kind,
                    file.day,
                    file.number,
                    read.records,
                    read.groups,
                    quarantined,
                    json.dumps(read.unknown, sort_keys=True),
                    notes,
                    self.run_id,
                ),
            )
        self.series.add(file)


def _pages(file: LegacyFile, some: list[Record], place: int) -> Iterator[Page]:
    read_at = datetime.now(UTC)
    name = "muutokset" if file.is_change else "perustiedot"
    # Basic data were true on the day that their records tell, so that a page is of one day.
    for day, records in groupby(some, key=lambda one: _day(one, file)):
        while part := list(islice(records, RECORDS_A_PAGE)):
            messages = [
                message_of(one, is_change=file.is_change, fallback=file.day, where=file.path.name)
                for one in part
            ]
            envelope: dict[str, object] = {name: messages}
            if not file.is_change:
                envelope["poimintapv"] = day.isoformat()
            yield Page(
                sequence=0,
                purpose=PURPOSE,
                cursor_in=place,
                cursor_out=None,
                caught_up=None,
                extraction_date=None if file.is_change else day,
                asked_hash=asked_hash((file.sha256,)),
                asked=0,
                answered=len(part),
                fetched_at=read_at,
                status=0,
                body=orjson.dumps(envelope),
            )


def _day(record: Record, file: LegacyFile) -> date:
    if file.is_change or record.fault:
        return file.day
    return date.fromisoformat(record.registered)
