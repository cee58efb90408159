"""Looking for a test that fails: the cases and small feeds, folded by a mutant's catalogue.

Nothing here knows what a mutant changed. Keep out which mutants there are (`mutants.py`).
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vtj_pipeline.catalogue import CATALOGUE, Catalogue
from vtj_pipeline.errors import VtjError
from vtj_pipeline.sandbox import SandboxOptions
from vtj_pipeline_tests.mutation.folding import Batch, Folding, Page, folding
from vtj_pipeline_tests.mutation.mutants import Mutant, bundled
from vtj_pipeline_tests.register.all_cases import CASES
from vtj_pipeline_tests.register.cases import Case, Expected, chosen, in_order, own, renamed
from vtj_pipeline_tests.register.feeds import (
    NARROW,
    NARROWEST,
    RARE,
    START,
    Feed,
    Pages,
    rare_events_often,
)
from vtj_pipeline_tests.register.source_agreement import Lines as UnlikeLines
from vtj_pipeline_tests.register.source_agreement import Told, unlike_lines

Columns = dict[str, Any]
Lines = list[tuple[Any, ...]]


@dataclass
class Witness:
    """Something that finds a wrong fold: a name, a folding, and what must come out."""

    name: str
    batches: list[Batch]
    folding: Folding | None = None

    def objects_to(self, table: str, catalogue: Catalogue) -> bool:
        """Whether one table, folded by a catalogue, is not as it must be."""
        raise NotImplementedError

    def columns_objected_to(self, table: str, catalogue: Catalogue) -> set[str]:
        """The columns that are not as they must be, whatever others are."""
        raise NotImplementedError


@dataclass
class CasesWitness(Witness):
    """All hand-written cases at once, each about persons of its own."""

    cases: list[tuple[dict[str, str], Case]] = field(default_factory=list)

    @classmethod
    def make(cls) -> CasesWitness:
        """Of all cases."""
        pages: dict[str, list[Page]] = defaultdict(list)
        cases = []
        for codes, case, landed in renamed(CASES):
            cases.append((codes, case))
            for one in landed:
                key = "muutokset" if one.kind == "change" else "perustiedot"
                body = json.dumps({key: one.entries}, ensure_ascii=False).encode()
                pages[one.kind].append(Page(one.cursor, body, one.day))
        return cls("cases", [Batch(kind, tuple(p)) for kind, p in pages.items()], None, cases)

    def objects_to(self, table: str, catalogue: Catalogue) -> bool:
        return bool(self.failing(table, catalogue))

    def columns_objected_to(self, table: str, catalogue: Catalogue) -> set[str]:
        return {
            column
            for _, expected, found, wanted in self._compared(table, catalogue)
            for place, column in enumerate(expected.columns)
            if len(found) == len(wanted) and _nth(found, place) != _nth(wanted, place)
        }

    def failing(self, table: str, catalogue: Catalogue) -> list[str]:
        """The cases that fail, by name."""
        return [
            case.name
            for case, _, found, wanted in self._compared(table, catalogue)
            if found != wanted
        ]

    def _compared(
        self, table: str, catalogue: Catalogue
    ) -> Iterator[tuple[Case, Expected, Lines, Lines]]:
        """Each case's rows of a table as they are, and as they must be."""
        assert self.folding is not None
        rows: dict[str, list[Columns]] = defaultdict(list)
        for row in self.folding.history(table, catalogue):
            rows[str(row["person_id"])].append(row)
        person_of = {code: person for person, code in self.folding.all_codes}
        for codes, case in self.cases:
            for expected in case.expected:
                if expected.table == table:
                    stood = rows[person_of[codes[expected.person]]]
                    wanted = [own(row, codes) for row in expected.rows]
                    yield case, expected, chosen(stood, expected), in_order(wanted)


def _nth(rows: Lines, place: int) -> list[str]:
    return sorted(str(row[place]) for row in rows)


@dataclass
class FeedWitness(Witness):
    """A sandbox feed and what the source says at its end."""

    told: Told = field(default_factory=Told)
    after_gap: bool = False

    @classmethod
    def make(cls, name: str, options: SandboxOptions, account: str, *, gap: bool) -> FeedWitness:
        """Of one feed; with a gap, no change comes and a fresh answer does."""
        feed = Feed.of(options, account)
        first = _batch("baseline", feed.baseline(), START)
        reading = feed.read(options.days)
        rest = (
            _batch("refresh", feed.baseline(), reading.date)
            if gap
            else _batch("change", reading.pages, None)
        )
        told = Told.of(reading.answers, leave_out=feed.in_trouble(reading.answers))
        return cls(name, [first, rest], None, told, gap)

    def objects_to(self, table: str, catalogue: Catalogue) -> bool:
        lines = self._unlike(table, catalogue)
        return bool(lines.missing or lines.too_many)

    def columns_objected_to(self, table: str, catalogue: Catalogue) -> set[str]:
        return self._unlike(table, catalogue).columns()

    def _unlike(self, table: str, catalogue: Catalogue) -> UnlikeLines:
        assert self.folding is not None
        found, codes = self.folding.current(table, catalogue), self.folding.codes
        return unlike_lines(table, self.told, found, codes, after_gap=self.after_gap)


def _batch(kind: str, pages: Pages, day: Any) -> Batch:
    return Batch(kind, tuple(Page(cursor, body, day) for cursor, body in pages))


BUSY = replace(RARE, persons=250, days=60)
FEEDS: tuple[tuple[str, str, bool], ...] = (
    ("busy", "mutpT1x", False),
    ("busy, narrow", NARROW, False),
    ("busy, narrowest", NARROWEST, False),
    ("busy, after a gap", "mutpT1x", True),
)


def make_witnesses() -> list[Witness]:
    """All witnesses, the quickest first."""
    found: list[Witness] = [CasesWitness.make()]
    with rare_events_often():
        found += [FeedWitness.make(name, BUSY, account, gap=gap) for name, account, gap in FEEDS]
    return found


@contextmanager
def ready(witnesses: list[Witness], folder: Path) -> Iterator[list[Witness]]:
    """Open each witness's engine."""
    with ExitStack() as stack:
        for number, witness in enumerate(witnesses):
            home = folder / f"{os.getpid()}_{number}"
            home.mkdir()
            witness.folding = stack.enter_context(folding(witness.batches, home))
        yield witnesses


def killer(mutant: Mutant, witnesses: list[Witness], folder: Path) -> str | None:
    """Who finds the mutant out; None if nobody does."""
    for number, witness in enumerate(witnesses):
        try:
            if _objects(witness, mutant, folder / f"{os.getpid()}_again_{number}"):
                return witness.name
        except (VtjError, KeyError) as error:
            return f"stops: {type(error).__name__}"
    return None


def killers(mutants: list[Mutant], witnesses: list[Witness]) -> dict[str, str | None]:
    """The same for mutants that change columns of one group: all are tried together."""
    found: dict[str, str | None] = {one.name: None for one in mutants}
    left = mutants
    for witness in witnesses:
        if left:
            columns = witness.columns_objected_to(left[0].table, bundled(left))
            found |= {one.name: witness.name for one in left if one.column in columns}
            left = [one for one in left if one.column not in columns]
    return found


def _objects(witness: Witness, mutant: Mutant, home: Path) -> bool:
    if not mutant.reads_differently:
        return witness.objects_to(mutant.table, mutant.catalogue)
    home.mkdir(parents=True, exist_ok=True)
    before = witness.folding
    try:
        # Several mutants come here one after the other.
        with (
            TemporaryDirectory(dir=home) as folder,
            folding(witness.batches, Path(folder), mutant.catalogue) as anew,
        ):
            witness.folding = anew
            return witness.objects_to(mutant.table, mutant.catalogue)
    finally:
        witness.folding = before


def unmutated(witnesses: list[Witness], tables: set[str]) -> list[tuple[str, str]]:
    """Witness and table, where it objects to the catalogue as it is and so can tell nothing."""
    return [
        (witness.name, table)
        for witness in witnesses
        for table in sorted(tables)
        if witness.objects_to(table, CATALOGUE)
    ]
