"""The code list of a subscription: a file that the customer maintains.

One code a line, or CSV. Add another form here. Keep out what becomes of the codes (`landing/`):
messages name file and line, never what stands there.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vtj_pipeline.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

_CODE = re.compile(r"[0-9]{6}[-+ABCDEFYXWVU][0-9]{3}[0-9A-Y]")
_COLUMNS = frozenset({"henkilotunnus", "identity_code"})
_SEPARATORS = ",;\t"


def read_codes(what: str, path: Path | None) -> tuple[str, ...]:
    """Read a list of codes, in the file's order, each code once; `what` it is begins an error.

    Of CSV (separated by comma, semicolon or tab) the column that a header calls `henkilotunnus` or
    `identity_code` is read, else the first one.

    Raises:
        SettingsError: the file is missing, not UTF-8, empty, or a line has no identity code.
    """
    if path is None or not path.is_file():
        msg = f"{what}: there is no file {path}."
        raise SettingsError(msg)
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (UnicodeDecodeError, OSError):
        lines = None
    if lines is None:
        msg = f"{what} {path} cannot be read as UTF-8 text. Save it as such."
        raise SettingsError(msg)
    codes: dict[str, None] = {}
    for number, text in _column(lines):
        code = text.strip().upper()
        if not _CODE.fullmatch(code):
            msg = (
                f"{what} {path}, line {number} is not an "
                "identity code. Write one code a line, or CSV whose header calls the column "
                "henkilotunnus."
            )
            raise SettingsError(msg)
        codes[code] = None
    if not codes:
        msg = f"{what} {path} holds no code."
        raise SettingsError(msg)
    return tuple(codes)


def _column(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The number and the text of each line that has any, in the column of the codes."""
    filled = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not filled:
        return
    separator = next((each for each in _SEPARATORS if each in filled[0][1]), ",")
    header = [each.strip().lower() for each in _fields(filled[0][1], separator)]
    named = [place for place, each in enumerate(header) if each in _COLUMNS]
    place = named[0] if named else 0
    for number, line in filled[1 if named else 0 :]:
        fields = _fields(line, separator)
        yield number, fields[place] if place < len(fields) else ""


def _fields(line: str, separator: str) -> list[str]:
    """The fields of a line; none if it is no CSV."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []
