"""An answer in which something is no JSON: what can be read of it all the same.

One person's broken text (half of a character, bytes that are not UTF-8, a number or a depth that no
parser takes) must hold back that person alone, not everybody of the answer. Keep out what the
messages say (`events/`); landing keeps the answer as it came.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

UNREADABLE = "unreadable_json"
"""Key of what stands in an unreadable message's place; its value tells one from another."""

_LISTS = frozenset({b'"muutokset"', b'"perustiedot"'})
_KEPT = frozenset({b'"henkilotunnus"', b'"muutospv"'})
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_COLON = re.compile(rb"\s*:")
_TEXT = re.compile(rb'\s*:\s*("[^"\\]*")')
_CLOSES = {b"]": b"[", b"}": b"{"}
_OPENS = frozenset(_CLOSES.values())
# How many brackets are open within the answer, within its list, within a message of it.
_IN_ANSWER, _IN_LIST, _IN_MESSAGE = 1, 2, 3


@dataclass
class Message:
    """Where a message stands, and what it says of itself."""

    start: int
    end: int = 0
    told: dict[bytes, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def note(self, key: bytes, value: re.Match[bytes] | None) -> None:
        """Keep what it says, if that is of use."""
        if key in _KEPT:
            self.told[key].append(value[1] if value else b"")


def readable(body: bytes) -> bytes | None:
    """An answer with every message that is no JSON replaced by one that says so.

    What replaces it names the subject and the moment, where those can be told. A body that is JSON
    comes back as it is. Time and memory grow with the body's length alone, whatever stands in it.

    Returns:
        None where something else than a message is no JSON.
    """
    if is_json(body):
        return body
    parts, done = [], 0
    for message in walk(body):
        if isinstance(message, int):
            continue
        text = body[message.start : message.end]
        if not is_json(text):
            parts += [body[done : message.start], instead(message, text)]
            done = message.end
    mended = b"".join([*parts, body[done:]])
    return mended if parts and is_json(mended) else None


def told_twice(body: bytes) -> bool:
    """Whether an answer has more than one list of messages, so that none is the one meant."""
    if sum(body.count(name) for name in _LISTS) < 2:
        return False
    return sum(1 for found in walk(body) if isinstance(found, int)) > 1


def instead(message: Message, text: bytes) -> bytes:
    """What stands in the place of a message that cannot be read, whose text this is."""
    told = {
        orjson.loads(key): orjson.loads(values[0])
        for key, values in message.told.items()
        # A key that stands there twice says nothing.
        if len(values) == 1 and is_json(values[0])
    }
    return orjson.dumps({**told, UNREADABLE: hashlib.sha256(text).hexdigest()})


def is_json(text: bytes) -> bool:
    """Whether it can be read."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def walk(body: bytes) -> Iterator[Message | int]:
    """The answer's lists (where each begins) and their messages; no further than brackets match."""
    place = _Place(body)
    for token in _TOKEN.finditer(body):
        text = token.group()
        if text in _CLOSES:
            if not place.close(text):
                return
            if place.is_at(_IN_LIST):
                place.message.end = token.end()
                yield place.message
        elif text in _OPENS:
            place.open(token)
            if text == b"[" and place.is_at(_IN_LIST):
                yield token.start()
        else:
            place.read(token)


@dataclass
class _Place:
    """How deep in an answer a token stands, and under which key of it.

    Attributes:
        message: The one that was begun last.
    """

    body: bytes
    message: Message = field(default_factory=lambda: Message(0))
    _opened: bytearray = field(default_factory=bytearray)
    _key: bytes = b""
    _in_list: bool = False

    def is_at(self, depth: int) -> bool:
        """Whether so many brackets are open, one of them that of a list of messages."""
        return self._in_list and len(self._opened) == depth

    def close(self, bracket: bytes) -> bool:
        """Take a closing bracket; whether it closes what was opened last."""
        if self._opened[-1:] != _CLOSES[bracket]:
            return False
        del self._opened[-1:]
        return True

    def open(self, token: re.Match[bytes]) -> None:
        """Take an opening bracket."""
        self._opened += token.group()
        if len(self._opened) == _IN_LIST:
            self._in_list = token.group() == b"[" and self._key in _LISTS
        elif self.is_at(_IN_MESSAGE):
            self.message = Message(token.start())

    def read(self, token: re.Match[bytes]) -> None:
        """Take a text, which may be a key."""
        if len(self._opened) == _IN_ANSWER and _COLON.match(self.body, token.end()):
            self._key = token.group()
        elif self.is_at(_IN_MESSAGE):
            self.message.note(token.group(), _TEXT.match(self.body, token.end()))
