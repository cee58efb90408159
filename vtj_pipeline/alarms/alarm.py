"""What an alarm is, and the words in which every notifier tells it.

Add a field here if people need it to act. Keep out how it is sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.logs import without_codes

Kind = Literal["run_failed", "check_failed", "check_passes", "cursor_stale", "cursor_young", "test"]
_LONGEST = 1_500
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Severity(StrEnum):
    """How soon somebody should look."""

    ERROR = "ERROR"
    """Something does not work, or will be lost: today."""
    WARN = "WARN"
    """It works, and somebody should look."""
    OK = "OK"
    """Something that was told before is over."""


@dataclass(frozen=True)
class Alarm:
    """One thing that somebody should know. It never holds personal data.

    Of texts, what looks like a personal identity code is withheld whatever it is; each is one line.

    Attributes:
        kind: What sort of thing.
        severity: How soon somebody should look.
        title: A few words.
        what: What happened.
        where: The job, asset or subscription.
        to_do: What to do about it.
        at: When it happened, with a time zone.
        incidents: What it is about: the same for an alarm, its repetitions and its end. Several
            where many things are told at once.
        key: Tells it from every other alarm; the same if it is sent once more after a crash.
        counts: Numbers by name.
        link: Where to look in the UI, if its address is known.
        run_id: The Dagster run.
    """

    kind: Kind
    severity: Severity
    title: str
    what: str
    where: str
    to_do: str
    at: datetime
    incidents: tuple[str, ...]
    key: str
    counts: Mapping[str, float] = field(default_factory=dict)
    link: str | None = None
    run_id: str | None = None

    def __post_init__(self) -> None:
        for name in ("title", "what", "where", "to_do"):
            object.__setattr__(self, name, _plain(getattr(self, name)))
        object.__setattr__(self, "at", self.at.astimezone(UTC))
        object.__setattr__(self, "counts", MappingProxyType(dict(self.counts)))

    @property
    def id(self) -> str:
        """A name without meaning for receivers that drop what they have seen."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]

    @property
    def thread(self) -> str:
        """The same of the incidents."""
        return hashlib.sha256("\n".join(self.incidents).encode()).hexdigest()[:32]

    @property
    def day(self) -> date:
        """The day in Finland."""
        return self.at.astimezone(HELSINKI).date()

    @property
    def subject(self) -> str:
        """One line."""
        return f"{self.severity}: {self.title}"

    @property
    def text(self) -> str:
        """Everything, for a person."""
        numbers = ", ".join(f"{name} {_number(value)}" for name, value in self.counts.items())
        lines = {
            "Where": self.where,
            "When": f"{self.at:%Y-%m-%d %H:%M:%S} UTC, {self.day} in Finland",
            "Numbers": numbers,
            "What to do": self.to_do,
            "Run": self.run_id,
            "Look at": self.link,
        }
        told = "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
        return f"{self.subject}\n\n{self.what}\n\n{told}\n"

    @property
    def document(self) -> dict[str, Any]:
        """Everything, for a program; `text` is what chat programs show."""
        return {
            "version": 1,
            "id": self.id,
            "incidents": list(self.incidents),
            "kind": self.kind,
            "severity": self.severity.value,
            "is_over": self.severity is Severity.OK,
            "title": self.title,
            "what": self.what,
            "where": self.where,
            "to_do": self.to_do,
            "at": self.at.isoformat(timespec="seconds"),
            "day": self.day.isoformat(),
            "counts": dict(self.counts),
            "link": self.link,
            "run_id": self.run_id,
            "text": self.text,
        }


def _plain(text: str) -> str:
    """One line of bounded length, without what looks like an identity code."""
    line = without_codes(_CONTROL.sub(" ", text)).strip()
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
