"""Strategies for answers of the source that are wrong somewhere: in their tree, or in their bytes.

A tree is made of JSON values, `Token` (text that stands there as it is) and `Pairs` (an object
whose keys may repeat). Keep out what is right to say of an answer (`reading.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st

from vtj_pipeline.catalogue import GROUPS
from vtj_pipeline_tests.builders import row
from vtj_pipeline_tests.properties.rows import ATTRIBUTES, CODES, MASK, told, unreadable

LISTS = {"change": "muutokset", "base": "perustiedot"}
AT = "2026-10-05T08:00:00.123Z"
GOOD = "010190-900X"
# What a message that nobody touched says, in whatever answer it stands.
HEALTHY = row("AMMATTI", ammatti='Ääni "\\ \U0001f600\u202e', alkupv={"arvo": "2001-01-01"})
NAMES = tuple(GROUPS)


@dataclass(frozen=True)
class Token:
    """A text that stands in the JSON as it is."""

    text: str


@dataclass
class Pairs:
    """An object whose keys may repeat."""

    pairs: list[tuple[Any, Any]] = field(default_factory=list)


def _nested(depth: int, opening: str, closing: str) -> Token:
    return Token(opening * depth + "1" + closing * depth)


NASTY: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 1.5, "", " ", [], {}, [[]], [None], {"": {}},
    Token("1e308"), Token("1e999"), Token("-1e-99999"), Token("1E+4"), Token("0.0000001"),
    Token("9" * 400), Token("9" * 5000), Token("NaN"), Token("-0"), Token("01"), Token("Infinity"),
    Token('"\\ud800"'), Token('"\\udc00\\ud800"'), Token('"\\ud83d\\ude00"'), Token('"\ud800"'),
    Token('"\\u0000"'), Token('"\\\\u0000"'), Token('"\\\\\\u0000"'), Token('"\\/\\b\\f"'),
    "\x00", "a\x00b", "\\", '"', "'; drop table register.person; --", "$$ $1 %s {{ 1 }} {% x %}",
    "\\copy x from program 'id'", "=cmd|' /C calc'!A0", "\u202eabc", "\ufeff", "\uffff", "\x1f",
    "x" * 5000, "é" * 3000, "infinity", "-infinity", "epoch", "now", "2026-02-30", "2026-13-01",
    "290000-01-01", "0000-00-00", "4000-01-01 (BC)", "2026-10-05", AT, "12:00", "246", "091",
    {"arvo": "infinity", "tarkkuus": "PAIVA"}, {"arvo": 20260101}, {"arvo": {"arvo": 1}},
    {"fi": None, "sv": {}}, {"fi": ["a"]}, _nested(40, "[", "]"), _nested(1500, '{"a":', "}"),
    _nested(1500, "[", "]"), _nested(6000, '[{"a":', "}]"), [0] * 3000, [{}] * 2000,
    {f"k{n}": n for n in range(2000)},
)  # fmt: skip
KEYS = (
    "", "henkilotunnus", "muutospv", "tietoryhmat", "tietoryhma", "muutosattribuutti", MASK,
    "voimassaolevatTiedot", "muutokset", "perustiedot", "unreadable_json", "arvo", "tarkkuus", "fi",
    "a.b", "$", "$[*]", "a\"b", "a'b", "a\\b", "\x00", "k" * 3000, "kuntaanMuuttoPv", "ä",
)  # fmt: skip
BYTES = (
    b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xef\xbb\xbf",
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\\u0000", b"\\ud800", b"null", b" " * 50,
    b"\n", b"//", b"/*", b'{"a":' * 600, b"[" * 1500, b"1e99999", b",,", b'],"muutokset":[',
)  # fmt: skip


@st.composite
def messages(draw: st.DrawFn, kind: str) -> Any:
    """A message about somebody, of rows that may be odd already."""
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        attribute = draw(st.sampled_from(ATTRIBUTES)) if kind == "change" else None
        maker = unreadable if draw(st.integers(0, 5)) == 5 else told
        rows.append(draw(maker(NAMES, attribute)))
    made: dict[str, Any] = {"henkilotunnus": draw(st.sampled_from(CODES)), "tietoryhmat": rows}
    return {**made, "muutospv": AT} if kind == "change" else made


def healthy(kind: str) -> dict[str, Any]:
    """The message that must come through whatever stands beside it."""
    attribute = {"muutosattribuutti": "LISATTY"} if kind == "change" else {}
    made: dict[str, Any] = {"henkilotunnus": GOOD, "tietoryhmat": [{**HEALTHY, **attribute}]}
    return {**made, "muutospv": AT} if kind == "change" else made


@st.composite
def answers(draw: st.DrawFn, kind: str) -> tuple[bytes, bool]:
    """An answer, and whether its bytes were left as its tree has them."""
    made = draw(st.lists(messages(kind), max_size=3))
    for _ in range(draw(st.integers(0, 3)) if made else 0):
        made = _changed(draw, made)
    made = list(made) if isinstance(made, list) else [made]
    made.insert(draw(st.integers(0, len(made))), healthy(kind))
    tree = {LISTS[kind]: made, "ajanTasalla": True, "viimeisinKirjausavain": 5446000000,
            "poimintapv": "2026-10-05"}  # fmt: skip
    body = spelt(tree).encode("utf-8", "surrogatepass")
    # What is no JSON and has no brackets cannot be told from what stands around it.
    whole = draw(st.integers(0, 2)) < 2 and not any(isinstance(one, Token) for one in made)
    for _ in range(0 if whole else draw(st.integers(1, 3))):
        body = draw(st.sampled_from(_CUTS))(draw, body)
    return body, whole


def _changed(draw: st.DrawFn, tree: Any) -> Any:
    """The tree with one thing in it changed, at any depth."""
    if isinstance(tree, (dict, Pairs)) and (pairs := _pairs(tree)) and draw(st.integers(0, 5)):
        at = draw(st.integers(0, len(pairs) - 1))
        key, value = pairs[at]
        if draw(st.integers(0, 2)):
            pairs[at] = (key, _changed(draw, value))
        else:
            pairs = draw(st.sampled_from(_OF_PAIRS))(draw, pairs, at)
        return Pairs(pairs)
    if isinstance(tree, list) and tree and draw(st.integers(0, 5)):
        at = draw(st.integers(0, len(tree) - 1))
        return [*tree[:at], _changed(draw, tree[at]), *tree[at + 1 :]]
    return draw(st.sampled_from(NASTY))


def _pairs(tree: Any) -> list[tuple[Any, Any]]:
    return list(tree.pairs if isinstance(tree, Pairs) else tree.items())


_Of = Callable[[st.DrawFn, list[tuple[Any, Any]], int], list[tuple[Any, Any]]]
_OF_PAIRS: tuple[_Of, ...] = (
    lambda draw, pairs, at: [*pairs, (pairs[at][0], draw(st.sampled_from(NASTY)))],
    lambda draw, pairs, at: [(pairs[at][0], draw(st.sampled_from(NASTY))), *pairs],
    lambda draw, pairs, at: [*pairs, (draw(st.sampled_from(KEYS)), draw(st.sampled_from(NASTY)))],
    lambda draw, pairs, at: pairs[:at] + pairs[at + 1 :],
    lambda draw, pairs, at: pairs[::-1],
    lambda draw, pairs, at: [
        (draw(st.sampled_from(KEYS)) if n == at else k, v) for n, (k, v) in enumerate(pairs)
    ],
)


_Cut = Callable[[st.DrawFn, bytes], bytes]


def _place(draw: st.DrawFn, body: bytes) -> int:
    return draw(st.integers(0, len(body)))


def _insert(draw: st.DrawFn, body: bytes) -> bytes:
    at = _place(draw, body)
    return body[:at] + draw(st.sampled_from(BYTES)) + body[at:]


def _replace(draw: st.DrawFn, body: bytes) -> bytes:
    at = _place(draw, body)
    some = draw(st.sampled_from(BYTES))
    return body[:at] + some + body[at + len(some) :]


def _truncate(draw: st.DrawFn, body: bytes) -> bytes:
    return body[: _place(draw, body)]


def _drop(draw: st.DrawFn, body: bytes) -> bytes:
    first, last = sorted((_place(draw, body), _place(draw, body)))
    return body[:first] + body[min(last, first + 200) :]


def _repeat(draw: st.DrawFn, body: bytes) -> bytes:
    first, last = sorted((_place(draw, body), _place(draw, body)))
    return body[:last] + body[first:last][:400] + body[last:]


_CUTS: tuple[_Cut, ...] = (_insert, _replace, _truncate, _drop, _repeat)


def spelt(tree: Any) -> str:
    """The JSON text of a tree."""
    if isinstance(tree, Token):
        return tree.text
    if isinstance(tree, (dict, Pairs)):
        told = (
            f"{json.dumps(key, ensure_ascii=False)}:{spelt(value)}" for key, value in _pairs(tree)
        )
        return "{" + ",".join(told) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(map(spelt, tree)) + "]"
    return json.dumps(tree, ensure_ascii=False)
