"""Documents with basic data, read person by person: delivered files, answers too large to parse.

The shape is that of `perustiedot` and `perustiedot-vko` (contract §2.3, §2.4); a person's bytes are
kept as they stand. Keep out what lands (`landing/`) and what a person's rows mean (`events/`).
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Protocol

from vtj_pipeline.source.messages import NotJson, NotTheEnvelope

_CHUNK = 1_000_000
# Of one person, in characters: no person has so much to tell.
_LARGEST = 50_000_000
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
PERSONS = "perustiedot"


@dataclass(frozen=True)
class DeliveredPerson:
    """One person of a document.

    Attributes:
        raw: The JSON object as it stands.
        code: `henkilotunnus`.
        groups: The names of the groups that it tells.
    """

    raw: str = field(repr=False)
    code: str = field(repr=False)
    groups: frozenset[str]


class ByteStream(Protocol):
    """Bytes that are read piece by piece."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


def persons_in(
    stream: ByteStream, envelope: dict[str, Any] | None = None
) -> Iterator[DeliveredPerson]:
    """The persons of a document, one after another; memory does not grow with it.

    Args:
        stream: The document, UTF-8.
        envelope: Takes the document's other properties; whole once the last person is read.

    Raises:
        NotJson: the document is not JSON, or ends too early.
        NotTheEnvelope: it has no list of persons, or a person no `henkilotunnus`.
    """
    text = _Text(stream)
    found = False
    text.expect("{")
    if text.next() != "}":
        while True:
            key = text.value()
            text.expect(":")
            if key == PERSONS:
                found = True
                yield from _persons(text)
            else:
                value = text.value()
                if envelope is not None and isinstance(key, str):
                    envelope[key] = value
            if text.next() != ",":
                break
            text.expect(",")
    text.expect("}")
    if text.next():
        raise NotJson(_BROKEN)
    if not found:
        msg = f"its key {PERSONS} is missing or not a list"
        raise NotTheEnvelope(msg)


def groups_in(body: bytes) -> Iterator[tuple[str, frozenset[str]]]:
    """The code and the groups of each person in an answer; see `persons_in`."""
    return ((person.code, person.groups) for person in persons_in(BytesIO(body)))


_BROKEN = "it is not JSON, or breaks off"


def _persons(text: _Text) -> Iterator[DeliveredPerson]:
    if text.next() != "[":
        msg = f"its key {PERSONS} is missing or not a list"
        raise NotTheEnvelope(msg)
    text.expect("[")
    if text.next() == "]":
        text.expect("]")
        return
    while True:
        value, raw = text.value_and_text()
        yield _person(value, raw)
        if text.next() == "]":
            break
        text.expect(",")
    text.expect("]")


def _person(value: Any, raw: str) -> DeliveredPerson:
    code = value.get("henkilotunnus") if isinstance(value, dict) else None
    # Half of a character is no text that can be kept, or hashed.
    if not isinstance(code, str) or not code.isprintable():
        msg = f"its key {PERSONS}[].henkilotunnus is missing or not a text"
        raise NotTheEnvelope(msg)
    rows = value.get("tietoryhmat")
    rows = rows if isinstance(rows, list) else []
    names = [row.get("tietoryhma") for row in rows if isinstance(row, dict)]
    return DeliveredPerson(raw, code, frozenset(name for name in names if isinstance(name, str)))


class _Text:
    """A window of the document that moves forward."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._is_over = False

    def next(self) -> str:
        """The next character that is no blank, which stays; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def expect(self, character: str) -> None:
        """Pass over a character.

        Raises:
            NotJson: another one stands there.
        """
        if self.next() != character:
            raise NotJson(_BROKEN)
        self._at += 1

    def value(self) -> Any:
        """Pass over a value."""
        return self.value_and_text()[0]

    def value_and_text(self) -> tuple[Any, str]:
        """Pass over a value; also as it stands.

        Raises:
            NotJson: none stands there.
        """
        self.next()
        while True:
            broken = False
            value, end = None, 0
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                broken = True
            except (ValueError, RecursionError):
                # More cannot help: a number of too many digits, or a depth that nobody writes.
                self._is_over, broken = True, True
            # A number at the end of the window may go on behind it.
            if not broken and (end < len(self._text) or self._is_over):
                raw = self._text[self._at : end]
                self._at = end
                return value, raw
            if not self._more() and broken:
                # Raised outside the handler: the parser's error carries the text along.
                raise NotJson(_BROKEN)

    def _more(self) -> bool:
        """Read on; whether anything came."""
        if self._is_over:
            return False
        if len(self._text) - self._at > _LARGEST:
            msg = f"it has something of more than {_LARGEST:,} characters, which is no person"
            raise NotJson(msg)
        broken = False
        text = ""
        content = self._stream.read(max(_CHUNK, len(self._text) - self._at))
        try:
            text = self._decoder.decode(content, final=not content)
        except UnicodeDecodeError:
            broken = True
        if broken:
            msg = "it is not UTF-8"
            raise NotJson(msg)
        self._is_over = not content
        self._text = self._text[self._at :] + text
        self._at = 0
        return bool(content)
