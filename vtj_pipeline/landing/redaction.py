"""Erased persons taken out of an answer's body; all else stays byte for byte as received.

A person's own message is exchanged for an empty one, so that the messages behind it keep their
place. In the rows of others a stand-in takes the place of the code, and nothing else of the person
stays beside it. Keep out who is erased (`tombstones.py`) and files (`report.py`, `erasure/`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vtj_pipeline.errors import LandingError
from vtj_pipeline.source.salvage import Message, instead, is_json, walk

if TYPE_CHECKING:
    from vtj_pipeline.landing.tombstones import Tombstones

CODE = re.compile(rb"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]")
_CODE_TEXT = re.compile(CODE.pattern.decode())
_EMPTY = b'{"henkilotunnus":"ERASED","muutospv":"1970-01-01T00:00:00Z","tietoryhmat":[]}'
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
    work = _Work(known_at, tombstones, others)
    kept: list[bytes] = []
    reached = 0
    for message in walk(body):
        if not isinstance(message, int):
            text = body[message.start : message.end]
            changed = work.message(message, text)
            kept.append(work.between(body[reached : message.start]))
            kept.append(text if changed is None else changed)
            reached = message.end
    kept.append(work.between(body[reached:]))
    if work.is_lost:
        msg = (
            "An answer names a person who was erased, and its messages cannot be told apart. "
            "Nothing of it was kept or changed; report this with the version of the program."
        )
        raise LandingError(msg)
    if not work.messages and not work.mentions:
        return None
    return Redacted(
        b"".join(kept),
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
    is_lost: bool = False
    further: dict[str, str] = field(default_factory=dict)

    def message(self, place: Message, raw: bytes) -> bytes | None:
        """What is kept of a message; None: all of it, as it stands."""
        named = codes_in(raw)
        if not any(self.tombstones.knows(code) for code in named):
            return None
        # A key told twice says nothing: which of them is read is not known.
        is_clear = all(len(values) == 1 for values in place.told.values())
        message = _read(raw) if is_clear else None
        told = _told(place) if message is None else message
        erased = self._erased(named, told)
        if not erased:
            return None
        same = _codes_of_subject(told)
        if same & erased:
            new = frozenset(code for code in same - erased if not self.tombstones.knows(code))
            if not (new and self.others(new)):
                self.further |= dict.fromkeys(new, min(same & erased))
                self.gone |= same
                self.messages += 1
                return _EMPTY
        if message is None:
            # Whoever it is about is held back by it, with or without its words.
            self.mentions += 1
            return instead(place, raw)
        try:
            changed = json.dumps(self._without(message, erased), ensure_ascii=False)
        except RecursionError:
            self.mentions += 1
            return instead(place, raw)
        return self._text(changed, erased).encode()

    def between(self, text: bytes) -> bytes:
        """What is kept of what stands between messages, where nobody belongs."""
        erased = self._erased(codes_in(text), None)
        for code in erased:
            self.mentions += 1
            text = text.replace(code.encode(), self.tombstones.key.stand_in_of(code).encode())
        # More than the envelope's own bracket: a message that could not be told from the others.
        is_more = bool(erased) and text.count(b"{") > 1
        self.is_lost = self.is_lost or is_more or bool(self._erased(codes_in(text), None))
        return text

    def _erased(self, named: set[str], told: Any) -> frozenset[str]:
        at = self._recorded(told)
        return frozenset(code for code in named if self.tombstones.hold(code, at))

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


def _read(raw: bytes) -> Any:
    """What a message says; None: it cannot be read."""
    if not is_json(raw):
        return None
    try:
        return json.loads(raw)
    except RecursionError:
        return None


def _told(place: Message) -> dict[str, Any]:
    """What an unreadable message says of itself all the same."""
    return dict(json.loads(instead(place, b"")))
