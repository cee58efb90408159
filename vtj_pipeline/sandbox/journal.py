"""The change journal: entries under growing 64-bit keys, and reading them by page.

A key belongs to the whole register, so it moves on over entries that concern nobody in the product
(contract §2.6). Keep out what an entry says.
"""

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

from vtj_pipeline.sandbox.rows import Row

FIRST_KEY = 5_446_000_000


@dataclass(frozen=True)
class Entry:
    """One message: `when` is `muutospv` as written; `is_hidden` asks for the mask."""

    key: int
    when: str
    code: str
    rows: tuple[Row, ...]
    is_hidden: bool


@dataclass(frozen=True)
class Page:
    """Some entries after a cursor, the next cursor, and whether nothing is left."""

    entries: tuple[Entry, ...]
    cursor: int
    caught_up: bool


@dataclass
class Journal:
    """Entries of the product in order, and the last key of every day that is over."""

    start: date
    page_size: int
    last_key: int = FIRST_KEY
    entries: list[Entry] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    day_ends: list[int] = field(default_factory=list)

    def append(self, entry: Entry) -> None:
        """Add an entry of the product; its key becomes the last one."""
        self.entries.append(entry)
        self.keys.append(entry.key)
        self.last_key = entry.key

    def end_day(self, last_key: int) -> None:
        """Close a day at a key at or after its last entry."""
        self.last_key = last_key
        self.day_ends.append(last_key)

    def cursor_of(self, day: date) -> int:
        """Return the cursor after which the entries of a day begin.

        A day before the first gives the first cursor, a day to come the newest (contract §2.1).
        """
        over = min((day - self.start) // timedelta(days=1), len(self.day_ends))
        return self.day_ends[over - 1] if over > 0 else FIRST_KEY

    def read(self, cursor: int, codes: Collection[str] | None = None) -> Page:
        """Return the page after a cursor; `codes` keeps the messages under these codes only."""
        found: list[Entry] = []
        for index in range(bisect_right(self.keys, cursor), len(self.entries)):
            entry = self.entries[index]
            if codes is not None and entry.code not in codes:
                continue
            if len(found) == self.page_size:
                return Page(tuple(found), found[-1].key, caught_up=False)
            found.append(entry)
        return Page(tuple(found), max(cursor, self.last_key), caught_up=True)
