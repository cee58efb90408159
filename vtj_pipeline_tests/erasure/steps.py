"""An erasure's steps, as the command takes them. Keep out what is expected of them."""

from __future__ import annotations

from datetime import UTC, datetime

from vtj_pipeline.erasure import begin_erasure, carry_out, whom_codes_name
from vtj_pipeline.erasure.erase import Receipt, Work
from vtj_pipeline.landing.report import Progress
from vtj_pipeline.privacy import person_key
from vtj_pipeline_tests.builders import CODES, Bench

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def quiet(what: str, done: int, total: int | None) -> None:
    """Tell nobody of the progress."""
    del what, done, total


def work(bench: Bench, progress: Progress = quiet) -> Work:
    """What an erasure of a bench works on."""
    scope = {"test": bench.scope}
    return Work(bench.database, bench.storage, bench.settings, scope, {}, None, progress)


def begin(bench: Bench, *persons: str) -> int:
    """Begin an erasure of persons, each a code or a name in `CODES`; returns its number."""
    key = person_key(bench.settings)
    whom = whom_codes_name(bench.database, key, [CODES.get(one, one) for one in persons])
    return begin_erasure(bench.database, key, whom, kind="request", reason="asked for", now=NOW)


def finish(bench: Bench, number: int) -> Receipt:
    """Carry an erasure out to its end."""
    return carry_out(work(bench), number, lambda: NOW)


def erase(bench: Bench, *persons: str) -> Receipt:
    """Erase persons, from the beginning to the end."""
    return finish(bench, begin(bench, *persons))
