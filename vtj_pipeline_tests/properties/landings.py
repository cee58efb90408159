"""How a feed comes to be landed: plainly, or in any order, cut, repeated and late.

Keep out what a feed tells (`feeds.py`) and databases (`world.py`).
"""

from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st

from vtj_pipeline_tests.properties.feeds import Answer, Feed
from vtj_pipeline_tests.properties.world import Batch, Sheet, at_once

Publish = None
Plan = list[Batch | None]
"""Batches in the order of landing; `None` where everything landed so far is published."""


def plainly(feeds: list[Feed]) -> list[Batch]:
    """All answers, then each journal as one page; one file a kind and subscription."""
    answers = [_answer(one, one.persons) for feed in feeds for one in feed.answers]
    return at_once([*answers, Batch("change", tuple(Sheet(f.start, f.journal) for f in feeds))])


def _answer(answer: Answer, *parts: tuple[object, ...]) -> Batch:
    day = answer.day if answer.is_copy else None
    sheets = tuple(Sheet(answer.position, part, day, answer.fetched_at) for part in parts)
    return Batch(answer.kind, sheets, answer.subscription)


@st.composite
def plans(draw: st.DrawFn, feeds: list[Feed]) -> Plan:
    """The same feeds landed otherwise, with publications in between."""
    batches: Plan = []
    for feed in feeds:
        batches += draw(_journal_batches(feed))
        batches += [batch for one in feed.answers for batch in draw(_answer_batches(one))]
    batches += draw(st.lists(st.just(Publish), max_size=3))
    return draw(st.permutations(batches))


@st.composite
def _journal_batches(draw: st.DrawFn, feed: Feed) -> list[Batch]:
    """Pages that cover a journal, overlapping and repeated, in batches."""
    length = len(feed.journal)
    borders = sorted({0, length, *draw(st.lists(st.integers(0, length), max_size=4))})
    pages = list(pairwise(borders))
    ends = st.tuples(st.integers(0, length), st.integers(0, length))
    pages += [(min(two), max(two)) for two in draw(st.lists(ends, max_size=3))]
    sheets = [Sheet(feed.start + first, feed.journal[first:last]) for first, last in pages]
    batches: list[Batch] = []
    while sheets:
        size = draw(st.integers(1, 3))
        batches.append(Batch("change", tuple(sheets[:size])))
        sheets = sheets[size:]
    return batches


@st.composite
def _answer_batches(draw: st.DrawFn, answer: Answer) -> list[Batch]:
    """An answer in one page or two, in one batch or two, and perhaps once more."""
    cut = draw(st.integers(0, len(answer.persons)))
    parts = [part for part in (answer.persons[:cut], answer.persons[cut:]) if part] or [()]
    if draw(st.booleans()):
        batches = [_answer(answer, *parts)]
    else:
        batches = [_answer(answer, part) for part in parts]
    return batches + ([_answer(answer, answer.persons)] if draw(st.integers(0, 3)) == 3 else [])
