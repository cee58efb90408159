"""Erased persons taken out of an answer's body; all else stays byte for byte as received.

A person's own message is exchanged for an empty one, so that the messages behind it keep their
place. In the rows of others a stand-in takes the place of the code, and nothing else of the person
stays beside it. Keep out who is erased (`tombstones.py`) and files (`report.py`, `erasure/`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vtj_pipeline.errors import LandingError

if TYPE_CHECKING:
    from vtj_pipeline.landing.tombstones import Tombstones

CODE = re.compile(rb"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]")
_CODE_TEXT = re.compile(CODE.pattern.decode())
_LISTS = ("muutokset", "perustiedot")
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(strict=False)
_EMPTY = '{"henkilotunnus":"erased","muutospv":"1970-01-01T00:00:00Z","tietoryhmat":[]}'
_ROW = "tietoryhma"
# A code's replacement by another one of the same person (contract §4.5).
_CHANGE_OF_CODE = "HENKILOTUNNUS_KORJAUS"
_BOTH_CODES = ("muutettuHenkilotunnus", "aktiivinenHenkilotunnus")
Others = Callable[[frozenset[str]], frozenset[str]]
"""Which of some codes belong to persons who are not erased."""


@dataclass(frozen=True)
class Redacted:
    """A body without erased persons.

    Attributes:
        body: What is kept.
        gone: The codes whose own messages were taken out.
        messages: How many these were.
        mentions: At how many places a stand-in took the place of a code in rows of others.
        further: Further codes of the same persons, which no tombstone names yet, each with the code
            that has one.
    """

    body: bytes = field(repr=False)
    gone: frozenset[str] = field(default=frozenset(), repr=False)
    messages: int = 0
    mentions: int = 0
    further: dict[str, str] = field(default_factory=dict, repr=False)


def codes_in(body: bytes) -> set[str]:
    """Everything in a text that looks like a personal identity code."""
    found = {code.decode() for code in CODE.findall(body)}
    if b"\\u00" in body:
        # Spelt by escapes.
        plain = re.sub(rb"\\u00([2-7][0-9a-fA-F])", lambda m: bytes.fromhex(m[1].decode()), body)
        found |= {code.decode() for code in CODE.findall(plain)}
    return found


def redacted(
    body: bytes, known_at: datetime, tombstones: Tombstones, others: Others
) -> Redacted | None:
    """Take the erased persons out of a body; None: it names none.

    Args:
        body: As the source gave it, or as it was kept.
        known_at: When what carries no moment of its own was recorded.
        tombstones: Of the erased persons.
        others: Whose code belongs to somebody else, though a message says that it became theirs.

    Raises:
        LandingError: the body names an erased person and its messages cannot be told apart.
    """
    if not any(tombstones.knows(code) for code in codes_in(body)):
        return None
    text = body.decode("utf-8", "surrogateescape")
    work = _Work(known_at, tombstones, others)
    kept: list[str] = []
    reached = 0
    try:
        for start, end, message in _messages(text):
            changed = work.message(message, text[start:end])
            if changed is not None:
                kept += [text[reached:start], changed]
                reached = end
    except (ValueError, IndexError, RecursionError):
        msg = (
            "An answer names a person who was erased, and its messages cannot be told apart. "
            "Nothing of it was kept or changed; report this with the version of the program."
        )
        raise LandingError(msg) from None
    if not kept:
        return None
    kept.append(text[reached:])
    return Redacted(
        "".join(kept).encode("utf-8", "surrogateescape"),
        frozenset(work.gone),
        work.messages,
        work.mentions,
        work.further,
    )


@dataclass
class _Work:
    """One body's messages, and what was found in them so far."""

    known_at: datetime
    tombstones: Tombstones
    others: Others
    gone: set[str] = field(default_factory=set)
    messages: int = 0
    mentions: int = 0
    further: dict[str, str] = field(default_factory=dict)

    def message(self, message: Any, raw: str) -> str | None:
        """What is kept of a message; None: all of it, as it stands."""
        named = codes_in(raw.encode("utf-8", "surrogateescape"))
        at = self._recorded(message)
        erased = frozenset(code for code in named if self.tombstones.hold(code, at))
        if not erased:
            return None
        same = _codes_of_subject(message)
        if same & erased:
            new = frozenset(code for code in same - erased if not self.tombstones.knows(code))
            strangers = self.others(new) if new else frozenset()
            if not strangers:
                first = min(same & erased)
                self.further |= dict.fromkeys(new, first)
                self.gone |= same
                self.messages += 1
                return _EMPTY
        changed = json.dumps(self._without(message, erased), ensure_ascii=False)
        return self._text(changed, erased)

    def _recorded(self, message: Any) -> datetime:
        told = message.get("muutospv") if isinstance(message, dict) else None
        if isinstance(told, str):
            try:
                found = datetime.fromisoformat(told)
            except ValueError:
                return self.known_at
            return found if found.tzinfo else self.known_at
        return self.known_at

    def _without(self, value: Any, erased: frozenset[str]) -> Any:
        if isinstance(value, str):
            return self._text(value, erased)
        if isinstance(value, list):
            return [self._without(one, erased) for one in value]
        if isinstance(value, dict):
            named = {k: v for k, v in value.items() if isinstance(v, str) and v in erased}
            # An object around a code is the person: name and birth date stand beside it.
            kept = named if named and _ROW not in value else value
            return {name: self._without(one, erased) for name, one in kept.items()}
        return value

    def _text(self, text: str, erased: frozenset[str]) -> str:
        for code in sorted(erased):
            if code in text:
                self.mentions += text.count(code)
                text = text.replace(code, self.tombstones.key.stand_in_of(code))
        return text


def _codes_of_subject(message: Any) -> frozenset[str]:
    """The code that a message is told under, and those that it says are the same person's."""
    if not isinstance(message, dict):
        return frozenset()
    rows = message.get("tietoryhmat")
    changes = [
        row
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and row.get(_ROW) == _CHANGE_OF_CODE
    ]
    told = [
        message.get("henkilotunnus"),
        *(row.get(name) for row in changes for name in _BOTH_CODES),
    ]
    return frozenset(one for one in told if isinstance(one, str) and _CODE_TEXT.fullmatch(one))


def _messages(text: str) -> Iterator[tuple[int, int, Any]]:
    """Where each message of a body begins and ends, and what it says."""
    at = _after(text, _next(text, 0), "{")
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _after(text, _next(text, at), ":")
        if name in _LISTS and text[at] == "[":
            at = _next(text, at + 1)
            while text[at] != "]":
                message, end = _DECODER.raw_decode(text, at)
                yield at, end, message
                at = _comma(text, end, "]")
            at += 1
        else:
            _, at = _DECODER.raw_decode(text, at)
        at = _comma(text, at, "}")


def _comma(text: str, at: int, end: str) -> int:
    """The next element's beginning, or the end's place."""
    at = _next(text, at)
    return at if text[at] == end else _after(text, at, ",")


def _after(text: str, at: int, expected: str) -> int:
    if text[at] != expected:
        raise ValueError(expected)
    return _next(text, at + 1)


def _next(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()
