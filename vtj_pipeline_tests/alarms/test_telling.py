"""An alarm's words, telling it by all, and keeping the place of whoever could not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from vtj_pipeline.alarms import Alarm, Due, Memory, Receipt, Severity, tell_all, tell_due
from vtj_pipeline.errors import AlarmNotSent
from vtj_pipeline_tests.alarms.alarms import alarm, mail_notifier
from vtj_pipeline_tests.alarms.mailbox import Mailbox

CODE = "010190-999F"
DEAD = "smtp+plain://127.0.0.1:1"


@dataclass
class Ears:
    """A notifier in memory, which fails as it is told to."""

    name: str
    error: Exception | None = None
    heard: list[str] = field(default_factory=list)
    target: str = "ears"

    def send(self, alarm: Alarm) -> Receipt:
        if self.error is not None:
            raise self.error
        self.heard.append(alarm.key)
        return Receipt("heard")

    def reach(self) -> None:
        """Nothing to reach."""


def due(*keys: str) -> Callable[[Memory | None], Iterator[Due]]:
    """Alarms of those keys, one after another; the memory is how many were told."""

    def steps(memory: Memory | None) -> Iterator[Due]:
        done = memory["done"] if memory else 0
        for at, key in enumerate(keys[done:], done + 1):
            yield Due(alarm(key=key), {"done": at})

    return steps


def never() -> bool:
    return False


def test_texts_are_one_line_without_what_looks_like_an_identity_code() -> None:
    made = alarm(title=f"of {CODE}\r\nBcc: x@example.fi", what=f"{CODE.lower()}", to_do="x" * 5_000)
    assert made.title == "of (withheld) Bcc: x@example.fi"
    assert made.what == "(withheld)"
    assert len(made.to_do) == 1_500 and made.to_do.endswith("…")
    assert CODE not in f"{made.text} {made.document}"


@pytest.mark.parametrize(
    ("utc", "day"),
    [((2026, 7, 1, 20, 59), "2026-07-01"), ((2026, 7, 1, 21, 0), "2026-07-02"),
     ((2026, 11, 1, 21, 59), "2026-11-01"), ((2026, 11, 1, 22, 0), "2026-11-02")],
)  # fmt: skip
def test_its_day_is_finnish(utc: tuple[int, ...], day: str) -> None:
    assert alarm(at=datetime(*utc, tzinfo=UTC)).day.isoformat() == day  # type: ignore[misc]


def test_everybody_is_told_whoever_fails(box: Mailbox) -> None:
    notifiers = [
        Ears("broken", ValueError(CODE)),
        mail_notifier(DEAD),
        mail_notifier(f"smtp+plain://127.0.0.1:{box.port}"),
    ]
    told = tell_all(notifiers, alarm())
    assert [one.is_complete for one in told] == [False, False, True]
    assert len(box.messages) == 1
    assert "ValueError" in told[0].said and CODE not in told[0].said
    assert "ConnectionRefusedError" in told[1].said


def test_who_fails_keeps_its_place_and_the_others_go_on() -> None:
    deaf, well = Ears("deaf", AlarmNotSent("no")), Ears("well")
    outcome = tell_due([deaf, well], {"deaf": {"done": 1}}, due("a", "b", "c"), never)
    assert outcome.memories == {"deaf": {"done": 1}, "well": {"done": 3}}
    assert [one.said for one in outcome.failures] == ["deaf: no"]
    assert well.heard == ["a", "b", "c"]
    deaf.error = None
    again = tell_due([deaf, well], outcome.memories, due("a", "b", "c"), never)
    assert (deaf.heard, well.heard) == (["b", "c"], ["a", "b", "c"])
    assert again.memories == {"deaf": {"done": 3}, "well": {"done": 3}}
    # Who is no more is forgotten.
    assert tell_due([well], again.memories, due(), never).memories == {"well": {"done": 3}}


def test_time_that_is_up_leaves_the_rest_for_the_next_tick() -> None:
    slow, next_one = Ears("slow"), Ears("next")
    outcome = tell_due([slow, next_one], {}, due("a", "b"), lambda: True)
    assert outcome.is_cut and outcome.failures == ()
    assert outcome.memories == {"slow": {"done": 1}, "next": {"done": 1}}


def test_what_is_over_says_so() -> None:
    assert alarm(severity=Severity.OK).document["is_over"] is True
