"""What is a move, of which kind, in which direction."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import Register

ELSEWHERE = "837"

MOVE_DAY = "2026-05-01"


def relocate(register: Register, old: str, new: str, **more: Any) -> str:
    person = register.person()
    register.live(person, old, "2015-01-01", valid_to=MOVE_DAY)
    register.live(person, new, MOVE_DAY, **more)
    return person


@pytest.mark.parametrize(
    ("old", "new", "kind", "direction"),
    [
        ("091", "049", "between_municipalities", "inside"),
        (ELSEWHERE, "049", "between_municipalities", "in"),
        ("091", ELSEWHERE, "between_municipalities", "out"),
        ("200", "091", "immigration", "in"),
        ("198", "091", "immigration", "in"),
        ("091", "200", "emigration", "out"),
        ("091", "199", "emigration", "out"),
    ],
)
def test_a_change_of_home_municipality_is_one_move(
    register: Register, old: str, new: str, kind: str, direction: str
) -> None:
    moves = register.moves(relocate(register, old, new))
    assert [(m["kind"], m["direction"], m["moved_on"]) for m in moves] == [
        (kind, direction, date(2026, 5, 1))
    ]
    assert (moves[0]["from_municipality_code"], moves[0]["to_municipality_code"]) == (
        old,
        new,
    )


def test_a_move_that_does_not_touch_the_scope_is_not_listed(register: Register) -> None:
    assert register.moves(relocate(register, ELSEWHERE, "005")) == []


def test_a_move_dated_ahead_is_listed_from_its_day_on(register: Register) -> None:
    person = relocate(register, "091", "049")
    register.as_of(valid_at="2026-04-30")
    assert register.moves(person) == []
    register.as_of(valid_at=MOVE_DAY)
    assert len(register.moves(person)) == 1


def test_a_move_keeps_the_time_of_its_first_recording_when_the_stay_ends(
    register: Register,
) -> None:
    first, later = "2026-05-04T09:00:00+00", "2026-06-10T09:00:00+00"
    person = register.person()
    register.live(person, "091", "2015-01-01", valid_to=MOVE_DAY)
    register.live(person, "049", MOVE_DAY, recorded_from=first, recorded_to=later)
    register.live(person, "049", MOVE_DAY, valid_to="2026-06-08", recorded_from=later)
    register.live(person, "091", "2026-06-08", recorded_from=later)
    assert [m["recorded_at"] for m in register.moves(person)] == [
        datetime(2026, 5, 4, 9, tzinfo=UTC),
        datetime(2026, 6, 10, 9, tzinfo=UTC),
    ]
    register.as_of(recorded_at="2026-06-09T00:00:00+00")
    assert len(register.moves(person)) == 1


def test_a_cancelled_move_is_listed_only_in_the_knowledge_of_its_time(
    register: Register,
) -> None:
    person = register.person()
    register.live(person, "091", "2015-01-01")
    register.live(
        person,
        "049",
        MOVE_DAY,
        recorded_from="2026-05-02T00:00:00+00",
        recorded_to="2026-05-09T00:00:00+00",
    )
    assert register.moves(person) == []
    register.as_of(recorded_at="2026-05-05T00:00:00+00")
    assert len(register.moves(person)) == 1


def test_a_new_dwelling_in_the_same_municipality_is_a_move_within_it(
    register: Register,
) -> None:
    person = register.person()
    register.live(person)
    register.dwell(person, valid_to=MOVE_DAY)
    register.dwell(person, MOVE_DAY, house_number="2")
    (move,) = register.moves(person)
    assert (move["kind"], move["direction"]) == ("within_municipality", "inside")
    assert (move["from_municipality_code"], move["to_municipality_code"]) == (
        "091",
        "091",
    )


def test_a_move_between_municipalities_is_not_also_one_within(
    register: Register,
) -> None:
    person = relocate(register, "091", "049")
    register.dwell(person, valid_to=MOVE_DAY)
    register.dwell(person, MOVE_DAY, municipality_code="049")
    assert [m["kind"] for m in register.moves(person)] == ["between_municipalities"]


def test_a_renamed_street_moves_nobody(register: Register) -> None:
    person = register.person()
    register.live(person)
    register.dwell(person, building_id="b", valid_to=MOVE_DAY)
    register.dwell(person, MOVE_DAY, building_id="b", street_fi="Renamed")
    assert register.moves(person) == []


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        ("2025-01-01", []),
        # Told late of the successor: the old municipality could not be left any more.
        ("2025-01-04", []),
        ("2024-12-31", ["between_municipalities"]),
    ],
)
def test_a_merger_of_municipalities_moves_nobody(
    register: Register, day: str, kinds: list[str]
) -> None:
    register.insert("scope_municipality", {"subscription": "s", "municipality_code": "507"})
    person = register.person()
    register.live(person, "588", "2015-01-01", valid_to=day)
    register.live(person, "507", day)
    assert [m["kind"] for m in register.moves(person)] == kinds


@pytest.mark.parametrize(
    ("day", "buildings", "kinds"),
    [
        ("2018-01-01", ("101", "101"), []),
        ("2018-01-01", ("101", "102"), ["between_municipalities"]),
        ("2018-01-01", (None, None), []),
        ("2018-01-02", ("101", "101"), ["between_municipalities"]),
    ],
)
def test_a_part_that_goes_to_another_municipality_moves_nobody_who_stays_in_a_building(
    register: Register, day: str, buildings: tuple[str | None, str | None], kinds: list[str]
) -> None:
    register.insert("scope_municipality", {"subscription": "s", "municipality_code": "139"})
    person = register.person()
    for code, building, since, until in zip(
        ("564", "139"), buildings, ("2015-01-01", day), (day, None), strict=True
    ):
        register.live(person, code, since, valid_to=until)
        register.dwell(person, since, valid_to=until, building_id=building)
    assert [m["kind"] for m in register.moves(person)] == kinds


@pytest.mark.parametrize(
    ("born_in", "since", "kinds"),
    [
        ("200", MOVE_DAY, ["immigration"]),
        ("200", "1980-02-01", []),
        ("091", "1980-02-01", []),
        ("091", MOVE_DAY, []),
        (None, MOVE_DAY, []),
    ],
)
def test_a_first_stay_is_a_move_only_for_somebody_born_abroad(
    register: Register, born_in: str | None, since: str, kinds: list[str]
) -> None:
    person = register.person(birth_municipality_code=born_in)
    register.live(person, "091", since)
    assert [m["kind"] for m in register.moves(person)] == kinds
