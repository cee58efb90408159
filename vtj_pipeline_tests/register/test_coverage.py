"""The feeds of invariant 4 hold every event of contract §4.3 and every way a group can change."""

from __future__ import annotations

import orjson
import pytest

from vtj_pipeline.sandbox import SandboxOptions
from vtj_pipeline_tests.register.coverage import Coverage
from vtj_pipeline_tests.register.feeds import LONG, RARE, Feed, rare_events_often


def _count(coverage: Coverage, options: SandboxOptions, account: str) -> None:
    feed = Feed.of(options, account)
    for _, body in feed.baseline():
        coverage.add_answers(orjson.loads(body)["perustiedot"])
    reading = feed.read(options.days)
    coverage.add_messages(reading.messages())
    coverage.add_answers(reading.answers)


@pytest.mark.slow
def test_every_event_and_every_change_of_every_group_really_happens() -> None:
    coverage = Coverage()
    for account in ("mutpT1", "mutpT1x"):
        _count(coverage, LONG, account)
        with rare_events_often():
            _count(coverage, RARE, account)
    print(coverage.table())
    assert not coverage.empty()
    assert not coverage.filled_though_impossible()
