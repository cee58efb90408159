"""Files of the retired Muutostietopalvelu: what their names say, and their text as ISO-8859-1.

Add a form of name here. Keep out what stands in a file (`reader.py`) and landing (`landing.py`).
"""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from typing import IO, TYPE_CHECKING

from vtj_pipeline.errors import LegacyFileError
from vtj_pipeline.legacy.dates import is_day

if TYPE_CHECKING:
    from pathlib import Path

_CHANGES = re.compile(
    r"(?P<customer>\w+?)_(?P<day>\d{8})(?P<register>[A-ZÅÄÖ]+)_(?P<number>\d{3})\.MTT"
)
_BASE = re.compile(
    r"(?P<customer>\w+?)_PT(?P<day>\d{6})(?P<register>[A-ZÅÄÖ]+)_(?P<number>\d{3})\.PTT"
)
_NAMED = re.compile(r".+\.(?P<kind>MTT|PTT)(?:_(?P<number>\d{3})\.PART)?", re.IGNORECASE)
_LOOK = 1_000_000
_WRAP = 1000
# All of them stand before the interface's journal, whose cursors are not negative.
_BEFORE_THE_JOURNAL = -(1 << 62)
MOST_BATCHES = 100_000


@dataclass(frozen=True)
class LegacyFile:
    """One file, looked at once.

    Attributes:
        path: Where it stands.
        kind: `MTT` (changes) or `PTT` (basic data).
        day: The day in its name; else the newest registration date in it.
        number: Its number in the series; None where the name has none.
        sha256: Of its content, hex.
        encoding: What its text is in.
        has_series: Whether its name is the service's own, so that numbers follow one another.
    """

    path: Path
    kind: str
    day: date
    number: int | None
    sha256: str
    encoding: str
    has_series: bool

    @property
    def is_change(self) -> bool:
        """Whether it holds changes."""
        return self.kind == "MTT"

    @property
    def place(self) -> int:
        """Its place among all files, as a cursor: by day, basic data first, then by number.

        A number that starts over after 999 does so on a later day.
        """
        order = self.day.toordinal() * 2 + int(self.is_change)
        return _BEFORE_THE_JOURNAL + (order * _WRAP + (self.number or 0)) * MOST_BATCHES

    def open(self) -> IO[bytes]:
        """Its bytes in ISO-8859-1, whatever it is written in."""
        stream = self.path.open("rb")
        if self.encoding == "utf-8":
            return codecs.EncodedFile(stream, "latin-1", "utf-8", errors="replace")
        return stream


def is_legacy_name(path: Path) -> bool:
    """Whether a file's name is one of a change or base file, or of a slice of one."""
    return _NAMED.fullmatch(path.name) is not None


def is_service_name(name: str) -> bool:
    """Whether a file's name is the service's own, with its day and number."""
    return (_CHANGES.fullmatch(name) or _BASE.fullmatch(name)) is not None


def look_at(path: Path) -> LegacyFile:
    """What is known of a file before it is read.

    Raises:
        LegacyFileError: it cannot be read, is empty, or tells no day.
    """
    named = _NAMED.fullmatch(path.name)
    if named is None:
        msg = f"{path.name} is not named like a change or base file (.MTT, .PTT); it was left out."
        raise LegacyFileError(msg)
    digest, newest, is_ascii, is_utf8, size = hashlib.sha256(), "", True, True, 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as stream:
            while content := stream.read(_LOOK):
                size += len(content)
                digest.update(content)
                is_ascii = is_ascii and content.isascii()
                is_utf8 = is_utf8 and _decodes(decoder, content)
                newest = max(newest, *_days(content), "")
    except OSError as error:
        msg = f"{path.name} could not be read ({type(error).__name__}); it was left out."
        raise LegacyFileError(msg) from None
    if size == 0:
        msg = f"{path.name} is empty; it was left out."
        raise LegacyFileError(msg)
    kind = named["kind"].upper()
    told = _CHANGES.fullmatch(path.name) or _BASE.fullmatch(path.name)
    day = _day_of(told["day"] if told else newest)
    if day is None:
        msg = f"{path.name} tells its day neither by its name nor in any record; it was left out."
        raise LegacyFileError(msg)
    number = (told or named)["number"]
    return LegacyFile(
        path,
        kind,
        day,
        int(number) if number else None,
        digest.hexdigest(),
        "utf-8" if is_utf8 and not is_ascii else "iso-8859-1",
        told is not None,
    )


def _decodes(decoder: codecs.IncrementalDecoder, content: bytes) -> bool:
    try:
        decoder.decode(content)
    except UnicodeDecodeError:
        return False
    return True


_REGISTERED = re.compile(rb"^[\dA-Y+-]{11}.{3}(\d{8})[01J].\d\d\|", re.MULTILINE)


def _days(content: bytes) -> list[str]:
    found = (day.decode() for day in set(_REGISTERED.findall(content)))
    return [day for day in found if is_day(day)]


def _day_of(text: str) -> date | None:
    text = f"20{text}" if len(text) == 6 else text
    return date.fromisoformat(text) if is_day(text) else None
