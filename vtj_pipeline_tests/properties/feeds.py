"""Strategies for whole feeds: a journal of changes, and answers of basic data taken along it.

A feed is what a faithful source could give: along the journal days never run backwards, and who
asks for basic data on a day knows a cursor behind which nothing is older than that day. What the
rows say need not fit together. Keep out single rows (`rows.py`), codes that change
(`corrections.py`) and how a feed is landed (`landings.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st

from vtj_pipeline.catalogue import CATALOGUE, Catalogue
from vtj_pipeline.catalogue.model import OTHER_GROUP
from vtj_pipeline_tests.builders import START, Row
from vtj_pipeline_tests.properties.corrections import corrections, corrections_in_basic_data
from vtj_pipeline_tests.properties.rows import (
    ATTRIBUTES,
    CODE_YEAR,
    CODES,
    MASK,
    UNKNOWN_GROUP,
    told,
    unreadable,
)

FIRST_DAY = date(2026, 10, 1)
_CLOCKS = ("21:00:00.000Z", "06:00:00.000Z", "06:00:00.001Z", "12:30:00Z")
ALWAYS = ("identity_code", "birth", "death", "protection_order", OTHER_GROUP)
THEMES: tuple[tuple[str, ...], ...] = (
    ("name", "name_history"),
    ("sex", "birth", "occupation", "marital_status"),
    ("foreign_identity_code", "disclosure_ban", "religion"),
    ("citizenship", "language"),
    ("home_municipality", "other_municipality"),
    ("address", "contact"),
    ("residence", "migration"),
    ("marriage", "parent_child"),
    ("guardianship", "adult_guardianship"),
)
"""Tables that are folded together, besides those of `ALWAYS`: all of them cost too much a time."""


@dataclass(frozen=True)
class Answer:
    """Basic data of some persons, asked for on a day.

    Attributes:
        position: The journal position that was known then.
        day: The day.
        is_copy: Whether it is the weekly copy of that day, or live.
        persons: What the answer holds.
        number: Tells answers of one day apart: the live ones came one after the other.
        subscription: Who asked.
    """

    position: int
    day: date
    is_copy: bool
    persons: tuple[Any, ...]
    number: int = 0
    subscription: str = "test"

    @property
    def kind(self) -> str:
        """The kind of batch that it lands as."""
        return "baseline" if self.is_copy else "refresh"

    @property
    def fetched_at(self) -> datetime:
        """When a live answer came."""
        return datetime(self.day.year, self.day.month, self.day.day, 9, self.number, tzinfo=UTC)


@dataclass(frozen=True)
class Feed:
    """All that a source tells.

    Attributes:
        theme: The tables that its rows fold into.
        journal: Messages of change, in order; a position is `start` and an index.
        answers: Basic data, in the order of asking.
        start: The position of the first message.
    """

    theme: tuple[str, ...]
    journal: tuple[Any, ...] = ()
    answers: tuple[Answer, ...] = field(default=())
    start: int = START

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue's part that the feed needs: the same groups and tables, fewer."""
        return part_of_catalogue(self.theme)

    def renumbered(self, number: int) -> Feed:
        """The same about other persons, elsewhere in the journal: many feeds cost as one."""
        away = number * 1000
        answers = tuple(
            replace(one, position=one.position + away, persons=_renamed(one.persons, number))
            for one in self.answers
        )
        return replace(
            self, journal=_renamed(self.journal, number), answers=answers, start=START + away
        )


def _renamed(entries: tuple[Any, ...], number: int) -> tuple[Any, ...]:
    """Entries with the year of birth in every code changed."""
    text = json.dumps(entries, ensure_ascii=False)
    return tuple(json.loads(text.replace(CODE_YEAR, f"{40 + number}-9")))


def part_of_catalogue(tables: tuple[str, ...]) -> Catalogue:
    """These tables and those of `ALWAYS` with all of their groups."""
    names = [name for name in CATALOGUE.tables if name in (*ALWAYS, *tables)]
    groups = {g.name: g for g in CATALOGUE.groups.values() if g.table in names}
    return Catalogue(groups, {name: CATALOGUE.tables[name] for name in names})


def groups_of(theme: tuple[str, ...]) -> tuple[str, ...]:
    """The groups to draw from: those of the theme come first and often."""
    own = [g.name for g in CATALOGUE.groups.values() if g.table in theme]
    common = ["TURVAKIELTO", "KUOLINPAIVA", "KUOLLEEKSIJULISTAMISPAIVA", UNKNOWN_GROUP]
    others = [g.name for g in CATALOGUE.groups.values() if g.table == OTHER_GROUP]
    return (*own, *own, *common, *others[:: max(1, len(others) // 4)])


def instant(on: date, clock: int) -> str:
    """An instant of a day in Finland; the first clock shows its first moment."""
    written = on - timedelta(days=1) if clock == 0 else on
    return f"{written}T{_CLOCKS[clock]}"


@dataclass(frozen=True)
class Habits:
    """What the source of a feed does.

    Attributes:
        groups: The groups that it tells of.
        codes: The codes of its persons.
        faults: Whether some of what it tells cannot be read.
        corrects: Whether codes change.
        calm: Whether each message and answer has a day of its own, and a message tells of a family
            of rows once: nothing is overtaken within an instant.
        subscriptions: Who reads.
    """

    groups: tuple[str, ...]
    codes: tuple[str, ...] = CODES[:4]
    faults: bool = True
    corrects: bool = True
    calm: bool = False
    subscriptions: tuple[str, ...] = ("test",)


def _seldom(draw: st.DrawFn, one_in: int) -> bool:
    return draw(st.integers(1, one_in)) == one_in


@st.composite
def message_rows(draw: st.DrawFn, habits: Habits) -> list[Any]:
    """The rows of one message of change."""
    rows: list[Any] = []
    groups = habits.groups
    for _ in range(draw(st.integers(1, 3))):
        attribute = draw(st.sampled_from(ATTRIBUTES))
        if habits.faults and _seldom(draw, 25):
            rows.append(draw(unreadable(groups, attribute)))
            continue
        made = draw(told(groups, attribute))
        rows.append(made)
        if attribute == "KORJATTAVA" and draw(st.booleans()):
            rows.append(draw(told((made["tietoryhma"],), "KORJATTU")))
        if habits.calm:
            groups = tuple(g for g in groups if family(g) != family(made["tietoryhma"]))
    return rows


def family(name: str) -> str:
    """The rows among which those of a group can follow one another."""
    group = CATALOGUE.groups.get(name)
    return name if group is None else group.family


@st.composite
def messages(draw: st.DrawFn, habits: Habits, on: date) -> Any:
    """A message of change of a day, or something that cannot be read as one."""
    code = draw(st.sampled_from(habits.codes))
    at = instant(on, draw(st.integers(0, len(_CLOCKS) - 1)))
    corrects = habits.corrects and _seldom(draw, 6)
    rows = draw(corrections(code) if corrects else message_rows(habits))
    made = {"henkilotunnus": code, "muutospv": at, "tietoryhmat": rows}
    return draw(_spoilt(made, calm=habits.calm)) if habits.faults and _seldom(draw, 16) else made


def _spoilt(made: Row, *, calm: bool) -> st.SearchStrategy[Any]:
    """A message that cannot be read as a whole."""
    found = [17, "a text", None, []]
    found += [{**made, "tietoryhmat": wrong} for wrong in (None, {"tietoryhma": "KOTIKUNTA"})]
    found += [{**made, "henkilotunnus": None}]
    # When it was recorded is not known either.
    return st.sampled_from(found if calm else [*found, {**made, "muutospv": "yesterday"}])


@st.composite
def basic_data(draw: st.DrawFn, habits: Habits) -> tuple[Any, ...]:
    """What an answer holds of some persons."""
    persons: list[Any] = []
    most = 1 if habits.calm else 3
    for code in draw(st.lists(st.sampled_from(habits.codes), max_size=most, unique=True)):
        rows = draw(st.lists(told(habits.groups, None), max_size=4))
        if habits.calm:
            # Nobody withholds a row and tells it in the clear.
            hidden = {family(one["tietoryhma"]) for one in rows if MASK in one}
            rows = [one for one in rows if MASK in one or family(one["tietoryhma"]) not in hidden]
        if habits.corrects and _seldom(draw, 6):
            rows += draw(corrections_in_basic_data(code))
        if habits.faults and _seldom(draw, 25):
            rows.append(draw(unreadable(habits.groups, None)))
        persons.append({"henkilotunnus": code, "tietoryhmat": rows})
    if habits.faults and _seldom(draw, 25):
        told_of = {person["henkilotunnus"] for person in persons}
        others = [{"henkilotunnus": code} for code in habits.codes if code not in told_of]
        persons.append(draw(st.sampled_from([None, 3, *others])))
    return tuple(persons)


@st.composite
def feeds(draw: st.DrawFn, theme: tuple[str, ...], *, longest: int = 10, **more: Any) -> Feed:
    """A feed about some persons; `more` goes to `Habits`."""
    habits = Habits(groups_of(theme), **more)
    on, first_of_day = FIRST_DAY, 0
    journal: list[Any] = []
    answers: list[Answer] = []
    for _ in range(draw(st.integers(1, longest))):
        days = draw(st.sampled_from([1, 4] if habits.calm else [0, 0, 1, 1, 4]))
        if days:
            on, first_of_day = on + timedelta(days=days), len(journal)
        if _seldom(draw, 4):
            # There is one weekly copy of a day.
            is_copy = draw(st.booleans()) and not any(a.is_copy and a.day == on for a in answers)
            known = first_of_day if is_copy else draw(st.sampled_from([first_of_day, len(journal)]))
            persons = draw(basic_data(habits))
            who = draw(st.sampled_from(habits.subscriptions))
            number = len(answers)
            answers.append(Answer(START + known, on, is_copy, persons, number, who))
        elif journal and _seldom(draw, 12):
            journal.append(_again(draw(st.sampled_from(journal)), on))
        else:
            journal.append(draw(messages(habits, on)))
    return Feed(theme, tuple(journal), tuple(answers))


def many_feeds(
    theme: tuple[str, ...], *, most: int = 6, **more: Any
) -> st.SearchStrategy[list[Feed]]:
    """Feeds of one theme, each about persons of its own; `more` goes to `feeds`."""
    return st.lists(feeds(theme, **more), min_size=2, max_size=most).map(
        lambda drawn: [one.renumbered(number) for number, one in enumerate(drawn)]
    )


def _again(told_before: Any, on: date) -> Any:
    """The same message told again; one of an earlier day comes with a new instant."""
    if not isinstance(told_before, dict) or told_before["muutospv"] == "yesterday":
        return told_before
    at = told_before["muutospv"]
    is_first_moment = at.endswith(_CLOCKS[0])
    is_of_day = at == instant(on, 0) if is_first_moment else at.startswith(str(on))
    return told_before if is_of_day else {**told_before, "muutospv": instant(on, 1)}
