"""Hand-written feeds and the rows that they must lead to: rules that a sandbox does not reach.

Data, for two uses: `test_cases.py` lands each in PostgreSQL, and the mutation check folds all of
them at once by catalogues that are wrong in one place. The cases themselves stand in `cases_*.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from vtj_pipeline_tests.builders import CODES, START

Row = dict[str, Any]
T1, T2, T3, T4 = (f"2026-10-0{n}T08:00:00.000Z" for n in (5, 6, 7, 8))
BASELINE_DAY = date(2026, 10, 1)
LATER_DAY = date(2026, 10, 20)


@dataclass(frozen=True)
class Landed:
    """One page of answers.

    Attributes:
        kind: baseline, refresh or change.
        entries: Messages, or persons of basic data.
        cursor: Where the page begins; pages may be landed in another order.
        day: The day of basic data.
    """

    kind: str
    entries: tuple[Row, ...]
    cursor: int
    day: date | None = None


@dataclass(frozen=True)
class Expected:
    """The rows of one table that must stand now (or ever), as these columns, in any order."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    ever: bool = False
    person: str = "A"


@dataclass(frozen=True)
class Case:
    """A sentence that says what is right, what is landed, and what must follow."""

    name: str
    landed: tuple[Landed, ...]
    expected: tuple[Expected, ...]


def first(*rows: Row, person: str = "A") -> Landed:
    """The baseline of a person."""
    return Landed("baseline", (_about(person, rows),), START, BASELINE_DAY)


def fresh(*rows: Row, person: str = "A", place: int = 90) -> Landed:
    """Basic data that were asked for later."""
    return Landed("refresh", (_about(person, rows),), START + place * 100, LATER_DAY)


def change(place: int, at: str, *rows: Row, person: str = "A") -> Landed:
    """A page with one message; `place` orders pages."""
    entry = {**_about(person, rows), "muutospv": at}
    return Landed("change", (entry,), START + place * 100)


def _about(person: str, rows: tuple[Row, ...]) -> Row:
    return {"henkilotunnus": CODES[person], "tietoryhmat": list(rows)}


def now(table: str, columns: str, *rows: tuple[Any, ...], person: str = "A") -> Expected:
    """What must stand now; columns are separated by blanks."""
    return Expected(table, tuple(columns.split()), rows, person=person)


def ever(table: str, columns: str, *rows: tuple[Any, ...]) -> Expected:
    """What must stand or have stood."""
    return Expected(table, tuple(columns.split()), rows, ever=True)


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows in an order that nulls do not disturb, instants in UTC."""
    plain = [
        tuple(v.astimezone(UTC) if isinstance(v, datetime) else v for v in row) for row in rows
    ]
    return sorted(plain, key=str)


def at(text: str) -> datetime:
    """The instant of a `muutospv`."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def masked(group: str, attribute: str | None = None) -> Row:
    """A row whose content is withheld."""
    made: Row = {"tietoryhma": group, "turvakiellonAlaisetKentat": ["kuntakoodi"]}
    return made if attribute is None else {**made, "muutosattribuutti": attribute}


def renamed(cases: tuple[Case, ...]) -> Iterator[tuple[dict[str, str], Case, list[Landed]]]:
    """Each case with codes of its own, so that all of them can be folded at once."""
    for number, case in enumerate(cases):
        codes = {
            letter: code[:2] + f"{1 + number % 12:02}{number // 12:02}" + code[6:]
            for letter, code in CODES.items()
        }
        landed = []
        for one in case.landed:
            text = json.dumps(one.entries, ensure_ascii=False)
            for letter, code in CODES.items():
                text = text.replace(code, codes[letter])
            landed.append(Landed(one.kind, tuple(json.loads(text)), one.cursor, one.day))
        yield codes, case, landed


def own(row: tuple[Any, ...], codes: dict[str, str]) -> tuple[Any, ...]:
    """A row that is expected, with the codes that the case has by `renamed`."""
    text = {code: codes[letter] for letter, code in CODES.items()}
    return tuple(text.get(v, v) if isinstance(v, str) else v for v in row)


def chosen(rows: list[Row], expected: Expected) -> list[tuple[Any, ...]]:
    """The columns of a person's rows that stand, or stood, in order."""
    return in_order(
        [
            tuple(_read(name, row.get(name, "no such column")) for name in expected.columns)
            for row in rows
            if expected.ever or row["recorded_to"] is None
        ]
    )


def _read(name: str, value: Any) -> Any:
    """A value as PostgreSQL gives it."""
    is_json = name in ("payload", "rights") and isinstance(value, str)
    return json.loads(value) if is_json else value
