"""The change journal: entries of the whole register under growing 64-bit keys, read by page.

Every day begins with an entry of its own that belongs to no product. Its key is what
`kirjausavain/{pvm}` answers, and all messages of the day come after it, so "after the cursor" and
"the first key of the day" agree (contract §2.1, §2.6). Keep out what a message says.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import orjson

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.chance import seeded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from vtj_pipeline.sandbox.accounts import Product
    from vtj_pipeline.sandbox.options import SandboxOptions

FIRST_KEY = 5_446_000_000
_DAY = timedelta(days=1)


def written(message: object) -> bytes:
    """Return a message as JSON, to be kept.

    What orjson gives holds kilobytes more than the text as long as it lives; the copy does not.
    """
    return bytes(memoryview(orjson.dumps(message)))


class CursorTooOldError(SandboxError):
    """The cursor is older than the journal is kept; the server answers 4xx."""


class Variants(NamedTuple):
    """One message as JSON for accounts without and with censoring; None is no message."""

    plain: bytes
    censored: bytes | None

    def for_product(self, product: Product) -> bytes | None:
        """Return the one that the product may see, with the groups that it grants."""
        message = self.censored if product.censored else self.plain
        if product.groups is None or message is None:
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
        leaving: The message for a product that the person leaves by it, where it is another one.
        selected: Whether the person was of the tailored product before, and is after.
        by_age: Nothing happened but a birthday: for a product by age alone.
        also: Another code under which it is found (§9 #20).
    """

    key: int
    code: str
    before: str | None
    after: str | None
    told: Variants
    entering: Variants | None
    leaving: Variants | None = None
    selected: tuple[bool, bool] = (False, False)
    by_age: bool = False
    also: str | None = None


class Page(NamedTuple):
    """Messages after a cursor, the next cursor, and whether nothing is left."""

    messages: list[bytes]
    cursor: int
    caught_up: bool


@dataclass
class Journal:
    """The entries so far, in order of their keys.

    Attributes:
        last_key: The newest key.
        day_keys: Key of each day's own entry.
        told_of: Messages of each day by the event that they tell.
    """

    options: SandboxOptions
    last_key: int = FIRST_KEY
    entries: list[Entry] = field(default_factory=list)
    day_keys: dict[date, int] = field(default_factory=dict)
    told_of: dict[date, Counter[str]] = field(default_factory=dict)
    _before: dict[date, int] = field(default_factory=dict)
    _keys: list[int] = field(default_factory=list)
    _by_code: dict[str, list[int]] = field(default_factory=dict)

    def open_day(self, day: date, skip: int) -> None:
        """Begin a day with the entry that no product gets."""
        self._before[day] = self.last_key
        self.last_key += skip
        self.day_keys[day] = self.last_key
        self.told_of[day] = Counter()

    def append(self, entry: Entry) -> None:
        """Add a message whose key is greater than all before."""
        for code in (entry.code,) if entry.also is None else (entry.code, entry.also):
            self._by_code.setdefault(code, []).append(len(self.entries))
        self._keys.append(entry.key)
        self.entries.append(entry)
        self.last_key = entry.key

    def cursor_of(self, day: date) -> int:
        """Return the first key of a day: before the journal its first, to come the newest."""
        first = min(self.day_keys, default=None)
        if first is None or (day > first and day not in self.day_keys):
            return self.last_key
        day = max(day, first)
        if self.options.day_cursor == "last-before":
            return self._before[day]
        own = self.day_keys[day]
        if self.options.day_cursor == "first-message":
            following = bisect_right(self._keys, own)
            if following < len(self._keys):
                return min(self._keys[following], self._before.get(day + _DAY, self.last_key))
        return own

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
        found: list[tuple[str, bytes]] = []
        for index in self._after(cursor, codes):
            entry = self.entries[index]
            message = self._message(entry, product, named=codes is not None)
            if message is None:
                continue
            if len(found) == self.options.page_size:
                return Page(self._ordered(found, cursor), entry.key - 1, caught_up=False)
            found.append((entry.code, message))
        newest = max(cursor, self.last_key)
        return Page(self._ordered(found, cursor), newest, caught_up=True)

    def _ordered(self, found: list[tuple[str, bytes]], cursor: int) -> list[bytes]:
        """Return the messages of a page in the order that the options want (§9 #7)."""
        order = self.options.page_order
        if order == "by-person":
            place = {code: at for at, (code, _) in reversed(list(enumerate(found)))}
            found = sorted(found, key=lambda one: place[one[0]])
        elif order == "shuffled":
            seeded(self.options.seed, "page", cursor).shuffle(found)
        return [message for _, message in found]

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
        if cursor < min(self.day_keys[oldest], self.cursor_of(oldest)):
            msg = f"The cursor is older than the {kept} days of changes that are kept."
            raise CursorTooOldError(msg)

    def _message(self, entry: Entry, product: Product, *, named: bool) -> bytes | None:
        """The entry as the product gets it; None where it is not for the product."""
        anyone = product.kind == "identity_codes" or self.options.named_persons == "anyone"
        if named and anyone:
            return None if entry.by_age else entry.told.for_product(product)
        was_in = entry.before in product.municipalities
        is_in = entry.after in product.municipalities
        if product.condition is not None:
            was_in, is_in = entry.selected
        elif entry.by_age:
            return None
        told: Variants | None = entry.told
        if is_in and not was_in and entry.entering is not None:
            told = entry.entering if self.options.moving_in == "full" else entry.told
        elif was_in and not is_in:
            told = self._last_message(entry)
        elif not is_in:
            return None
        return None if told is None else told.for_product(product)

    def _last_message(self, entry: Entry) -> Variants | None:
        if self.options.moving_out == "silent":
            return None
        return entry.leaving or entry.told
