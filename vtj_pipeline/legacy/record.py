"""What the reader finds: groups, records, and what was noticed on the way.

Keep out how they are found (`reader.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, overload

from vtj_pipeline.catalogue.legacy import BY_LENGTH

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


class Groups(Sequence[Group]):
    """The groups of a record, cut into fields when they are asked for.

    Args:
        text: The block that they stand in.
        starts: Where each group of the block begins.
        ends: And ends.
        begin: The record's first one.
        end: The one behind its last.
    """

    __slots__ = ("_begin", "_cut", "_end", "_ends", "_starts", "_text")

    def __init__(self, text: str, starts: list[int], ends: list[int], begin: int, end: int) -> None:
        self._text = text
        self._starts, self._ends = starts, ends
        self._begin, self._end = begin, end
        self._cut: tuple[Group, ...] | None = None

    def __len__(self) -> int:
        """How many there are."""
        return self._end - self._begin

    @overload
    def __getitem__(self, at: int) -> Group: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Group, ...]: ...
    def __getitem__(self, at: int | slice) -> Group | tuple[Group, ...]:
        """A group, or some."""
        return self._groups()[at]

    def __iter__(self) -> Iterator[Group]:
        """All groups in order."""
        return iter(self._groups())

    def __eq__(self, other: object) -> bool:
        """Whether the same groups stand in both, wherever they were read."""
        return isinstance(other, Sequence) and self._groups() == tuple(other)

    def __hash__(self) -> int:
        """Of what the groups say."""
        return hash(self._groups())

    def _groups(self) -> tuple[Group, ...]:
        if self._cut is None:
            places = range(self._begin, self._end)
            self._cut = tuple(_group(self._text[self._starts[n] : self._ends[n]]) for n in places)
        return self._cut


def _group(text: str) -> Group:
    code, digit = text[:3], text[3]
    layout = BY_LENGTH.get((code, len(text)))
    if layout is None:
        return Group(code, digit, None, (text[4:],))
    return Group(code, digit, layout, tuple(text[a:b].rstrip(" ") for a, b in layout.spans))


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
    groups: Sequence[Group] = ()
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
