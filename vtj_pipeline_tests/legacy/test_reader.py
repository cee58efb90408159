"""The reader of old files: what it finds, what it says of what it cannot read, and never more."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtj_pipeline.catalogue.legacy import LAYOUTS, LegacyKind
from vtj_pipeline.legacy.messages import message_of
from vtj_pipeline.legacy.reader import records_in
from vtj_pipeline.legacy.record import Read, Record
from vtj_pipeline_tests.legacy.records import (
    CHILD,
    NONE,
    OTHER,
    guardian,
    guardian_2019,
    name,
    nameless,
    record,
    right,
    street,
)

SECRET = "Salanimi"


def read(content: bytes, block_bytes: int = 8_000_000) -> tuple[list[Record], Read]:
    """All records, and what was noticed."""
    noticed = Read()
    return list(records_in(io.BytesIO(content), noticed, block_bytes)), noticed


def every_group() -> bytes:
    """A record with each layout once, filled as far as its kinds allow."""
    groups = []
    for layout in LAYOUTS:
        fields = [
            "20170102" if one.kind is LegacyKind.DATE else "1" * min(one.width, 3)
            for one in layout.fields
        ]
        written = [f.ljust(one.width) for f, one in zip(fields, layout.fields, strict=True)]
        groups.append(layout.code + "1" + "".join(written))
    half = len(groups) // 2
    first = record(*groups[:half])
    return first + record(*groups[half:], kind="J")


def test_each_group_is_cut_by_its_layout_and_joins_to_the_same_text() -> None:
    ((one,), noticed) = read(every_group().replace(b"|\r\n", b"|\r\n"))
    assert one.fault == ""
    assert [g.layout for g in one.groups] == list(LAYOUTS)
    joined = [
        g.code
        + g.digit
        + "".join(v.ljust(f.width) for v, f in zip(g.values, g.layout.fields, strict=True))
        for g in one.groups
        if g.layout is not None
    ]
    assert "|".join(joined).encode() in every_group().replace(
        b"\r\n" + CHILD.encode() + b"XBX20170203J115|", b""
    )
    assert noticed.groups == len(LAYOUTS)


def test_both_layouts_of_a_guardian_are_told_apart_by_length() -> None:
    ((one,), _) = read(record(guardian("3", end="20170101"), guardian_2019("1"), right("1")))
    kinds = [g.layout.finnish for g in one.groups if g.layout is not None]
    assert kinds == ["Huoltaja, ennen 1.12.2019", "Huoltaja", "Oikeus"]


def test_a_record_goes_on_in_its_continuation() -> None:
    """Whether that counts its own groups or all of them; a right is cut off its guardian."""
    for count in (1, 3):
        content = record(guardian_2019("1"), count=count)
        content += record(right("1"), nameless(), kind="J", count=2)
        records, noticed = read(content + record("0031" + "1", code=OTHER))
        assert (records[0].fault, len(records[0].groups)) == ("", 3)
        assert noticed.records == 2


def test_what_a_head_leaves_out_of_its_count_is_said_and_kept() -> None:
    content = record(guardian_2019("1"), right("1"), right("1", "P501"), count=1)
    ((one,), noticed) = read(content.removesuffix(b"|\r\n"))
    assert (one.fault, len(one.groups)) == ("", 3)
    assert [line for line, _ in noticed.notes] == [1, 1]
    assert "no bar after its last group" in noticed.notes[0][1]
    assert "leaves out the 2 refining ones" in noticed.notes[1][1]


def test_lines_about_the_file_are_no_records_and_their_count_is_compared() -> None:
    content = b"'''ED2'''VRK:1'''\r\n" + record("0031" + "1") + b"'''EOF'''2'\r\n"
    ((one,), noticed) = read(content)
    assert one.line == 2
    assert noticed.notes == [(0, "its last line tells of 2 records, and there are 1")]


def test_a_group_without_a_layout_is_kept_as_it_is() -> None:
    ((one,), noticed) = read(record("0031" + "1", "2053ABC20170101"))
    assert one.groups[1].values == ("ABC20170101",)
    assert noticed.unknown == {"205": 1}


GOOD = record("0031" + "1", code=OTHER)
BAD: dict[str, tuple[bytes, str]] = {
    "cut off": (
        record(name("1", SECRET, "Matti"))[:120],
        "group 004 is 93 characters long, which none of its layouts is; the file may be cut off",
    ),
    "cut off in the head": (CHILD.encode(), "the line ends before the head of a record does"),
    "too many counted": (
        record(name("1", SECRET, "Matti"), count=4),
        "its head counts 4 groups, and there are 1",
    ),
    "beyond 2 kB": (
        record(*[name("1", SECRET, "Matti")] * 10),
        "line 2 is longer than 2000 characters",
    ),
    "no code": (
        b"X" * 11 + record(name("1", SECRET, "Matti"))[11:],
        "the record does not begin with an identity code",
    ),
    "a bar in a name": (
        record(name("1", "Sala|nimi", "Matti")),
        "group 004 is 8 characters long, which none of its layouts is",
    ),
    "no such day": (
        record(street("1", SECRET, start="20170231")),
        "a date of group 101 is not in the calendar",
    ),
    "no such registration": (
        record("0031" + "1", day="20171301"),
        "the registration date is not in the calendar",
    ),
    "no such attribute": (
        record("0032" + "1"),
        "a group does not begin with a group code and an attribute digit",
    ),
    "of nobody": (
        record("0031" + "1", kind="J"),
        "a continuation is of another person than the record before it",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_record_is_one_sentence_and_the_others_stand(case: str) -> None:
    bad, said = BAD[case]
    last = b"" if case.startswith("cut off") else GOOD
    records, _ = read(GOOD + bad + last)
    faulty = [one for one in records if one.fault]
    assert [one.fault for one in faulty] == [said]
    assert faulty[0].line == (1 if case == "of nobody" else 2)
    assert SECRET not in said
    assert len(records) - len(faulty) == (1 if case == "of nobody" else 1 + bool(last))
    assert [one.text != "" for one in faulty] == [True]


def test_utf_8_that_was_taken_for_the_right_encoding_is_found_by_lengths() -> None:
    content = record(name("1", "Yrjönä", "Matti")).decode("latin-1").encode("utf-8")
    ((one,), _) = read(content)
    assert one.fault == "group 004 is 215 characters long, which none of its layouts is"


VALID = (
    GOOD
    + record(name("3", "", "Maija"), street("0", "Katu 1"), street("1", "Katu 1"))
    + record(guardian("1", code=""), nameless(), code=OTHER)
    + every_group()
    + record("0011" + OTHER + "1", "0013" + CHILD + "2")
    + record("204" + "1" + "091" + "20170201", "0151" + "99990000", "0131" + NONE)
)
EDITS = st.lists(
    st.tuples(
        st.integers(0, len(VALID)),
        st.integers(0, 40),
        st.one_of(st.binary(max_size=40), st.sampled_from([b"|", b"\n", b"J", b"'''", b"\r\n"])),
    ),
    max_size=8,
)


@given(edits=EDITS, block=st.integers(1, 900))
def test_whatever_a_file_holds_it_is_read_to_its_end(
    edits: list[tuple[int, int, bytes]], block: int
) -> None:
    """No exception, the same records in any blocks, and no fault that quotes a name."""
    content = bytearray(VALID)
    for start, length, new in edits:
        content[start : start + length] = new
    whole, noticed = read(bytes(content))
    in_blocks, noticed_in_blocks = read(bytes(content), block)
    assert in_blocks == whole
    assert noticed_in_blocks.notes == noticed.notes
    for one in whole:
        for is_change in (True, False):
            made = message_of(one, is_change=is_change, fallback=date(2017, 1, 1), where="f.MTT")
            assert ("tietoryhmat" in made) == (not one.fault)
        assert "Esimerkki" not in one.fault


class _Endless(io.BytesIO):
    """Many bytes that nobody holds at once."""

    def __init__(self, piece: Callable[[int], bytes], size: int) -> None:
        super().__init__()
        self._piece, self._left = piece, size

    def read(self, size: int | None = -1, /) -> bytes:
        given = min(size or 0, self._left)
        self._left -= given
        return self._piece(given)


@pytest.mark.parametrize(
    ("filler", "size"), [(b"x", 4_000_000), (b"\n", 200_000), (b"'", 4_000_000), (b"|", 1_000_000)]
)
def test_memory_does_not_grow_with_what_is_no_file(filler: bytes, size: int) -> None:
    stream = _Endless(lambda length: filler * length, size)
    tracemalloc.start()
    try:
        count = sum(1 for _ in records_in(stream, Read(), 100_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count <= 100
    assert peak < 30_000_000
