"""Bytes of a change or base file → records and groups, as columns; nothing of their meaning.

A file is read in blocks of bounded size. Heads, bars and groups are found by arithmetic on whole
blocks; only fields become text. What cannot be read is a fault of one record, named by line, never
quoted. Keep out files (`files.py`) and what a group says (`rules.py`, `messages.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from vtj_pipeline.catalogue.legacy import (
    ATTRIBUTES,
    BY_LENGTH,
    CODES,
    HEAD_LENGTH,
    MOST_LINE,
    LegacyKind,
)
from vtj_pipeline.legacy.dates import impossible, is_day
from vtj_pipeline.legacy.record import Groups, Read, Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vtj_pipeline.catalogue.legacy import LegacyLayout

BLOCK_BYTES = 2_000_000
# Lines of one record, with its continuations, are read together up to this.
_MOST_HELD, _MOST_LINES = 200_000, 300
_BAR, _NEWLINE, _RETURN = b"|\n\r"
_CODE = re.compile(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]")
_HEAD = re.compile(
    r"(?P<code>\d{6}[-+A-FU-Y]\d{3}[0-9A-Y])(?P<event>[\x20-\xff]{3})(?P<day>\d{8})"
    r"(?P<type>[01J])(?P<role>[\x20-\xff])(?P<groups>\d\d)\|",
    re.ASCII,
)
_MOST_END = 40
_END = re.compile(rb"'''EOF'''(\d+)'")
_REFINING = frozenset({"320", "451", "452"})
_ZERO, _NINE, _CODED = ord("0"), 9, 4
_DIGITS = np.array(sorted(int(digit) for digit in ATTRIBUTES))
# Beyond what any group is long.
_LONGEST = 4096


_Head = tuple[str, str, str, str, str]
"""Code, event, day, type and role of a record."""


class _Line(NamedTuple):
    number: int
    start: int
    end: int
    goes_on: bool


def records_in(stream: IO[bytes], read: Read, block_bytes: int = BLOCK_BYTES) -> Iterator[Record]:
    """The records of a file in order.

    Args:
        stream: The file, in ISO-8859-1.
        read: Where counts and notes go.
        block_bytes: How much is read at once.
    """
    for first_line, block in _blocks(stream, block_bytes):
        yield from _Block(block, first_line, read).records()
    if read.told is not None and read.told != read.lines:
        read.note(0, f"its last line tells of {read.told} records, and there are {read.lines}")


def _blocks(stream: IO[bytes], size: int) -> Iterator[tuple[int, bytes]]:
    """Whole records, as (number of the first line, bytes); the last one waits for its `J` lines."""
    held, line = b"", 1
    while content := stream.read(size):
        block = held + content
        cut = _cut(block)
        if cut == 0 and len(block) > _MOST_HELD:
            # Neither a record's end nor a line's: nothing of this format is so long.
            cut = len(block)
        held = block[cut:]
        if cut:
            yield line, block[:cut]
            line += block.count(b"\n", 0, cut)
    if held:
        yield line, held


def _cut(block: bytes) -> int:
    """Where the last record of a block begins that may go on behind it."""
    end = block.rfind(b"\n") + 1
    at = end
    for _ in range(_MOST_LINES):
        if at == 0 or end - at >= _MOST_HELD:
            break
        stop = at - 1
        at = block.rfind(b"\n", 0, stop) + 1
        if _is_record(block, at, stop) and not _goes_on(block, at, stop):
            return at
    return end


def _is_record(content: bytes, start: int, stop: int) -> bool:
    """Whether a line is one of a record: neither empty nor about the file."""
    is_empty = stop == start or content[start:stop] == b"\r"
    return not is_empty and not content.startswith(b"'''", start)


def _goes_on(content: bytes, start: int, stop: int) -> bool:
    """Whether a line continues the record before it."""
    return stop - start > HEAD_LENGTH + 1 and content[start + 22] == ord("J")


class _Block:
    """Some whole lines, taken apart."""

    def __init__(self, content: bytes, first_line: int, read: Read) -> None:
        self._content = content
        self._text = content.decode("latin-1")
        self._bytes = np.frombuffer(content, dtype=np.uint8)
        self._first_line = first_line
        self._read = read

    def records(self) -> Iterator[Record]:
        """The records of the block."""
        lines = self._lines()
        bars = np.flatnonzero(self._bytes == _BAR)
        starts, ends, owner, odd = self._groups(lines, bars)
        faults = self._faults(starts, ends)
        places = (starts.tolist(), ends.tolist())
        first = np.searchsorted(owner, np.arange(len(lines) + 1)).tolist()
        at, count = 0, len(lines)
        while at < count:
            after = at + 1
            while after < count and lines[after].goes_on:
                after += 1
            begin, end = first[at], first[after]
            groups = Groups(self._text, *places, begin, end)
            # Only where something is wrong is a record looked at group by group.
            wrong = [faults[n] for n in range(begin, end) if n in faults] if faults else []
            yield (not wrong and after == at + 1 and self._plain(lines[at], groups, odd)) or (
                self._record(lines[at:after], groups, wrong, odd, first[at + 1] - begin)
            )
            at = after

    def _lines(self) -> list[_Line]:
        """The lines that are records; what they say about the file is noted."""
        content = self._content
        breaks = np.flatnonzero(self._bytes == _NEWLINE).tolist()
        if not content.endswith(b"\n"):
            breaks.append(len(content))
        found, start = [], 0
        for number, stop in enumerate(breaks, self._first_line):
            if _is_record(content, start, stop):
                end = stop - 1 if content[stop - 1] == _RETURN else stop
                found.append(_Line(number, start, end, _goes_on(content, start, stop)))
            elif (said := _END.match(content[start : start + _MOST_END])) is not None:
                self._read.told = int(said[1])
            start = stop + 1
        self._read.lines += len(found)
        return found

    def _groups(
        self, lines: list[_Line], bars: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], set[int]]:
        """Where groups begin and end, to which line each belongs, and lines without a last bar."""
        if not lines:
            nothing = np.empty(0, dtype=np.int64)
            return nothing, nothing, nothing, set()
        starts = np.array([one.start for one in lines], dtype=np.int64)
        ends = np.array([one.end for one in lines], dtype=np.int64)
        is_open = self._bytes[ends - 1] != _BAR
        stops = np.unique(np.concatenate([bars, ends[is_open]]))
        line_of = np.searchsorted(starts, stops, side="right") - 1
        # A line that is too long is at fault as a whole.
        is_short = ends - starts <= MOST_LINE
        inside = (line_of >= 0) & (stops <= ends[line_of]) & is_short[line_of]
        stops, line_of = stops[inside], line_of[inside]
        # The first bar of a line ends its head, and begins the first group.
        follows = np.flatnonzero(line_of[1:] == line_of[:-1]) + 1
        return (
            stops[follows - 1] + 1,
            stops[follows],
            line_of[follows],
            set(starts[is_open].tolist()),
        )

    def _faults(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> dict[int, str]:
        """Why groups cannot be read, by their number: kind by kind, each column at once."""
        if len(starts) == 0:
            return {}
        last = len(self._bytes) - 1
        head = (
            self._bytes[np.minimum(starts[:, None] + np.arange(4), last)].astype(np.int64) - _ZERO
        )
        lengths = ends - starts
        is_coded = ((head >= 0) & (head <= _NINE)).all(axis=1) & (lengths >= _CODED)
        is_coded &= np.isin(head[:, 3], _DIGITS)
        faults = dict.fromkeys(
            np.flatnonzero(~is_coded).tolist(),
            "a group does not begin with a group code and an attribute digit",
        )
        codes = head[:, :3] @ np.array([100, 10, 1])
        kinds = np.where(is_coded, codes * _LONGEST + np.minimum(lengths, _LONGEST - 1), -1)
        found, kind_of = np.unique(kinds, return_inverse=True)
        for number, kind in enumerate(found.tolist()):
            if kind < 0:
                continue
            code, length = f"{kind // _LONGEST:03}", kind % _LONGEST
            members = np.flatnonzero(kind_of == number)
            layout = BY_LENGTH.get((code, length))
            if layout is not None:
                self._check_dates(layout, members, starts, faults)
            elif code in CODES:
                said = f"group {code} is {length} characters long, which none of its layouts is"
                faults.update(dict.fromkeys(members.tolist(), said))
            else:
                self._read.unknown[code] = self._read.unknown.get(code, 0) + len(members)
        return faults

    def _check_dates(
        self,
        layout: LegacyLayout,
        members: NDArray[np.int64],
        starts: NDArray[np.int64],
        faults: dict[int, str],
    ) -> None:
        offset = 4
        for each in layout.fields:
            if each.kind is LegacyKind.DATE:
                at = starts[members] + offset
                wrong = members[impossible(self._bytes, at, open_end=layout.code == "015")]
                said = f"a date of group {layout.code} is not in the calendar"
                faults.update(dict.fromkeys(wrong.tolist(), said))
            offset += each.width

    def _plain(self, line: _Line, groups: Groups, odd: set[int]) -> Record | None:
        """A record of one line with nothing odd about it; None if it must be looked at."""
        said = _HEAD.match(self._text, line.start)
        if said is None or line.start in odd or line.end - line.start > MOST_LINE:
            return None
        code, event, day, kind, role, told = said.groups()
        if kind == "J" or int(told) != len(groups) or not is_day(day):
            return None
        return self._good(line, line, (code, event, day, kind, role), groups)

    def _record(
        self, lines: list[_Line], groups: Groups, wrong: list[str], open_lines: set[int], own: int
    ) -> Record:
        """One record, or what is wrong with it; `own` groups of it stand on its first line."""
        head = lines[0]
        start = self._text[head.start : min(head.end, head.start + HEAD_LENGTH + 1)]
        said = _HEAD.match(start)
        if said is None:
            fault = self._headless(start)
            return self._faulty(lines, (_code_in(start), "", "", "", ""), fault)
        code, event, day, kind, role, _ = said.groups()
        fault = self._fault(lines, groups, wrong, said, open_lines, own)
        if fault:
            return self._faulty(lines, (code, event, day, kind, role), fault)
        return self._good(head, lines[-1], (code, event, day, kind, role), groups)

    def _good(self, first: _Line, last: _Line, head: _Head, groups: Groups) -> Record:
        self._read.records += 1
        self._read.groups += len(groups)
        repeated = self._read.again(head[2], self._content[first.start : last.end])
        return Record(first.number, *head, groups, "", repeated)

    def _faulty(self, lines: list[_Line], head: _Head, fault: str) -> Record:
        self._read.records += 1
        end = min(lines[-1].end, lines[0].start + _MOST_HELD)
        text = self._text[lines[0].start : end]
        return Record(lines[0].number, *head, fault=fault, text=text)

    def _headless(self, start: str) -> str:
        if len(start) <= HEAD_LENGTH:
            return "the line ends before the head of a record does"
        if not _code_in(start):
            return "the record does not begin with an identity code"
        return "the head of the record is not of 26 characters and a bar"

    def _fault(
        self,
        lines: list[_Line],
        groups: Groups,
        wrong: list[str],
        said: re.Match[str],
        open_lines: set[int],
        own: int,
    ) -> str:
        """Why a record cannot be taken; what is only odd is noted."""
        for line in lines:
            if line.end - line.start > MOST_LINE:
                return f"line {line.number} is longer than {MOST_LINE} characters"
        if said["type"] == "J":
            return "a continuation stands without the record that it continues"
        code = said["code"]
        if any(self._text[one.start : one.start + 11] != code for one in lines[1:]):
            return "a continuation is of another person than the record before it"
        if not is_day(said["day"]):
            return "the registration date is not in the calendar"
        if wrong:
            is_last = lines[-1].start in open_lines
            return f"{wrong[0]}; the file may be cut off" if is_last else wrong[0]
        return self._miscounted(
            lines,
            [one.code not in _REFINING for one in groups],
            int(said["groups"]),
            is_open=lines[-1].start in open_lines,
            own=own,
        )

    def _miscounted(
        self, lines: list[_Line], is_plain: list[bool], told: int, *, is_open: bool, own: int
    ) -> str:
        """What is wrong with how many groups a record tells of; `is_plain`: none that refines."""
        found, plain = len(is_plain), sum(is_plain)
        if is_open:
            note = "there is no bar after its last group, which has the length that it should have"
            self._read.note(lines[-1].number, note)
        # Whether a record that goes on counts its own groups or all is not known.
        if told in (found, own):
            return ""
        if told == plain:
            left_out = found - plain
            note = f"its head counts {told} groups and leaves out the {left_out} refining ones"
            self._read.note(lines[0].number, note)
            return ""
        return f"its head counts {told} groups, and there are {found}"


def _code_in(start: str) -> str:
    """The identity code that a line begins with; empty where there is none."""
    found = _CODE.match(start)
    return found[0] if found else ""
