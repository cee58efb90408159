"""Whether somebody's change comes without anything that introduces the person.

A base file does, a record of a new person, and an answer of the interface. Who is told of without
is kept all the same; most often a base file is missing. Keep out who is in the register for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg2.errors

if TYPE_CHECKING:
    from vtj_pipeline.legacy.record import Record
    from vtj_pipeline.postgres import Connection

_KNOWN = "select identity_code from register.identity_code where identity_code = any(%s)"
_ASKED_AT_ONCE = 10_000
_CODE_CHANGE = "001"


class Introduced:
    """The persons of one run: who is introduced, and where the others are first told of."""

    def __init__(self) -> None:
        self._introduced: set[str] = set()
        self._first: dict[str, tuple[str, int]] = {}

    def see(self, name: str, record: Record, *, is_change: bool) -> None:
        """Take in a record of the file of that name."""
        if record.fault:
            return
        if not is_change or record.type == "1":
            self._introduced.add(record.subject)
        else:
            self._first.setdefault(record.subject, (name, record.line))
        for group in record.groups:
            if group.code == _CODE_CHANGE:
                self._introduced.add(group.values[0])

    def unknown(self, connection: Connection) -> Iterator[tuple[str, str]]:
        """A file's name and a sentence, for each file that tells first of somebody unknown."""
        left = sorted(self._first.keys() - self._introduced)
        known: set[str] = set()
        # A register that nothing was ever published in has no table.
        with suppress(psycopg2.errors.UndefinedTable), connection, connection.cursor() as cursor:
            for first in range(0, len(left), _ASKED_AT_ONCE):
                cursor.execute(_KNOWN, (left[first : first + _ASKED_AT_ONCE],))
                known |= {code for (code,) in cursor.fetchall()}
        places: dict[str, list[int]] = {}
        for code in left:
            if code not in known:
                name, line = self._first[code]
                places.setdefault(name, []).append(line)
        for name, lines in sorted(places.items()):
            more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
            yield (
                name,
                f"{name}, line {min(lines)}{more}: a change of somebody whom no base file, record "
                "of a new person or answer has introduced; it was kept.",
            )
