"""The hard cases, really run: which of them a peer gets wrong, and which this project does.

One value of each of five persons, their occupations. A peer is told how persons stand after each
page, by the replay that an adopter would write (`_Replay`): pages in the order in which they come,
and nothing replaces what was recorded later. Keep out the peers themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from vtj_pipeline.landing import create_ledger
from vtj_pipeline.register import create_register
from vtj_pipeline.sandbox.identity_codes import check_character
from vtj_pipeline_tests.benchmarks.peers.peer import Peer, Standing
from vtj_pipeline_tests.benchmarks.peers.rows import HASH, KEY, PERSON, UPDATED, Load
from vtj_pipeline_tests.builders import START, Bench, Row, basic, message, row

OURS = "vtj-pipeline"
_TABLE, _GROUP, _FIELD = "occupation", "AMMATTI", "ammatti"
_BASE = datetime(2026, 11, 1, tzinfo=UTC)
_FIRST = datetime(2026, 11, 2, 8, tzinfo=UTC)
_SECOND = datetime(2026, 11, 3, 8, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_STANDING = (
    "select i.identity_code, o.occupation from register.occupation as o "
    "inner join register.identity_code as i on i.person_id = o.person_id "
    "where o.occupation is not null and {}"
)
Kind = Literal["change", "remove", "correct"]


@dataclass(frozen=True)
class Change:
    """What a message tells of a person's occupation."""

    person: int
    at: datetime
    kind: Kind
    value: str
    old: str = ""


@dataclass(frozen=True)
class Case:
    """What is true in the end.

    Attributes:
        person: Whom it is about.
        now: What stands; empty: nothing.
        then: Moment of the source → what stood, as was known then.
    """

    name: str
    person: int
    now: str
    then: dict[datetime, str]


Verdict = Literal["right", "history wrong", "no history", "wrong"]


def _code(number: int) -> str:
    """A synthetic identity code, for this project alone: peers are given numbers."""
    digits = f"010190{900 + number}"
    return f"010190-{900 + number}{check_character(digits)}"


_LATE, _CORRECTED, _REMOVED, _REPEATED, _TWICE = _PERSONS = tuple(range(5))
_CODES = {_code(number): number for number in _PERSONS}
CASES = (
    Case("late day", _LATE, "c", {_BASE + _HOUR: "a", _FIRST + 2 * _HOUR: "b"}),
    Case("correction", _CORRECTED, "b2", {_BASE + _HOUR: "a", _FIRST + 2 * _HOUR: "b"}),
    Case("deletion", _REMOVED, "", {_BASE + _HOUR: "a", _FIRST + 2 * _HOUR: ""}),
    Case("repeated page", _REPEATED, "", {_FIRST + 2 * _HOUR: "b", _SECOND + _HOUR: ""}),
    Case("two changes in a day", _TWICE, "c", {_FIRST + _HOUR / 2: "b", _FIRST + 2 * _HOUR: "c"}),
)
_PAGE = (
    Change(_CORRECTED, _FIRST, "change", "b"),
    Change(_REMOVED, _FIRST, "remove", "a"),
    Change(_REPEATED, _FIRST, "change", "b"),
    Change(_TWICE, _FIRST, "change", "b"),
    Change(_TWICE, _FIRST + _HOUR, "change", "c"),
)
# Each with the cursor that it was asked for with. The late day is the first that comes late.
_PAGES: tuple[tuple[int, tuple[Change, ...]], ...] = (
    (300, (Change(_LATE, _SECOND, "change", "c"),)),
    (100, (Change(_LATE, _FIRST, "change", "b"),)),
    (200, _PAGE),
    (
        400,
        (
            Change(_CORRECTED, _SECOND, "correct", "b2", "b"),
            Change(_REPEATED, _SECOND, "remove", "b"),
        ),
    ),
    (200, _PAGE),
)


# Pages of this number are published with the one behind them: no case is about both.
_TOGETHER = (1,)


def judged(peer: Peer, url: str, folder: Path) -> dict[str, Verdict]:
    """Run all cases with a peer, in a database of its own; case → how right it is."""
    replay = _Replay(folder)
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    peer.begin(url, work, replay.base())
    for _, changes in _PAGES:
        peer.go_on(url, work, replay.after(changes))

    def standing(at: datetime | None) -> Standing:
        return peer.standing(url, _TABLE, _TABLE, at)

    return {case.name: _judge(case, standing, keeps=peer.keeps_history) for case in CASES}


def ours(bench: Bench) -> dict[str, Verdict]:
    """Run all cases with this project; case → how right it is."""
    create_ledger(bench.database)
    create_register(bench.database)
    base = [basic(_code(case.person), row(_GROUP, **{_FIELD: "a"})) for case in CASES]
    bench.land(base, kind="baseline")
    for number, (cursor, changes) in enumerate(_PAGES):
        bench.land([_message(change) for change in changes], cursor=START + cursor)
        if number not in _TOGETHER:
            bench.publish()

    def standing(at: datetime | None) -> Standing:
        known = "o.recorded_to is null"
        if at is not None:
            known = f"o.recorded_from <= '{at}' and coalesce(o.recorded_to, 'infinity') > '{at}'"
        told = bench.query(_STANDING.format(known))
        return {(str(_CODES[code]), value) for code, value in told}

    return {case.name: _judge(case, standing, keeps=True) for case in CASES}


def _judge(case: Case, standing: Callable[[datetime | None], Standing], *, keeps: bool) -> Verdict:
    def is_right(at: datetime | None, value: str) -> bool:
        found = {told for person, told in standing(at) if person == str(case.person)}
        return found == ({value} if value else set())

    if not is_right(None, case.now):
        return "wrong"
    if not keeps:
        return "no history"
    return (
        "right" if all(is_right(at, value) for at, value in case.then.items()) else "history wrong"
    )


def _message(change: Change) -> Row:
    at = change.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if change.kind == "change":
        rows = [row(_GROUP, "MUUTETTU", **{_FIELD: change.value})]
    elif change.kind == "remove":
        rows = [row(_GROUP, "POISTETTU", **{_FIELD: change.value})]
    else:
        rows = [
            row(_GROUP, "KORJATTAVA", **{_FIELD: change.old}),
            row(_GROUP, "KORJATTU", **{_FIELD: change.value}),
        ]
    return message(_code(change.person), at, *rows)


@dataclass
class _Replay:
    """How persons stand after each page, as an adopter of a peer would find out."""

    folder: Path
    known: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    loads: int = 0

    def base(self) -> Load:
        self.known = {case.person: ("a", _BASE) for case in CASES}
        return self._load(None, _BASE)

    def after(self, changes: tuple[Change, ...]) -> Load:
        for change in changes:
            _, since = self.known.get(change.person, ("", _BASE))
            if change.at < since:
                continue
            if change.kind == "remove":
                self.known.pop(change.person, None)
            else:
                self.known[change.person] = (change.value, change.at)
        persons = tuple(str(change.person) for change in changes)
        return self._load(persons, max(change.at for change in changes))

    def _load(self, persons: tuple[str, ...] | None, at: datetime) -> Load:
        self.loads += 1
        folder = self.folder / str(self.loads)
        folder.mkdir(parents=True)
        told = [
            {
                KEY: _hash(str(person)),
                PERSON: str(person),
                _TABLE: value,
                UPDATED: since,
                HASH: _hash(str(person), value),
            }
            for person, (value, since) in self.known.items()
            if persons is None or str(person) in persons
        ]
        schema = pa.schema(
            [
                (KEY, pa.string()),
                (PERSON, pa.string()),
                (_TABLE, pa.string()),
                (UPDATED, pa.timestamp("us", tz="UTC")),
                (HASH, pa.string()),
            ]
        )
        pq.write_table(pa.Table.from_pylist(told, schema=schema), folder / f"{_TABLE}.parquet")
        return Load(folder, (_TABLE,), persons, at)


def _hash(*parts: str) -> str:
    return hashlib.md5("/".join(parts).encode(), usedforsecurity=False).hexdigest()
