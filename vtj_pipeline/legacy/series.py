"""Which files have landed, and whether one is missing between them.

The service numbers its files on and on, in a series for changes and one for base files. Keep out
what stands in a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from vtj_pipeline.errors import LegacyFileError
from vtj_pipeline.legacy.files import is_service_name

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.legacy.files import LegacyFile
    from vtj_pipeline.postgres import Connection

_KNOWN = (
    "select sha256, name, kind, file_date, file_number from ledger.legacy_file "
    "where subscription = %s order by file_date, file_number, name"
)
_LAST = 999


@dataclass(frozen=True)
class KnownFile:
    """A file that has landed whole."""

    sha256: str
    name: str
    kind: str
    day: date
    number: int | None


def known_files(connection: Connection, subscription: str) -> list[KnownFile]:
    """The files of a subscription that have landed whole."""
    with connection, connection.cursor() as cursor:
        cursor.execute(_KNOWN, (subscription,))
        return [KnownFile(*row) for row in cursor.fetchall()]


class Series:
    """The files that have landed, those of the run under way included."""

    def __init__(self, known: list[KnownFile]) -> None:
        self._known = known
        self._new: list[LegacyFile] = []

    def require_new(self, file: LegacyFile) -> str | None:
        """The name under which the file's content has landed before; None if it has not.

        Raises:
            LegacyFileError: another content has landed under its name.
        """
        for one in self._known:
            if one.sha256 == file.sha256:
                return one.name
        for one in self._known:
            if one.name == file.path.name:
                msg = (
                    f"{file.path.name} has landed before with other content; it was left out. Find "
                    "out which of the two is the service's, and name the other one differently."
                )
                raise LegacyFileError(msg)
        return None

    def add(self, file: LegacyFile) -> None:
        """Note that a file has landed."""
        self._known.append(KnownFile(file.sha256, file.path.name, file.kind, file.day, file.number))
        if file.has_series:
            self._new.append(file)

    def gaps(self) -> Iterator[tuple[str, str]]:
        """Behind which file numbers are missing, in the series that a new file belongs to."""
        for kind in sorted({one.kind for one in self._new}):
            series = [
                (one.day, one.number, one.name)
                for one in self._known
                if one.kind == kind and one.number is not None and is_service_name(one.name)
            ]
            for before, after in pairwise(sorted(series)):
                # Whether a series goes on with 0 or 1 after its last number is not known.
                step = after[1] - before[1] - 1
                missing = min(step % _LAST, step % (_LAST + 1))
                if missing and after[1] != before[1]:
                    yield (
                        after[2],
                        f"{missing} files are missing between {before[2]} and {after[2]}: land "
                        "them too, in any order.",
                    )
