"""What makes a feed hard to read: things unknown, empty, repeated, broken; all off by default.

`Noise` works on messages as they are written and never changes the truth; `FactNoise` works on
facts before they become true, so that `perustiedot` shows them as well. Chance depends on the seed
and the key of the message alone: the same life with and without noise. Keep out HTTP faults.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from vtj_pipeline.catalogue import GROUPS
from vtj_pipeline.sandbox.chance import chosen, pick, seeded
from vtj_pipeline.sandbox.journal import Entry, Variants, written

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from random import Random

    from vtj_pipeline.sandbox.journal import Journal
    from vtj_pipeline.sandbox.options import SandboxOptions
    from vtj_pipeline.sandbox.rows import Row

UNKNOWN_GROUP, UNKNOWN_FIELD = "TUNTEMATON_TIETORYHMA", "tuntematonKentta"
UNKNOWN_ATTRIBUTE = "SIIRRETTY"
_UNKNOWN_CODES = {"kuntakoodi": "997", "valtiokoodi": "989", "kielikoodi": "qx"}
# A client keeps rows of these as they came: a field more would be another fact.
KEPT_WHOLE = frozenset(group.name for group in GROUPS.values() if group.table == "other_group")
LOCALIZED = ("katunimi", "postitoimipaikka", "postiosoite")
OPEN_ENDED = {"alkupv": "loppupv", "kuntaanMuuttopv": "kunnastaPoisMuuttopv"}
_DATES_OF_HISTORY = ("loppupv", "kunnastaPoisMuuttopv")
_MOST_BETWEEN = 6
_AHEAD = timedelta(days=2)


class FactNoise(NamedTuple):
    """Shares of facts with a rough date, an unknown one, or a code in no list.

    Attributes:
        keeps_day: Whether a rough date keeps the day that it is padded with (§9 #26).
    """

    rough_dates: float
    unknown_codes: float
    unknown_dates: float = 0.0
    keeps_day: bool = False

    def fact(self, rng: Random, row: Row) -> Row:
        """Return the row, by chance with a rough date or an unknown code; not if it has an end."""
        if self.rough_dates and rng.random() < self.rough_dates and _has_no_end(row):
            precision = pick(rng, ("KUUKAUSI", "VUOSI"))
            row = {name: self._rough(value, precision) for name, value in row.items()}
        if self.unknown_codes and rng.random() < self.unknown_codes:
            row = {name: _UNKNOWN_CODES.get(name, value) for name, value in row.items()}
        if self.unknown_dates and rng.random() < self.unknown_dates and _has_no_end(row):
            row = {name: _unknown(value) for name, value in row.items()}
        return row

    def _rough(self, value: Any, precision: str) -> Any:
        if not _is_date(value):
            return value
        year, month, _ = value["arvo"].split("-")
        padded = f"{year}-{month if precision == 'KUUKAUSI' else '01'}-01"
        return {"arvo": value["arvo"] if self.keeps_day else padded, "tarkkuus": precision}


def _has_no_end(row: Row) -> bool:
    return not any(name in row for name in _DATES_OF_HISTORY)


def _is_date(value: Any) -> bool:
    return isinstance(value, dict) and "tarkkuus" in value


def _unknown(value: Any) -> Any:
    return {**value, "tarkkuus": "EI_TIEDOSSA"} if _is_date(value) else value


class Noise:
    """Writes entries into the journal, the noisy way if the options say so."""

    def __init__(self, options: SandboxOptions) -> None:
        """Take the shares from the options."""
        self._options = options
        self._changes_rows = bool(
            options.unknown_groups
            or options.unknown_fields
            or options.empty_localized
            or options.explicit_nulls
            or options.future_times
        )
        self._waiting: list[Entry] = []

    def before(self, journal: Journal, codes: Collection[str]) -> None:
        """Let repetitions out whose time has come: before anything newer under these codes."""
        if not self._waiting:
            return
        due = [one for one in self._waiting if one.code in codes]
        if len(self._waiting) > _MOST_BETWEEN:
            due = self._waiting
        self._waiting = [one for one in self._waiting if one not in due]
        for entry in due:
            journal.append(entry._replace(key=journal.last_key + 1))

    def write(self, journal: Journal, entry: Entry) -> None:
        """Write an entry, changed, and what comes of it."""
        options = self._options
        if self._changes_rows:
            entry = entry._replace(
                told=self._noisy(entry.told, entry.key),
                entering=entry.entering and self._noisy(entry.entering, entry.key),
                leaving=entry.leaving and self._noisy(entry.leaving, entry.key),
            )
        if options.split_messages and chosen(options.split_messages, options.seed, entry.key):
            entry = _split(journal, entry)
        journal.append(entry)
        if not (options.duplicates or options.malformed):
            return
        rng = seeded(options.seed, "after", entry.key)
        if rng.random() < options.malformed:
            journal.append(_broken(rng, entry, journal.last_key + 1))
        if rng.random() < options.duplicates:
            self._waiting.append(entry)

    def _noisy(self, variants: Variants, key: int) -> Variants:
        """Change both variants by the same chance."""
        plain, censored = variants
        if censored is plain:
            body = self._changed(plain, key)
            return Variants(body, body)
        return Variants(
            self._changed(plain, key), None if censored is None else self._changed(censored, key)
        )

    def _changed(self, body: bytes, key: int) -> bytes:
        rng, options = seeded(self._options.seed, "noise", key), self._options
        message = orjson.loads(body)
        if options.future_times and chosen(options.future_times, options.seed, "future", key):
            message["muutospv"] = _later(message["muutospv"])
        rows = message["tietoryhmat"]
        for row in rows:
            if "turvakiellonAlaisetKentat" in row:
                continue
            if rng.random() < options.empty_localized:
                row.update({name: {} for name in LOCALIZED if isinstance(row.get(name), dict)})
            if rng.random() < options.explicit_nulls:
                ends = {end: None for start, end in OPEN_ENDED.items() if start in row}
                row.update({name: None for name in ends if name not in row})
            if rng.random() < options.unknown_fields and row["tietoryhma"] not in KEPT_WHOLE:
                row[UNKNOWN_FIELD] = pick(rng, ("x", 7, None, {"a": [1]}, []))
        if rng.random() < options.unknown_groups:
            rows.append({"tietoryhma": UNKNOWN_GROUP, "muutosattribuutti": "LISATTY", "arvo": 1})
        return written(message)


def _later(moment: str) -> str:
    """A moment two days after another one, spelled as the source spells it."""
    later = datetime.fromisoformat(moment) + _AHEAD
    return f"{later:%Y-%m-%dT%H:%M:%S}.{later.microsecond // 1000:03}Z"


def _split(journal: Journal, entry: Entry) -> Entry:
    """Write the first rows of a message as one of its own; return the message of the others.

    A wrong row stays with the right one (§4.2). A message of one row stays whole.
    """
    plain, censored = _parts(entry.told.plain), _parts(entry.told.censored)
    if plain is None:
        return entry
    # A censored message that cannot be divided comes whole with the first part.
    firsts, seconds = (entry.told.censored, None) if censored is None else censored
    journal.append(entry._replace(told=Variants(plain[0], firsts)))
    told = Variants(plain[1], seconds)
    return entry._replace(key=entry.key + 1, told=told, entering=None, leaving=None)


def _parts(body: bytes | None) -> tuple[bytes, bytes] | None:
    message = {} if body is None else orjson.loads(body)
    rows = message.get("tietoryhmat", ())
    for place in range(max(1, len(rows) // 2), len(rows)):
        attributes = [row.get("muutosattribuutti") for row in rows[:place]]
        if attributes.count("KORJATTAVA") == attributes.count("KORJATTU"):
            halves = ({**message, "tietoryhmat": part} for part in (rows[:place], rows[place:]))
            first, second = (written(half) for half in halves)
            return first, second
    return None


def _row_without_group() -> list[Row]:
    return [{"muutosattribuutti": "LISATTY", "kuntakoodi": "091"}]


def _impossible_date() -> list[Row]:
    date = {"arvo": "2026-13-45", "tarkkuus": "PAIVA"}
    return [_told("SUORAMARKKINOINTIKIELTO", alkupv=date)]


def _wrong_shape() -> list[Row]:
    return [_told("SYNTYMAPAIVA", syntymapv=["2001-01-01"])]


def _unknown_attribute() -> list[Row]:
    return [{**_told("AMMATTI", ammatti="?"), "muutosattribuutti": UNKNOWN_ATTRIBUTE}]


def _told(group: str, **fields: object) -> Row:
    return {"tietoryhma": group, "muutosattribuutti": "LISATTY", **fields}


_BREAKS: tuple[Callable[[], list[Row]] | None, ...] = (
    None,
    _row_without_group,
    _impossible_date,
    _wrong_shape,
    _unknown_attribute,
)


def _broken(rng: Random, entry: Entry, key: int) -> Entry:
    """Return an entry under the same code whose message cannot be read."""
    message = orjson.loads(entry.told.plain)
    rows = pick(rng, _BREAKS)
    if rows is None:
        del message["tietoryhmat"]
    else:
        message["tietoryhmat"] = rows()
    body = written(message)
    return Entry(key, entry.code, entry.after, entry.after, Variants(body, body), None)
