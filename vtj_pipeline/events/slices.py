"""Landed pages in parts of bounded size, so that memory does not grow with a file or an answer.

An answer may hold a whole municipality: the weekly copy knows no pages (contract §2.4). Such a body
is cut between two messages; where that cannot be done safely it stays whole. Keep out what a
message says (`sql/`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

import orjson
import pyarrow as pa

from vtj_pipeline.source.salvage import readable

SLICE_BYTES = 32_000_000
# What a cut is proven by is read into objects many times its size.
PART_BYTES = 8_000_000
_SCALAR = rb'\s*"\w+"\s*:\s*(?:"[^"\\]*"|[\w.+-]+)\s*'
_LISTS = {"change": b"muutokset", "base": b"perustiedot"}
_HEADS = {
    kind: re.compile(rb"\s*\{(?:" + _SCALAR + rb',)*\s*"' + name + rb'"\s*:\s*\[')
    for kind, name in _LISTS.items()
}
_TAIL = re.compile(rb"\]\s*(?:," + _SCALAR + rb")*\}\s*")
# Where one message ends and the next begins, as they have been seen, and any two objects.
_SEEN = re.compile(rb'\]\s*\}\s*(,)\s*\{\s*"henkilotunnus"')
_ANY = re.compile(rb"\}\s*(,)\s*\{")
_TRIES = 20


def slices(pages: pa.Table, kind: str) -> Iterator[tuple[pa.Table, int]]:
    """Pages (`PAGE_SCHEMA` and `first_message`) in parts, each with its size in bytes.

    `first_message` is how many messages of the answer stand before those of the row.
    """
    first = size = 0
    for place, body in enumerate(pages["body"]):
        weight = len(body.as_buffer())
        if weight > SLICE_BYTES:
            if first < place:
                yield whole(pages.slice(first, place - first)), size
            yield from _parts(pages.slice(place, 1), kind)
            first, size = place + 1, 0
            continue
        size += weight
        if size >= SLICE_BYTES:
            yield whole(pages.slice(first, place + 1 - first)), size
            first, size = place + 1, 0
    if first < pages.num_rows:
        yield whole(pages.slice(first)), size


def mended_pages(pages: pa.Table) -> pa.Table:
    """Pages whose broken messages say so (`source.salvage`), where an engine could read none."""
    place = pages.schema.get_field_index("body")
    bodies = [readable(body) or body for body in pages["body"].to_pylist()]
    return pages.set_column(place, pages.field(place), pa.array(bodies, pa.large_binary()))


def whole(pages: pa.Table) -> pa.Table:
    """Pages none of which was cut, with their `first_message`."""
    return pages.append_column("first_message", pa.array([0] * pages.num_rows, pa.int32()))


def _parts(page: pa.Table, kind: str) -> Iterator[tuple[pa.Table, int]]:
    """One page in parts; whole if its body cannot be cut."""
    body = page["body"][0].as_py()
    cuts = _cuts(body, kind)
    if not cuts:
        yield whole(page), len(body)
        return
    place = page.schema.get_field_index("body")
    for start, end, before in cuts:
        part = b'{"%b":[%b]}' % (_LISTS[kind], body[start:end])
        table = page.set_column(place, page.field(place), pa.array([part], pa.large_binary()))
        yield table.append_column("first_message", pa.array([before], pa.int32())), len(part)


def _cuts(body: bytes, kind: str) -> list[tuple[int, int, int]]:
    """Start and end of parts of the body's list, and messages before each; empty: not to be cut.

    That a part is a list of its own proves that its end is no comma within a message or a text.
    """
    head = _HEADS[kind].match(body)
    last = body.rfind(b"]")
    if head is None or last < 0 or _TAIL.fullmatch(body, last) is None:
        return []
    found: list[tuple[int, int, int]] = []
    start, before = head.end(), 0
    while start < last:
        end, many = _next_cut(body, start, last)
        if many is None:
            return []
        found.append((start, end, before))
        start, before = end + 1, before + many
    return found


def _next_cut(body: bytes, start: int, last: int) -> tuple[int, int | None]:
    """The end of the part that begins at `start`, and its messages; None: there is no safe end."""
    least = start + PART_BYTES
    candidates = chain.from_iterable(_some(pattern, body, least, last) for pattern in (_SEEN, _ANY))
    if last - start > PART_BYTES:
        for end in candidates:
            many = _count(body[start:end])
            if many is not None:
                return end, many
    return last, _count(body[start:last])


def _some(pattern: re.Pattern[bytes], body: bytes, least: int, last: int) -> Iterator[int]:
    for found, _ in zip(pattern.finditer(body, least, last), range(_TRIES), strict=False):
        yield found.start(1)


def _count(messages: bytes) -> int | None:
    """How many messages these are; None if they are no list."""
    try:
        return len(orjson.loads(b"[%b]" % messages))
    except orjson.JSONDecodeError:
        return None
