"""How long to wait before the next try, and how much one run may ask in all.

Add another limit on the calls here. Keep out HTTP (`client.py`).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from vtj_pipeline.errors import BudgetExhausted


@dataclass(frozen=True)
class TriedCall:
    """One try of a call as the ledger keeps it; nothing of what it was about.

    Attributes:
        purpose: The endpoint, such as `muutokset`.
        attempt: 1 for the first try.
        started_at: When the request was sent, UTC.
        seconds: Until the answer was read, or the try failed.
        status: HTTP status; None where no whole answer came.
        error: What was wrong, by kind: a class of error, an X-Road code, `status`; None if nothing.
    """

    purpose: str
    attempt: int
    started_at: datetime
    seconds: float
    status: int | None
    error: str | None


class CallLog(Protocol):
    """Who is asked before each try of a call, and told after it; shared by threads."""

    def take(self, purpose: str) -> None:
        """Allow a try, or raise `BudgetExhausted`."""

    def record(self, call: TriedCall) -> None:
        """Keep what came of it."""


class NoCallLog:
    """A log that allows everything and keeps nothing."""

    def take(self, purpose: str) -> None:
        """Allow it."""

    def record(self, call: TriedCall) -> None:
        """Forget it."""


class CallBudget:
    """The calls and seconds that one run may spend on the source; safe to share by threads.

    Args:
        calls: Calls in all, retries included.
        seconds: Seconds from the making of the budget, pauses included.
        clock: Seconds that only grow.
    """

    def __init__(
        self, calls: int, seconds: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._calls = calls
        self._seconds = seconds
        self._clock = clock
        self._start = clock()
        self._used = 0
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Calls made so far."""
        return self._used

    def spend(self, purpose: str) -> None:
        """Take one call.

        Raises:
            BudgetExhausted: no call or no second is left.
        """
        with self._lock:
            if self._used < self._calls and self._left() > 0:
                self._used += 1
                return
        raise BudgetExhausted(self._message(purpose))

    def check_pause(self, purpose: str, seconds: float) -> None:
        """Refuse a pause that would outlast the budget.

        Raises:
            BudgetExhausted: the seconds left are fewer than the pause.
        """
        if seconds >= self._left():
            raise BudgetExhausted(self._message(purpose))

    def _left(self) -> float:
        return self._seconds - (self._clock() - self._start)

    def _message(self, purpose: str) -> str:
        return (
            f"{purpose} was to be called; the run has made {self._used} of its {self._calls} calls "
            f"and may spend {self._seconds:.0f} seconds. What has landed is kept: run the same "
            "command again to go on, or raise VTJ_API_MAX_CALLS or VTJ_API_MAX_SECONDS."
        )


@dataclass(frozen=True)
class Pauses:
    """Growing pauses with jitter.

    Attributes:
        first: Seconds before the second try after 429; other faults wait a fifth of it. 15 is
            what the known clients use (contract §1.4).
        longest: No pause that we choose ourselves is longer.
    """

    first: float = 15.0
    longest: float = 240.0

    def after(self, attempt: int, *, too_many: bool, retry_after: float | None) -> float:
        """Seconds to wait after a failed try (1 is the first); `Retry-After` decides if given."""
        if retry_after is not None:
            return retry_after
        base = self.first if too_many else self.first / 5
        whole: float = min(self.longest, base * 2 ** (attempt - 1))
        # Half the pause is chance, so that calls under way together do not come back together.
        return whole * (0.5 + random.random() / 2)  # noqa: S311  # nothing here is a secret


def retry_after_seconds(header: str | None) -> float | None:
    """Seconds that a `Retry-After` header asks for: a number, or a moment; None if unreadable."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
