"""The calls to the source: one client for a run, with its retries.

Add an endpoint here when the source gains one. Keep out the connection (`connection.py`), what
the envelopes look like (`messages.py`), what a refusal means (`refusals.py`), how long to wait
(`retry.py`) and where answers are kept (`landing/`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx

from vtj_pipeline.clock import Clock, day_in_finland, utc_now
from vtj_pipeline.errors import (
    CursorExpired,
    SourceError,
    SourceRefused,
    SourceUnavailable,
    UnreadableAnswer,
)
from vtj_pipeline.source.bodies import SMALL_ANSWER, AnswerTooLarge, Bounds, asked
from vtj_pipeline.source.connection import open_http
from vtj_pipeline.source.expiry import is_too_old, may_be_age
from vtj_pipeline.source.messages import (
    BASIC_DATA,
    CHANGES,
    DAY_CURSOR,
    WEEKLY_COPY,
    Answer,
    Envelope,
    NotJson,
    NotTheEnvelope,
    basic_data_request,
    changes_request,
    read_envelope,
)
from vtj_pipeline.source.refusals import (
    aged,
    refusal,
    too_large,
    unreadable,
    xroad,
    xroad_code,
)
from vtj_pipeline.source.retry import (
    CallBudget,
    CallLog,
    NoCallLog,
    Pauses,
    TriedCall,
    retry_after_seconds,
)

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings
    from vtj_pipeline.source.subscriptions import Subscription

LARGEST_CODE_LIST = 1000
_logger = logging.getLogger(__name__)
# What it means of basic data is not known (contract §9 #21, #22), and so it stops nothing.
_NOT_UP_TO_DATE = (
    "%s was answered with %d persons and ajanTasalla false. It may be that not everybody came: see "
    "that the number is right, and ask by smaller lists or have files delivered if it is not."
)
_TRANSIENT = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class _Fault:
    """A try that failed in a way that may pass: what to say, and how to wait."""

    text: str
    error: str = ""
    status: int | None = None
    too_many: bool = False
    retry_after: float | None = None
    at_last: type[SourceError] | None = None


class SourceClient:
    """Calls the source on behalf of one subscription; safe to share by threads.

    Use as a context manager, so that connections are closed. Made by `open_source`.

    Attributes:
        settings: The deployment's settings, which also bound what a run may ask.
        budget: The calls and seconds of the run.
        clock: The present moment, with a time zone.
    """

    def __init__(
        self,
        http: httpx.Client,
        settings: Settings,
        subscription: Subscription,
        *,
        budget: CallBudget,
        pauses: Pauses,
        pause: Callable[[float], None],
        log: CallLog,
        clock: Clock,
    ) -> None:
        self.settings = settings
        self.budget = budget
        self.clock = clock
        self._http = http
        self._subscription = subscription
        self._pauses = pauses
        self._pause = pause
        self._log = log

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def cursor_of_day(self, day: date, *, old: bool = False) -> int:
        """The journal's first cursor of a Finnish calendar day (contract §2.1).

        Args:
            day: The day asked for.
            old: The day is older than the source promises to keep; a refusal then means that.

        Raises:
            CursorExpired: the source no longer keeps the day.
            SourceRefused: any other answer 3xx or 4xx.
            UnreadableAnswer: the answer is not the agreed JSON.
            SourceUnavailable: no answer until the tries were used up.
            BudgetExhausted: the run's calls or seconds are spent.
        """
        try:
            return self._cursor_of_day(day, old=old)
        except (SourceRefused, CursorExpired) as error:
            reason = self._why(DAY_CURSOR, error, day)
        raise reason

    def changes(
        self, cursor: int, codes: Sequence[str] | None = None, *, old: bool = False
    ) -> Answer:
        """One page of changes after a cursor (contract §2.2).

        Args:
            cursor: The last cursor received.
            codes: Only these persons; None where the credentials choose the persons.
            old: The cursor is older than the source promises to keep.

        Raises:
            VtjError: as `cursor_of_day`.
        """
        try:
            return self._changes(cursor, codes, old=old)
        except (SourceRefused, CursorExpired) as error:
            reason = self._why(CHANGES, error, cursor, codes)
        raise reason

    def basic_data(self, codes: Sequence[str], groups: Sequence[str] | None = None) -> Answer:
        """The basic data of at most 1000 persons, as they stand now (contract §2.3).

        Raises:
            ValueError: no code, or more than 1000.
            VtjError: as `cursor_of_day`.
        """
        if not 1 <= len(codes) <= LARGEST_CODE_LIST:
            msg = f"{BASIC_DATA} takes 1 to {LARGEST_CODE_LIST} codes, not {len(codes)}"
            raise ValueError(msg)
        return self._answer(BASIC_DATA, basic_data_request(codes=codes, groups=groups))

    def weekly_copy(
        self,
        *,
        municipalities: Sequence[str] | None = None,
        codes: Sequence[str] | None = None,
        groups: Sequence[str] | None = None,
        everybody: bool = False,
    ) -> Answer:
        """The basic data of the weekly copy, by municipality or by code (contract §2.4).

        Args:
            municipalities: Only their residents.
            codes: Only these persons.
            groups: Only these groups.
            everybody: Everybody of the product, where neither is given.

        Raises:
            ValueError: neither municipalities nor codes are given, nor `everybody`.
            VtjError: as `cursor_of_day`.
        """
        if not municipalities and not codes and not everybody:
            msg = f"{WEEKLY_COPY} needs municipalities or codes"
            raise ValueError(msg)
        body = basic_data_request(
            codes=codes or None, municipalities=municipalities or None, groups=groups
        )
        return self._answer(WEEKLY_COPY, body)

    def _cursor_of_day(self, day: date, *, old: bool = False) -> int:
        _, envelope = self._call(DAY_CURSOR, path=f"{DAY_CURSOR}/{day.isoformat()}", old=old)
        assert envelope.cursor is not None
        return envelope.cursor

    def _changes(self, cursor: int, codes: Sequence[str] | None, *, old: bool = False) -> Answer:
        body = changes_request(cursor, codes, self._subscription.extra_body)
        return self._answer(CHANGES, body, old=old)

    def _why(
        self,
        purpose: str,
        error: SourceError,
        asked: int | date,
        codes: Sequence[str] | None = None,
    ) -> SourceError:
        """The refusal again, with what a younger question tells of its reason."""
        if not may_be_age(error):
            return error
        verdict = is_too_old(
            asked,
            day_in_finland(self.clock()),
            self._cursor_of_day,
            lambda young: self._changes(young, codes),
        )
        return error if verdict is None else aged(purpose, error, too_old=verdict)

    def _answer(self, purpose: str, body: Mapping[str, Any], *, old: bool = False) -> Answer:
        response, envelope = self._call(purpose, path=purpose, body=body, old=old)
        if purpose != CHANGES and not envelope.caught_up:
            _logger.warning(_NOT_UP_TO_DATE, purpose, envelope.answered)
        return Answer(
            purpose=purpose,
            status=response.status_code,
            body=response.content,
            fetched_at=self.clock(),
            cursor_out=envelope.cursor,
            caught_up=envelope.caught_up,
            answered=envelope.answered,
            extraction_date=envelope.extraction_date,
        )

    def _call(
        self, purpose: str, *, path: str, body: Mapping[str, Any] | None = None, old: bool
    ) -> tuple[httpx.Response, Envelope]:
        attempts = self.settings.api_attempts
        fault = _Fault("no try")
        for attempt in range(1, attempts + 1):
            self.budget.spend(purpose)
            self._log.take(purpose)
            outcome = self._recorded(attempt, purpose, path, body, old=old)
            if isinstance(outcome, tuple):
                return outcome
            fault = outcome
            if attempt < attempts:
                self._wait(purpose, attempt, fault)
        if fault.at_last is not None:
            raise fault.at_last(fault.text)
        msg = (
            f"{purpose} was called {attempts} times, and the last try ended so: {fault.text}. "
            "Run the same command again later; what has landed is kept."
        )
        raise SourceUnavailable(msg)

    def _wait(self, purpose: str, attempt: int, fault: _Fault) -> None:
        seconds = self._pauses.after(
            attempt, too_many=fault.too_many, retry_after=fault.retry_after
        )
        self.budget.check_pause(purpose, seconds)
        self._pause(seconds)

    def _recorded(
        self, attempt: int, purpose: str, path: str, body: Mapping[str, Any] | None, *, old: bool
    ) -> tuple[httpx.Response, Envelope] | _Fault:
        """One try, with its row in the log whatever comes of it."""
        started_at, started = self.clock(), time.perf_counter()

        def record(status: int | None, error: str | None) -> None:
            seconds = time.perf_counter() - started
            self._log.record(TriedCall(purpose, attempt, started_at, seconds, status, error))

        try:
            outcome = self._try(purpose, path, body, old=old)
        except SourceError as error:
            record(error.status, type(error).__name__)
            raise
        if isinstance(outcome, _Fault):
            record(outcome.status, outcome.error)
        else:
            record(outcome[0].status_code, None)
        return outcome

    def _try(
        self, purpose: str, path: str, body: Mapping[str, Any] | None, *, old: bool
    ) -> tuple[httpx.Response, Envelope] | _Fault:
        method = "GET" if body is None else "POST"
        largest = self.settings.api_max_answer_mb
        bounds = Bounds(
            SMALL_ANSWER if purpose == DAY_CURSOR else largest * 1_000_000,
            self.settings.api_timeout_seconds,
        )
        try:
            with asked(self._http, method, path, body, bounds) as response:
                return self._judged(purpose, response, old=old)
        except (httpx.TransportError, httpx.DecodingError) as error:
            # The error's name tells enough; its text and its request are left behind.
            return _Fault(f"no whole answer ({type(error).__name__})", type(error).__name__)
        except AnswerTooLarge:
            msg = too_large(purpose, bounds.size)
        raise UnreadableAnswer(msg)

    def _judged(
        self, purpose: str, response: httpx.Response, *, old: bool
    ) -> tuple[httpx.Response, Envelope] | _Fault:
        if response.status_code in _TRANSIENT:
            return _Fault(
                f"status {response.status_code}{xroad(response)}",
                xroad_code(response) or "status",
                response.status_code,
                too_many=response.status_code == 429,
                retry_after=retry_after_seconds(response.headers.get("Retry-After")),
            )
        if response.status_code != 200:
            raise refusal(purpose, response, old=old)
        return self._read(purpose, response)

    def _read(
        self, purpose: str, response: httpx.Response
    ) -> tuple[httpx.Response, Envelope] | _Fault:
        try:
            return response, read_envelope(purpose, response.content)
        except NotJson as error:
            # Cut on its way, or a gateway's page in the source's place: both may pass.
            text = unreadable(purpose, response, str(error))
            name = UnreadableAnswer.__name__
            return _Fault(text, name, response.status_code, at_last=UnreadableAnswer)
        except NotTheEnvelope as error:
            text = unreadable(purpose, response, str(error))
        final = UnreadableAnswer(text)
        final.status = response.status_code
        raise final


def open_source(
    settings: Settings,
    subscription: Subscription,
    *,
    transport: httpx.BaseTransport | None = None,
    pause: Callable[[float], None] = time.sleep,
    first_pause: float = Pauses.first,
    log: CallLog | None = None,
    clock: Clock = utc_now,
) -> SourceClient:
    """Make the client that calls the source for a subscription.

    Args:
        settings: Address, credentials, certificates and limits.
        subscription: Whose product is asked.
        transport: Another way to reach the source than the network.
        pause: Waits the seconds given, between tries.
        first_pause: Seconds before the second try after 429.
        log: Allows and keeps each try of a call.
        clock: The present moment.

    Raises:
        SettingsError: address, user id, password or a certificate is missing or unusable.
    """
    return SourceClient(
        open_http(settings, subscription, transport=transport),
        settings,
        subscription,
        budget=CallBudget(settings.api_max_calls, settings.api_max_seconds),
        pauses=Pauses(first=first_pause),
        pause=pause,
        log=log or NoCallLog(),
        clock=clock,
    )
