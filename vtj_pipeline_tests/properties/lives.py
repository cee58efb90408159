"""Strategies for lives with homes that move, orders of non-disclosure that come and go, new codes.

What is told fits together as far as a source's would, so that views have something to show. Beside
a life stands `must_be_hidden`: read from what was landed alone, whose place no view may tell. Keep
out landing and views (`test_protection.py`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st

from vtj_pipeline.catalogue import GROUPS
from vtj_pipeline_tests.builders import Row, day, row
from vtj_pipeline_tests.properties.corrections import GROUP as CORRECTION
from vtj_pipeline_tests.properties.corrections import replacement
from vtj_pipeline_tests.properties.feeds import FIRST_DAY, instant
from vtj_pipeline_tests.properties.rows import CODE_YEAR, CODES, MASK

TABLES = ("home_municipality", "address", "residence", "contact", "birth")
HOMES = ("091", "297", "049")
LOCATIONS = tuple(
    g.name for g in GROUPS.values() if g.is_location and g.withheld_fields and g.table in TABLES
)
_ORDER = "TURVAKIELTO"


@dataclass(frozen=True)
class Entry:
    """Something told of a person on a day: a message of change, or basic data.

    Attributes:
        place: Its place in the journal; basic data stand before the change of that place.
        day: The day.
        code: Under which code.
        rows: What it says, rows that cannot be read among them.
        is_answer: Whether it is basic data.
        is_spoilt: Whether it cannot be read as a whole.
    """

    place: int
    day: date
    code: str
    rows: tuple[Any, ...]
    is_answer: bool = False
    is_spoilt: bool = False

    @property
    def told(self) -> Row:
        """The message, or the person in an answer."""
        rows: Any = {"tietoryhma": _ORDER} if self.is_spoilt else list(self.rows)
        made = {"henkilotunnus": self.code, "tietoryhmat": rows}
        return made if self.is_answer else {**made, "muutospv": instant(self.day, 1)}

    @property
    def is_broken(self) -> bool:
        """Whether any of it cannot be read."""
        return self.is_spoilt or any(not one.get("tietoryhma") for one in self.rows)

    def readable(self) -> list[Row]:
        """The rows that can be read."""
        return [] if self.is_spoilt else [one for one in self.rows if one.get("tietoryhma")]


def home(attribute: str | None, municipality: str, since: date) -> list[Row]:
    """The rows of a home."""
    start = day(str(since))
    where = {"kuntakoodi": municipality, "alkupv": start}
    street = {"katunimi": {"fi": "Tie"}, "katunumero": "1", "rakennustunnus": "900000041C"}
    return [
        row("VAKINAINEN_KOTIMAINEN_OSOITE", attribute, **street, **where),
        row("KOTIKUNTA", attribute, kuntakoodi=municipality, kuntaanMuuttopv=start),
        row("VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS", attribute, **where),
    ]


def masked(attribute: str | None, *groups: str) -> list[Row]:
    """Masked rows of some groups."""
    return [row(name, attribute, **{MASK: list(GROUPS[name].withheld_fields)}) for name in groups]


def order(attribute: str | None, active: Any) -> Row:
    """An order of non-disclosure; the flag may be left out."""
    made = row(_ORDER, attribute, turvaLoppuPv=day("2026-10-02"))
    return made if active == "missing" else {**made, "turvakieltoAktiivinen": active}


@dataclass
class _Life:
    draw: st.DrawFn
    number: int
    on: date
    codes: list[str]
    municipality: str = "091"
    since: date = date(2001, 1, 1)

    def rows(self) -> tuple[list[Any], bool]:
        """What happens next, as rows, and whether they are basic data."""
        happens = {
            "move": self.move,
            "order": self.put_under_order,
            "order ends": self.end_order,
            "hidden": self.hide,
            "context": self.tell_context,
            "code": self.change_code,
            "unreadable": self.tell_unreadably,
        }
        # What hides and what shows comes oftener than the rest.
        often = ["order", "hidden", "unreadable", "answer", "answer", "answer"]
        what = self.draw(st.sampled_from([*happens, *often]))
        return (self.answer(), True) if what == "answer" else (happens[what](), False)

    def move(self) -> list[Any]:
        old = row(
            "EDELLINEN_KOTIKUNTA",
            "MUUTETTU",
            kuntakoodi=self.municipality,
            kuntaanMuuttopv=day(str(self.since)),
            kunnastaPoisMuuttopv=day(str(self.on - timedelta(days=1))),
        )
        self.municipality, self.since = self.draw(st.sampled_from(HOMES)), self.on
        return [*home("LISATTY", self.municipality, self.since), old]

    def put_under_order(self) -> list[Any]:
        attribute = self.draw(st.sampled_from(["LISATTY", "MUUTETTU", "KORJATTU"]))
        active = self.draw(st.sampled_from([True, True, "true", None, "missing"]))
        return [order(attribute, active), *self._hidden("MUUTETTU")]

    def end_order(self) -> list[Any]:
        told = self.draw(
            st.sampled_from(
                [
                    [order("MUUTETTU", active=False)],
                    [order("POISTETTU", active=True)],
                    [order("KORJATTAVA", active=True), order("KORJATTU", active=False)],
                ]
            )
        )
        again = home("MUUTETTU", self.municipality, self.since)
        return [*told, *(again if self.draw(st.booleans()) else [])]

    def hide(self) -> list[Any]:
        return self._hidden("MUUTETTU", least=1)

    def _hidden(self, attribute: str | None, least: int = 0) -> list[Row]:
        groups = st.lists(st.sampled_from(LOCATIONS), min_size=least, max_size=3, unique=True)
        return masked(attribute, *self.draw(groups))

    def tell_context(self) -> list[Any]:
        said = [order("LISATIETO", active=False), order("LISATIETO", active=True)]
        shown = home("LISATIETO", self.municipality, self.since)
        return self.draw(st.sampled_from([said[:1], said[1:], shown]))

    def change_code(self) -> list[Any]:
        if len(self.codes) == len(CODES):
            return self.tell_context()
        old, new = self.codes[-1], CODES[len(self.codes)]
        self.codes.append(new)
        return list(replacement(old, new))

    def tell_unreadably(self) -> list[Any]:
        rest = self.draw(st.sampled_from([[], [order("LISATTY", active=True)]]))
        return [row("", "LISATTY", arvo=1), *rest]

    def answer(self) -> list[Any]:
        places = home(None, self.municipality, self.since)
        if self.draw(st.booleans()):
            return places
        kept = self.draw(st.lists(st.sampled_from(places), unique_by=id, max_size=3))
        hidden = {one["tietoryhma"] for one in kept}
        found = [one for one in self._hidden(None) if one["tietoryhma"] not in hidden]
        orders = self.draw(
            st.sampled_from([[], [], [order(None, active=True)], [order(None, active=False)]])
        )
        broken = self.draw(st.sampled_from([[], [], [], [row("", None, arvo=1)]]))
        born = row("SYNTYMAPAIVA", syntymapv=day("1980-01-01"))
        return [born, *kept, *found, *orders, *broken]


@st.composite
def lives(draw: st.DrawFn, *, longest: int = 7) -> tuple[Entry, ...]:
    """A person's life as a source tells it; a day holds one thing."""
    life = _Life(draw, 0, FIRST_DAY, [CODES[0]])
    rows = tuple(home(None, "091", life.since))
    entries = [Entry(0, life.on, CODES[0], rows, is_answer=True)]
    place = 0
    for _ in range(draw(st.integers(1, longest))):
        life.on += timedelta(days=2)
        # A change of the code is told under the old one.
        code = life.codes[-1]
        made, is_answer = life.rows()
        spoilt = not is_answer and draw(st.integers(1, 12)) == 12
        entries.append(Entry(place, life.on, code, tuple(made), is_answer, spoilt))
        place += not is_answer
    return tuple(entries)


def renamed(entries: tuple[Entry, ...], number: int) -> tuple[Entry, ...]:
    """The same life of another person, elsewhere in the journal."""
    text = f"{40 + number}-9"

    def of(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: of(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(of(one) for one in value)
        return value.replace(CODE_YEAR, text) if isinstance(value, str) else value

    return tuple(
        Entry(e.place + 1000 * number, e.day, of(e.code), of(e.rows), e.is_answer, e.is_spoilt)
        for e in entries
    )


def must_be_hidden(entries: list[Entry]) -> tuple[set[str], set[str]]:
    """Codes of persons whose place no view may tell, and of those who count as protected.

    Args:
        entries: What was landed of one life, in any order.
    """
    hidden: set[str] = set()
    protected: set[str] = set()
    for codes in _persons(entries):
        own = sorted((e for e in entries if e.code in codes), key=lambda e: (e.day, e.place))
        if _is_under_order(own) or _is_held_back(own):
            protected |= codes
        if codes <= protected or _is_withheld(own):
            hidden |= codes
    return hidden, protected


def _persons(entries: list[Entry]) -> list[set[str]]:
    """Codes that are one person's, by the corrections that were landed."""
    corrections = [
        one for entry in entries for one in entry.readable() if one["tietoryhma"] == CORRECTION
    ]
    persons = [
        *({entry.code} for entry in entries),
        *({one["muutettuHenkilotunnus"], one["aktiivinenHenkilotunnus"]} for one in corrections),
    ]
    merged: list[set[str]] = []
    for codes in persons:
        touching = [known for known in merged if known & codes]
        merged = [known for known in merged if not known & codes]
        merged.append(codes.union(*touching))
    return merged


def _is_under_order(entries: list[Entry]) -> bool:
    """Whether the last word on an order is that it is active, or does not say."""
    active = False
    for entry in entries:
        said = {
            one.get("muutosattribuutti"): one
            for one in entry.readable()
            if one["tietoryhma"] == _ORDER
        }
        said.pop("LISATIETO", None)
        if said:
            puts = [one for name, one in said.items() if name not in ("POISTETTU", "KORJATTAVA")]
            active = any(one.get("turvakieltoAktiivinen") is not False for one in puts)
    return active


def _is_held_back(entries: list[Entry]) -> bool:
    waits = False
    for entry in entries:
        waits = entry.is_broken or (waits and not entry.is_answer)
    return waits


def _is_withheld(entries: list[Entry]) -> bool:
    """Whether the last that was told of some family of locations is that it is withheld."""
    last: dict[str, bool] = defaultdict(bool)
    for entry in entries:
        for one in entry.readable():
            group = GROUPS[one["tietoryhma"]]
            if group.is_location and one.get("muutosattribuutti") != "LISATIETO":
                last[group.family] = MASK in one
    return any(last.values())
