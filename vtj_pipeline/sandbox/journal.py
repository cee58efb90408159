"""The change journal: entries of the whole register under growing 64-bit keys, read by page.

Every day begins with an entry of its own that belongs to no product. Its key is what
`kirjausavain/{pvm}` answers, and all messages of the day come after it, so "after the cursor" and
"the first key of the day" agree (contract §2.1, §2.6). Keep out what a message says.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import orjson

from vtj_pipeline.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from vtj_pipeline.sandbox.accounts import Product
    from vtj_pipeline.sandbox.options import SandboxOptions

FIRST_KEY = 5_446_000_000


class CursorTooOldError(SandboxError):
    """The cursor is older than the journal is kept; the server answers 400."""


class Variants(NamedTuple):
    """One message as JSON for accounts without and with censoring."""

    plain: bytes
    censored: bytes

    def for_product(self, product: Product) -> bytes | None:
        """Return the one that the product may see, with the groups that it grants."""
        message = self.censored if product.censored else self.plain
        if product.groups is None:
            return message
        whole = orjson.loads(message)
        rows = [r for r in whole.get("tietoryhmat", ()) if r.get("tietoryhma") in product.groups]
        return orjson.dumps({**whole, "tietoryhmat": rows}) if rows else None


class Entry(NamedTuple):
    """One message in the journal.

    Attributes:
        key: Its place.
        code: The subject's code, in a code change the old one (contract §4.5).
        before: Home municipality before the change; None for a person new to the register.
        after: Home municipality after it.
        told: The message.
        entering: The message for a product that the person enters by it (§9 #2).
    """

    key: int
    code: str
    before: str | None
    after: str | None
    told: Variants
    entering: Variants | None


class Page(NamedTuple):
    """Messages after a cursor, the next cursor, and whether nothing is left."""

    messages: list[bytes]
    cursor: int
    caught_up: bool


@dataclass
class Journal:
    """The entries so far, in order of their keys."""

    options: SandboxOptions
    last_key: int = FIRST_KEY
    entries: list[Entry] = field(default_factory=list)
    day_keys: dict[date, int] = field(default_factory=dict)
    _keys: list[int] = field(default_factory=list)
    _by_code: dict[str, list[int]] = field(default_factory=dict)

    def open_day(self, day: date, skip: int) -> None:
        """Begin a day with the entry that no product gets."""
        self.last_key += skip
        self.day_keys[day] = self.last_key

    def append(self, entry: Entry) -> None:
        """Add a message whose key is greater than all before."""
        self._by_code.setdefault(entry.code, []).append(len(self.entries))
        self._keys.append(entry.key)
        self.entries.append(entry)
        self.last_key = entry.key

    def cursor_of(self, day: date) -> int:
        """Return the first key of a day: before the journal its first, to come the newest."""
        if day in self.day_keys:
            return self.day_keys[day]
        first = min(self.day_keys, default=None)
        if first is None or day > first:
            return self.last_key
        return self.day_keys[first]

    def read(self, cursor: int, product: Product, codes: Collection[str] | None = None) -> Page:
        """Return the messages after a cursor, at most a page of them.

        Args:
            cursor: The last key that the caller has had.
            product: Whose messages.
            codes: Only messages under these codes, of whomever they are (contract §2.2).

        Raises:
            CursorTooOldError: what follows the cursor is no longer kept.
        """
        self._check_age(cursor)
        messages: list[bytes] = []
        for index in self._after(cursor, codes):
            entry = self.entries[index]
            message = self._message(entry, product, named=codes is not None)
            if message is None:
                continue
            if len(messages) == self.options.page_size:
                return Page(messages, entry.key - 1, caught_up=False)
            messages.append(message)
        return Page(messages, max(cursor, self.last_key), caught_up=True)

    def _after(self, cursor: int, codes: Collection[str] | None) -> Iterable[int]:
        first = bisect_right(self._keys, cursor)
        if codes is None:
            return range(first, len(self.entries))
        wanted = {i for code in codes for i in self._by_code.get(code, ()) if i >= first}
        return sorted(wanted)

    def _check_age(self, cursor: int) -> None:
        kept = self.options.retention_days
        if kept is None or len(self.day_keys) <= kept:
            return
        oldest = sorted(self.day_keys)[-kept]
        if cursor < self.day_keys[oldest]:
            msg = f"The cursor is older than the {kept} days of changes that are kept."
            raise CursorTooOldError(msg)

    def _message(self, entry: Entry, product: Product, *, named: bool) -> bytes | None:
        """The entry as the product gets it; None where it is not for the product."""
        anyone = product.kind == "identity_codes" or self.options.named_persons == "anyone"
        if named and anyone:
            return entry.told.for_product(product)
        was_in = entry.before in product.municipalities
        is_in = entry.after in product.municipalities
        told = entry.told
        if is_in and not was_in and entry.entering is not None:
            told = entry.entering if self.options.moving_in == "full" else entry.told
        elif not is_in and not (was_in and self.options.moving_out == "last-message"):
            return None
        return told.for_product(product)
