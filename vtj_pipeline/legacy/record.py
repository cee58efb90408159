"""What the reader finds: groups, records, and what was noticed on the way.

Keep out how they are found (`reader.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vtj_pipeline.catalogue.legacy import LegacyLayout

MOST_NOTES = 20


class Group(NamedTuple):
    """One group of a record.

    Attributes:
        code: Its three digits.
        digit: The attribute digit.
        layout: How its fields lie; None where the code is not known.
        values: The fields, blanks at the end taken off; of an unknown group its whole text.
    """

    code: str
    digit: str
    layout: LegacyLayout | None
    values: tuple[str, ...]


class Record(NamedTuple):
    """One record with its continuations.

    Attributes:
        line: Where it begins in the file, from 1.
        subject: The identity code of its head; empty where that cannot be read.
        event, registered, type, role: The other parts of the head; `registered` is yyyymmdd.
        groups: In order.
        fault: Why it cannot be taken as it is; empty if it can.
        repeated: How many records before it in the file are the same to the last byte.
        text: Of a faulty one all of it as it stands, for landing.
    """

    line: int
    subject: str
    event: str = ""
    registered: str = ""
    type: str = ""
    role: str = ""
    groups: tuple[Group, ...] = ()
    fault: str = ""
    repeated: int = 0
    text: str = ""


@dataclass
class Read:
    """What was noticed while a file was read: counts, and sentences with lines.

    Attributes:
        records: Records met, faulty ones included.
        groups: Groups of the records that are not faulty.
        unknown: Group codes without a layout, with how often they came.
        notes: What was odd and is no fault, by line; the first ones.
        odd: How many there were.
        told: How many lines the file itself says that it has.
        lines: How many it has.
    """

    records: int = 0
    groups: int = 0
    unknown: dict[str, int] = field(default_factory=dict)
    notes: list[tuple[int, str]] = field(default_factory=list)
    odd: int = 0
    told: int | None = None
    lines: int = 0
    _day: str = ""
    _seen: dict[int, int] = field(default_factory=dict)

    def again(self, day: str, text: bytes) -> int:
        """How often these bytes were met before, among the records of one day that lie together."""
        if day != self._day:
            self._day = day
            self._seen.clear()
        same = hash(text)
        repeated = self._seen.get(same, 0)
        self._seen[same] = repeated + 1
        return repeated

    def note(self, line: int, text: str) -> None:
        """Note what is odd, as long as somebody may read it."""
        self.odd += 1
        if len(self.notes) < MOST_NOTES:
            self.notes.append((line, text))
