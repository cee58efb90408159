"""Invariant 4: the register's current rows are what the source's `perustiedot` says, no more.

`Told` reads answers by the hand-written mappings beside it; `differences` compares one table's
current rows with it and names what differs by table, kind of row and column, never by person. Keep
out how answers come about (`feeds.py`) and databases (`test_source_agreement.py`).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vtj_pipeline_tests.register.expected_dates import Columns, Row, canonical, content
from vtj_pipeline_tests.register.expected_family import (
    LISTS,
    ONLY_IN_CHANGES,
    SIBLINGS,
    UNIONS,
    best_told,
)
from vtj_pipeline_tests.register.expected_rows import PARTS, ROWS

MASK = "turvakiellonAlaisetKentat"
FAR_FUTURE = 2900
_NOT_COMPARED = (
    "row_id",
    "person_id",
    "recorded_from",
    "recorded_to",
    "source_group",
    "related_person_id",
)
_KIND = {
    "address": "address_type",
    "residence": "residence_type",
    "other_municipality": "municipality_type",
    "language": "language_role",
    "religion": "religion_type",
    "disclosure_ban": "ban_type",
    "guardianship": "role",
    "parent_child": "relation",
    "adult_guardianship": "guardianship_type",
    "marriage": "union_type",
    "contact": "contact_type",
    "other_group": "tietoryhma",
}
_OF_PARTS = {table for table, _ in PARTS.values()}
# Of these `perustiedot` shows what is open, and the feed also leaves what has ended.
_SHOWN_WHILE_OPEN = (
    "address ",
    "residence temporary_",
    "other_municipality temporary",
    "language mother_tongue",
)
# EDELLINEN_KUTSUMANIMI, which KUTSUMANIMI tells in changes only; and a group that nobody knows.
_ONLY_IN_CHANGES = ("other_group KUTSUMANIMI", "other_group TUNTEMATON_TIETORYHMA")
BOOK_KEEPING = "other_municipality book_keeping"
# A snapshot of these groups alone says nothing about what is open now.
_PAST = (
    "EDELLINEN_KOTIKUNTA",
    "EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS",
    "ENTINEN_OLINPAIKASSA_ASUMINEN",
    "ENTINEN_ULKOMAILLA_ASUMINEN",
    "HISTORIAA_USKONTOKUNNASTA",
)

Line = tuple[str, str, tuple[tuple[str, Any], ...]]
"""Whose row, of which kind, and its columns that are not null."""


@dataclass(repr=False)
class Told:
    """What answers of `perustiedot` say, as rows of the register.

    Attributes:
        lines: By table.
        codes: Everyone in the answers.
        withheld: Those with a masked row.
        mentioned: Kinds of rows that an answer tells of, for each person.
    """

    lines: dict[str, Counter[Line]] = field(default_factory=lambda: defaultdict(Counter))
    codes: set[str] = field(default_factory=set)
    withheld: set[str] = field(default_factory=set)
    mentioned: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of(cls, answers: Iterable[Row], *, leave_out: Iterable[str] = ()) -> Told:
        """Read persons of answers, but for those to be left out."""
        left_out, told = set(leave_out), cls()
        for person in answers:
            if person["henkilotunnus"] not in left_out:
                told.add(person["henkilotunnus"], person["tietoryhmat"])
        return told

    def add(self, code: str, rows: Iterable[Row]) -> None:
        """Read one person's rows."""
        self.codes.add(code)
        for group, table, columns in _register_rows(code, rows):
            kind = kind_of(table, columns)
            self.lines[table][code, kind, _filled(columns)] += 1
            if group not in _PAST:
                self.mentioned.add((code, kind))
            if columns.get("withheld"):
                self.withheld.add(code)

    def rows(self) -> int:
        """How many rows the register must have."""
        return sum(sum(lines.values()) for lines in self.lines.values())


def _register_rows(code: str, rows: Iterable[Row]) -> Iterator[tuple[str, str, Columns]]:
    """Group, table and columns of each row that the register must have of one person."""
    parts: dict[str, Columns] = {}
    siblings: list[Row] = []
    codes = {code: True}
    for row in rows:
        group = row["tietoryhma"]
        if group == "HENKILOTUNNUS_KORJAUS":
            codes[row["muutettuHenkilotunnus"]] = row["voimassaolo"] == "AKTIIVI"
        elif group in PARTS:
            table, to_columns = PARTS[group]
            columns = to_columns(row)
            if columns:
                parts.setdefault(table, {}).update(columns)
        elif group in SIBLINGS:
            siblings.append(row)
        else:
            for table, columns in _alone(group, row):
                yield group, table, {**columns, "withheld": MASK in row}
    yield from best_told(siblings)
    for table, columns in parts.items():
        yield table, table, columns
    for each, is_active in codes.items():
        yield "", "identity_code", {"identity_code": each, "is_active": is_active}


def _alone(group: str, row: Row) -> Iterator[tuple[str, Columns]]:
    if group in LISTS:
        table, to_rows = LISTS[group]
        for columns in to_rows(row):
            yield table, columns
    elif group in ROWS or group in UNIONS:
        table, to_row = ROWS.get(group) or UNIONS[group]
        yield table, to_row(row)
    elif MASK in row:
        yield "other_group", {"tietoryhma": group}
    else:
        yield "other_group", {"tietoryhma": group, "payload": content(row)}


def kind_of(table: str, columns: Mapping[str, Any]) -> str:
    """A table, and the kind of its row where it has several."""
    return f"{table} {columns.get(_KIND[table])}" if table in _KIND else table


def _filled(columns: Columns) -> tuple[tuple[str, Any], ...]:
    """Columns with a value; `withheld` counts where it is true."""
    filled = ((n, v) for n, v in columns.items() if v is not None and (n, v) != ("withheld", False))
    return tuple(sorted(filled))


def _found_columns(row: Columns) -> Columns:
    dropped = (*_NOT_COMPARED, *ONLY_IN_CHANGES.get(row.get("source_group") or "", ()))
    columns = {name: value for name, value in row.items() if name not in dropped}
    for name in ("rights", "payload"):
        if columns.get(name) is not None:
            read = json.loads(columns[name])
            columns[name] = content(read) if name == "payload" else canonical(read)
    return columns


def is_open(row: Columns) -> bool:
    """Whether a row's validity has no end, or the far-future one (contract §8 #28)."""
    end = row.get("valid_to")
    return end is None or end.year >= FAR_FUTURE


class Lines(NamedTuple):
    """Rows that are missing and rows that are too many."""

    missing: Counter[Line]
    too_many: Counter[Line]

    def columns(self) -> set[str]:
        """Columns that differ beyond doubt: a person has one row of a kind, and it is another."""
        spare: dict[tuple[str, str], list[Line]] = defaultdict(list)
        lost: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in self.too_many.elements():
            spare[line[:2]].append(line)
        for line in self.missing.elements():
            lost[line[:2]].append(line)
        pairs = (
            (lines[0], spare[whose][0])
            for whose, lines in lost.items()
            if len(lines) == len(spare.get(whose, ())) == 1
        )
        return {name for pair in pairs for name in _unlike(*pair)}


def differences(
    table: str,
    told: Told,
    found: Iterable[Columns],
    code_of: Mapping[str, str],
    *,
    after_gap: bool = False,
) -> Counter[str]:
    """What one table's current rows have too little or too much; empty where they agree.

    Args:
        table: The table.
        told: What the source says.
        found: The current rows, with `person_id` as text.
        code_of: `person_id` → the active code.
        after_gap: Whether a snapshot came after changes that were lost: then what had ended
            meanwhile may stand, and what no snapshot tells, and only open rows are compared.
    """
    return _named(*unlike_lines(table, told, found, code_of, after_gap=after_gap))


def unlike_lines(
    table: str,
    told: Told,
    found: Iterable[Columns],
    code_of: Mapping[str, str],
    *,
    after_gap: bool = False,
) -> Lines:
    """The rows behind `differences`."""
    missing = Counter(told.lines.get(table, Counter()))
    too_many: Counter[Line] = Counter()
    for row in found:
        code = code_of.get(str(row["person_id"]))
        if code is None or code not in told.codes:
            continue
        columns = _found_columns(row)
        line = (code, kind_of(table, columns), _filled(columns))
        if missing[line] > 0:
            missing[line] -= 1
        elif _is_due(told, line, columns, after_gap=after_gap):
            too_many[line] += 1
    if after_gap:
        return _but_for_unmentioned(Lines(+missing, too_many))
    return Lines(+missing, too_many)


def _but_for_unmentioned(lines: Lines) -> Lines:
    """Leave out pairs in which the one row of a person keeps a part that no snapshot mentions."""
    missing, too_many = Counter(lines.missing), Counter(lines.too_many)
    for line in lines.missing:
        for other in lines.too_many:
            if line[:2] == other[:2] and line[1] in _OF_PARTS and set(line[2]) < set(other[2]):
                missing[line] -= 1
                too_many[other] -= 1
    return Lines(+missing, +too_many)


def _is_due(told: Told, line: Line, columns: Columns, *, after_gap: bool) -> bool:
    """Whether a row that the source does not show must not stand."""
    code, kind, _ = line
    if kind in _ONLY_IN_CHANGES or (kind == BOOK_KEEPING and code in told.withheld):
        return False
    if after_gap:
        return is_open(columns) and (code, kind) in told.mentioned and kind not in _KEEP_HISTORY
    return is_open(columns) or not kind.startswith(_SHOWN_WHILE_OPEN)


# Of these a row can be over without saying so by an end, so that a gap can leave it standing.
_KEEP_HISTORY = ("identity_code",)


def _named(missing: Counter[Line], too_many: Counter[Line]) -> Counter[str]:
    """Count by kind of row; where a person has both, the columns that differ."""
    named: Counter[str] = Counter()
    spare: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in too_many.elements():
        spare[line[:2]].append(line)
    for line in missing.elements():
        nearest = min(spare[line[:2]], key=lambda one: len(_unlike(one, line)), default=None)
        if nearest is None:
            named[f"{line[1]}: missing"] += 1
        else:
            spare[line[:2]].remove(nearest)
            named[f"{line[1]}: {', '.join(sorted(_unlike(nearest, line)))}"] += 1
    for lines in spare.values():
        for line in lines:
            named[f"{line[1]}: too many"] += 1
    return named


def _unlike(one: Line, other: Line) -> set[str]:
    """The columns in which two rows differ."""
    return {name for name, _ in set(one[2]) ^ set(other[2])}
