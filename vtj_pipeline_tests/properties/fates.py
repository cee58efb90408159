"""What became of every received row: read from what was landed and from the register alone.

A row has exactly one fate; `LOST` is what no row may have. Of a feed in which each message has a
day of its own and tells a key once (`feeds.calm_feeds`), so that nothing is overtaken within an
instant.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.catalogue.model import OTHER_GROUP
from vtj_pipeline_tests.builders import Row
from vtj_pipeline_tests.properties.projection import (
    Columns,
    group_of,
    key_of,
    plain,
    projections,
)
from vtj_pipeline_tests.properties.rows import MASK
from vtj_pipeline_tests.properties.world import World

QUARANTINED = "in quarantine, or in a message that is"
HELD = "held back: its person has something in quarantine"
CONTEXT = "context that changes nothing"
STANDS = "stands in its table from then on"
WITHHELD = "stands as withheld"
SIBLING = "told better by a sibling"
REPLACED = "told to be over by the rows that it lists"
ENDED = "has ended what stood"
KNEW_NOT = "was to end what did not stand"
LOST = "LOST"
_DROPS = ("POISTETTU", "KORJATTAVA")


@dataclass(frozen=True)
class Received:
    """One row of one message, and when the source recorded it."""

    code: str
    at: datetime
    row: Row
    is_answer: bool

    @property
    def attribute(self) -> str:
        """How it changed; SNAPSHOT for basic data."""
        return "SNAPSHOT" if self.is_answer else str(self.row.get("muutosattribuutti"))

    @property
    def masked(self) -> bool:
        """Whether its values are withheld, or those that stand instead."""
        rows = [self.row, *(self.row.get("voimassaolevatTiedot") or ())]
        return any(MASK in row for row in rows)


@dataclass(frozen=True)
class Standing:
    """A row of the register: its columns and when it stood."""

    table: str
    columns: Columns
    start: datetime
    end: datetime | None

    def stood_at(self, at: datetime) -> bool:
        """Whether it stood right after an instant."""
        return self.start <= at and (self.end is None or self.end > at)

    def stood_before(self, at: datetime) -> bool:
        """Whether it stood right before an instant."""
        return self.start < at and (self.end is None or self.end >= at)


@dataclass
class Register:
    """The folded tables by person, and who has had which code."""

    rows: dict[str, list[Standing]] = field(default_factory=lambda: defaultdict(list))
    persons: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, world: World) -> Register:
        """All that stands and stood."""
        register = cls()
        parts = [
            f"select '{name}', to_jsonb(t)::text, recorded_from, recorded_to from register.{name} t"
            for name in world.catalogue.tables
        ]
        for table, text, start, end in world.query(" union all ".join(parts)):
            columns = json.loads(text)
            person = columns["person_id"]
            register.rows[person].append(Standing(table, _comparable(columns), start, end))
            if table == "identity_code":
                register.persons[columns["identity_code"]].add(person)
        return register

    def of_code(self, code: str, table: str, *, withheld: bool) -> Iterator[Standing]:
        """The rows of one table of whoever has had a code, either in the clear or withheld."""
        for row in (row for person in self.persons[code] for row in self.rows[person]):
            if row.table == table and row.columns.get("withheld", False) == withheld:
                yield row


def _comparable(columns: Columns) -> Columns:
    read = {name: plain(columns[name]) for name in ("payload", "rights") if name in columns}
    return columns | read


def fate(received: Received, others: list[Row], register: Register) -> str:
    """What became of a row that could be read and was applied.

    Args:
        received: The row.
        others: All rows of its message.
        register: What it has led to.
    """
    if received.attribute == "LISATIETO":
        return CONTEXT
    if received.masked:
        return _masked_fate(received, others, register)
    if received.attribute in _DROPS:
        own = _removed_fate(received, others, register)
    else:
        own = _put_fate(received, others, register)
    named = received.row.get("voimassaolevatTiedot") or ()
    # Lists have what stands in themselves.
    group = group_of(received.row)
    if group is None or group.whole_list is None:
        instead = [Received(received.code, received.at, one, True) for one in named]
        if any(_put_fate(one, list(named), register) == LOST for one in instead):
            return LOST
    return own


def _table(row: Row) -> str:
    group = group_of(row)
    return group.table if group else OTHER_GROUP


def _masked_fate(received: Received, others: list[Row], register: Register) -> str:
    group = CATALOGUE.groups.get(received.row["tietoryhma"])
    table = CATALOGUE.tables[group.table] if group else CATALOGUE.tables[OTHER_GROUP]
    where = table.name if table.maskable else OTHER_GROUP
    name = received.row["tietoryhma"]
    constants = {"tietoryhma": name} if where == OTHER_GROUP else _constants(received.row)
    withheld = any(
        found.stood_at(received.at) and _has(found, constants)
        for found in register.of_code(received.code, where, withheld=True)
    )
    if received.attribute in _DROPS:
        again = [r for r in others if r["tietoryhma"] == name and MASK in r and not _is_drop(r)]
        return LOST if withheld and not again else ENDED
    return WITHHELD if withheld else LOST


def _is_drop(row: Row) -> bool:
    return row.get("muutosattribuutti") in _DROPS


def _constants(row: Row) -> Columns:
    group = CATALOGUE.groups[row["tietoryhma"]]
    return {name: s.strip("'") for name, s in group.columns.items() if s.startswith("'")}


def _has(found: Standing, columns: Columns) -> bool:
    return all(found.columns.get(name) == value for name, value in columns.items())


def _put_fate(received: Received, others: list[Row], register: Register) -> str:
    group = group_of(received.row)
    if group is not None and group.whole_list and received.attribute == "KORJATTAVA":
        return CONTEXT
    table = _table(received.row)
    rows = register.of_code(received.code, table, withheld=False)
    standing = [found for found in rows if found.stood_at(received.at)]
    fates = {_one_put(received, others, columns, standing) for columns in projections(received.row)}
    return (
        LOST if LOST in fates else min(fates, default=STANDS, key=(STANDS, SIBLING, REPLACED).index)
    )


def _one_put(
    received: Received, others: list[Row], columns: Columns, standing: list[Standing]
) -> str:
    group = group_of(received.row)
    told = dict(columns)
    if told.get("valid_to") is None:
        # An end whose day was not told may have followed from a later row.
        told.pop("valid_to", None), told.pop("valid_to_precision", None)
    if any(_has(found, told) for found in standing):
        return STANDS
    if group is not None and group.rank is not None:
        ranks = [CATALOGUE.groups[f.columns["source_group"]].rank or 0 for f in standing]
        if min(ranks, default=group.rank) < group.rank:
            return SIBLING
    key = key_of(received.row, columns)
    after = others[_place(received.row, others) + 1 :]
    listed = received.row.get("voimassaolevatTiedot") is not None
    return REPLACED if listed or key in _keys(after) else LOST


def _place(row: Row, others: list[Row]) -> int:
    return next((n for n, one in enumerate(others) if one is row), len(others))


def _keys(rows: list[Row]) -> set[tuple[Any, ...]]:
    return {
        key_of(row, columns)
        for row in rows
        if not _is_drop(row) and row.get("muutosattribuutti") != "LISATIETO" and MASK not in row
        for columns in projections(row)
    }


def _removed_fate(received: Received, others: list[Row], register: Register) -> str:
    group = group_of(received.row)
    if group is not None and group.whole_list is not None:
        if received.attribute == "KORJATTAVA":
            return CONTEXT
        if group.removal_keeps_list:
            return _put_fate(received, others, register)
    rows = list(register.of_code(received.code, _table(received.row), withheld=False))
    found = {_one_removed(received, columns, rows, others) for columns in projections(received.row)}
    return LOST if LOST in found else ENDED if ENDED in found else KNEW_NOT


def _one_removed(
    received: Received, columns: Columns, rows: list[Standing], others: list[Row]
) -> str:
    listed = [row for one in others for row in one.get("voimassaolevatTiedot") or ()]
    if key_of(received.row, columns) in _keys([*others, *listed]):
        return ENDED
    group = group_of(received.row)
    if group is not None and group.part is not None:
        columns = {name: value for name, value in columns.items() if value is not None}
        return LOST if columns and any(_now(f, columns, received.at) for f in rows) else ENDED
    same = [found for found in rows if _has(found, columns)]
    if any(_now(found, {}, received.at) for found in same):
        return LOST
    return ENDED if any(found.end == received.at for found in same) else KNEW_NOT


def _now(found: Standing, columns: Columns, at: datetime) -> bool:
    return found.stood_at(at) and _has(found, columns)


def counted(fates: list[tuple[str, str]]) -> Counter[str]:
    """Fates by name, the lost ones by group and attribute."""
    return Counter(f"{fate}: {what}" if fate == LOST else fate for fate, what in fates)
