"""Of whom a publication folds all, and of whom only what the new events can change.

What a person was folded in is seen by a row that was taken out of the register: a fold of its
table brings it back. Equality with a register made anew is held by `properties/` as well.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import pytest

from vtj_pipeline_tests.builders import CODES, START, Bench, basic, day, message, row

BORN = row("SYNTYMAPAIVA", syntymapv=day("1990-01-01"))
SEX = row("SUKUPUOLI", sukupuoli="MIES")
HOME = row("KOTIKUNTA", kuntakoodi="297", kuntaanMuuttopv=day("1990-01-01"))
FIRST = date(2026, 10, 1)
NAMED = row(
    "HENKILON_NIMI", "LISATTY", etunimet="Testi", sukunimi="Esimerkki", alkupv=day("2026-10-15")
)
LATER = START + 1_000


def moved(person: str, at: str, since: str, code: str = "091") -> dict[str, object]:
    """A message of a new home municipality."""
    return message(
        person, at, row("KOTIKUNTA", "LISATTY", kuntakoodi=code, kuntaanMuuttopv=day(since))
    )


def corrected(person: str, changed: str, active: str) -> dict[str, object]:
    """A message of a new code."""
    link = row(
        "HENKILOTUNNUS_KORJAUS",
        "LISATTY",
        muutettuHenkilotunnus=CODES[changed],
        aktiivinenHenkilotunnus=CODES[active],
        voimassaolo="PASSIIVI",
    )
    return message(person, "2026-10-20T08:00:00Z", link)


@dataclass(frozen=True)
class News:
    """What comes to a register in which A stands.

    Attributes:
        before: Lands what is published besides, before.
        lands: Lands the news.
        is_whole: Whether all of A is folded for it.
    """

    before: Callable[[Bench], None]
    lands: Callable[[Bench], None]
    is_whole: bool


def stands(bench: Bench) -> None:
    """The basic data of A and B."""
    people = [basic("A", BORN, SEX, HOME), basic("B", SEX)]
    bench.land(people, kind="baseline", cursor=START, extraction_date=FIRST)


def nothing(bench: Bench) -> None:
    """Nothing more."""


def early(bench: Bench) -> None:
    """A change that stands late in the journal."""
    bench.land([moved("A", "2026-10-15T08:00:00Z", "2026-10-15", "049")], cursor=LATER + 5_000)


def an_unknown_row_removed(bench: Bench) -> None:
    """Something does not fit, so that A's basic data are asked for."""
    gone = row("KOTIKUNTA", "POISTETTU", kuntakoodi="091", kuntaanMuuttopv=day("2020-01-01"))
    bench.land([message("A", "2026-10-15T08:00:00Z", gone)], cursor=START + 10)


def a_broken_message(bench: Bench) -> None:
    """Something cannot be read."""
    unfit = row("AMMATTI", "SIIRRETTY", ammatti="SEPPO")
    bench.land([message("A", "2026-10-15T08:00:00Z", unfit)], cursor=START + 10)


def a_move(bench: Bench) -> None:
    """An ordinary change, the last in the journal."""
    bench.land([moved("A", "2026-10-20T08:00:00Z", "2026-10-20")], cursor=LATER)


def a_move_and_the_page_before(bench: Bench) -> None:
    """The same, and beside it what had landed before."""
    bench.land_pages(
        [
            (START + 10, [message("A", "2026-10-15T08:00:00Z", NAMED)]),
            (LATER, [moved("A", "2026-10-20T08:00:00Z", "2026-10-20")]),
        ]
    )


def an_answer(bench: Bench) -> None:
    """Basic data anew, which leave something out."""
    bench.land(
        [basic("A", SEX, HOME)],
        kind="refresh",
        cursor=LATER,
        extraction_date=date(2026, 10, 25),
    )


def a_new_code(bench: Bench) -> None:
    """A has another code from now on."""
    bench.land([corrected("A", "A", "N")], cursor=LATER)


def who_takes_a_code(bench: Bench) -> None:
    """B turns out to be A: nothing comes under A's own code."""
    bench.land([corrected("B", "A", "B")], cursor=LATER)


def named(bench: Bench) -> None:
    """An ordinary change, published before."""
    bench.land([message("A", "2026-10-15T08:00:00Z", NAMED)], cursor=START + 10)


NEWS = {
    "a change": News(nothing, a_move, is_whole=False),
    "a change after others": News(named, a_move, is_whole=False),
    "a change and a page that comes again": News(named, a_move_and_the_page_before, is_whole=False),
    "a change that comes late": News(early, a_move, is_whole=True),
    "an answer of basic data": News(nothing, an_answer, is_whole=True),
    "a new code": News(nothing, a_new_code, is_whole=True),
    "a code that another person takes": News(nothing, who_takes_a_code, is_whole=True),
    "a change of whom basic data are asked": News(an_unknown_row_removed, a_move, is_whole=True),
    "a change after what cannot be read": News(a_broken_message, a_move, is_whole=True),
}


@pytest.fixture(params=NEWS.values(), ids=NEWS.keys())
def news(request: pytest.FixtureRequest) -> News:
    """Each kind of news."""
    found: News = request.param
    return found


@pytest.fixture
def standing(bench: Bench, news: News) -> Bench:
    """A bench in which A and B stand published, with what came before the news."""
    stands(bench)
    bench.publish()
    news.before(bench)
    bench.publish()
    return bench


def test_after_the_news_the_register_is_as_if_made_anew(standing: Bench, news: News) -> None:
    news.lands(standing)
    assert not standing.publish().nothing_to_do
    again = standing.publish(rebuild=True)
    changed = {
        table: rows
        for table, rows in again.inserted.items()
        if rows or again.ended[table] or again.removed[table]
    }
    assert again.nothing_to_do, changed


def test_what_the_news_cannot_change_is_not_folded(standing: Bench, news: News) -> None:
    with closing(standing.database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "delete from register.birth using register.identity_code as i "
            "where birth.person_id = i.person_id and i.identity_code = %s",
            (CODES["A"],),
        )
        assert cursor.rowcount
        connection.commit()
    news.lands(standing)
    standing.publish()
    assert bool(standing.current("birth", "person_id")) == news.is_whole


def test_a_request_stays_though_the_news_are_of_something_else(bench: Bench) -> None:
    stands(bench)
    an_unknown_row_removed(bench)
    bench.publish()
    a_move(bench)
    assert bench.publish().refresh_requests == {"anomaly": 1}


def test_who_is_told_of_someone_new_is_related_to_them(bench: Bench) -> None:
    guardian = row(
        "HUOLTAJA",
        "LISATTY",
        huoltaja={"henkilotunnus": CODES["C"], "etunimet": "Testi"},
        huoltajanLaji="LAKISAATEINEN_HUOLTAJA",
        huoltosuhteenAlkupv=day("2020-01-01"),
    )
    stands(bench)
    bench.land([message("A", "2026-10-15T08:00:00Z", guardian)], cursor=START + 10)
    bench.publish()
    bench.land([basic("C", SEX)], kind="baseline", cursor=START + 20, extraction_date=FIRST)
    a_move(bench)
    bench.publish()
    assert bench.query(
        "select count(related_person_id) from register.guardianship where recorded_to is null"
    ) == [(1,)]
    assert bench.publish(rebuild=True).nothing_to_do
