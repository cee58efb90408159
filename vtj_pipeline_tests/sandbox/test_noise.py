"""Noise is off by default, comes by share, and leaves the life that it is told of as it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import UNCENSORED, Sandbox, SandboxOptions
from vtj_pipeline.sandbox.noise import UNKNOWN_ATTRIBUTE, UNKNOWN_FIELD, UNKNOWN_GROUP
from vtj_pipeline.sandbox.options import SHARES
from vtj_pipeline_tests.sandbox.conftest import Message, all_messages
from vtj_pipeline_tests.sandbox.replay import Replay, shown

OPTIONS = SandboxOptions(persons=150, days=30, seed=9, activity=60.0, protected_share=0.03)


def _told(**noise: float) -> tuple[Sandbox, list[Message]]:
    sandbox = Sandbox(replace(OPTIONS, **noise))
    return sandbox, all_messages(sandbox, UNCENSORED)


@pytest.fixture(scope="module")
def quiet() -> tuple[Sandbox, list[Message]]:
    """The same life without noise."""
    return _told()


def _rows(messages: list[Message]) -> list[dict[str, Any]]:
    return [row for message in messages for row in message["tietoryhmat"]]


def _basic(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The rows of everybody's basic data."""
    answer = sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED)
    return [row for person in answer["perustiedot"] for row in person["tietoryhmat"]]


def _same_life(one: Sandbox, other: Sandbox) -> bool:
    codes = one.in_scope_codes()
    return one.basic_data_body(codes) == other.basic_data_body(codes)


def test_everything_is_off_by_default() -> None:
    assert all(getattr(SandboxOptions(), name) == 0.0 for name in SHARES)


@pytest.mark.parametrize("name", SHARES)
def test_a_share_is_between_none_and_all(name: str) -> None:
    with pytest.raises(SandboxError, match="give a share, 0 to 1"):
        replace(SandboxOptions(), **{name: 1.5})


@pytest.mark.parametrize("name", SHARES)
def test_noise_is_repeatable(name: str) -> None:
    assert _told(**{name: 0.3})[1] == _told(**{name: 0.3})[1]


def test_unknown_groups_and_fields(quiet: tuple[Sandbox, list[Message]]) -> None:
    sandbox, messages = _told(unknown_groups=0.5, unknown_fields=0.5)
    assert _same_life(sandbox, quiet[0])
    with_group = [m for m in messages if m["tietoryhmat"][-1]["tietoryhma"] == UNKNOWN_GROUP]
    assert 0.3 < len(with_group) / len(messages) < 0.7
    with_field = [row for row in _rows(messages) if UNKNOWN_FIELD in row]
    assert 0.3 < len(with_field) / len(_rows(messages)) < 0.7


def test_empty_localized_texts(quiet: tuple[Sandbox, list[Message]]) -> None:
    sandbox, messages = _told(empty_localized=1.0)
    assert _same_life(sandbox, quiet[0])
    streets = [row["katunimi"] for row in _rows(messages) if "katunimi" in row]
    assert streets
    assert all(street == {} for street in streets)


def test_texts_that_are_empty_are_so_in_basic_data_as_well() -> None:
    """Seen in an answer of `perustiedot` (contract §3.0); here it is true, and no noise."""
    sandbox, replay = Sandbox(replace(OPTIONS, days=0, empty_texts=0.5)), Replay()
    replay.baseline(sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED))
    sandbox.advance_to(OPTIONS.first_clock)
    messages = all_messages(sandbox, UNCENSORED)
    replay.page({"muutokset": messages})
    for rows in (_rows(messages), _basic(sandbox)):
        streets = [row["katunimi"] for row in rows if "katunimi" in row]
        assert 0 < streets.count({}) < len(streets)
    people = sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED)["perustiedot"]
    for person in people:
        assert replay.rows(person["henkilotunnus"]) == shown(person)


def test_odd_basic_data_say_nothing_else(quiet: tuple[Sandbox, list[Message]]) -> None:
    sandbox, messages = _told(odd_basic_data=0.5)
    rows = _basic(sandbox)
    assert any(row.get("loppupv", "") is None for row in rows)
    assert any(UNKNOWN_FIELD in row for row in rows if row["tietoryhma"] == "KOTIKUNTA")
    persons = [row for row in rows if row["tietoryhma"] == UNKNOWN_GROUP]
    assert 0.3 < len(persons) / len(sandbox.in_scope_codes()) < 0.7
    # The same answer every time, and but for the oddities the same as without them.
    assert _basic(sandbox) == rows
    plain = [
        {name: value for name, value in row.items() if value is not None and name != UNKNOWN_FIELD}
        for row in rows
        if row["tietoryhma"] != UNKNOWN_GROUP
    ]
    assert plain == _basic(quiet[0])
    assert not [row for row in _rows(messages) if UNKNOWN_FIELD in row]


def test_times_ahead_of_the_clock(quiet: tuple[Sandbox, list[Message]]) -> None:
    sandbox, messages = _told(future_times=0.3)
    assert _same_life(sandbox, quiet[0])
    pairs = list(zip(messages, quiet[1], strict=True))
    later = [(one, other) for one, other in pairs if one != other]
    assert 0.2 < len(later) / len(messages) < 0.4
    for one, other in later:
        assert one == {**other, "muutospv": one["muutospv"]}
        ahead = datetime.fromisoformat(one["muutospv"]) - datetime.fromisoformat(other["muutospv"])
        assert ahead == timedelta(days=2)
        assert len(one["muutospv"]) == len(other["muutospv"])


def test_explicit_nulls(quiet: tuple[Sandbox, list[Message]]) -> None:
    sandbox, messages = _told(explicit_nulls=1.0)
    assert _same_life(sandbox, quiet[0])
    dated = [r for r in _rows(messages) if "alkupv" in r and "turvakiellonAlaisetKentat" not in r]
    assert dated
    assert all("loppupv" in row for row in dated)
    assert any(row["loppupv"] is None for row in dated)


def test_duplicates_come_later_and_never_after_something_newer(
    quiet: tuple[Sandbox, list[Message]],
) -> None:
    sandbox, messages = _told(duplicates=0.5)
    assert _same_life(sandbox, quiet[0])
    count = Counter(orjson.dumps(message) for message in messages)
    assert set(count.values()) == {1, 2}
    latest: dict[str, str] = {}
    apart = 0
    for place, message in enumerate(messages):
        code, moment = message["henkilotunnus"], message["muutospv"]
        assert latest.get(code, "") <= moment
        latest[code] = moment
        repeated = count[orjson.dumps(message)] == 2
        apart += repeated and message not in messages[max(0, place - 1) : place]
    assert apart


def test_the_truth_is_reached_through_the_noise_that_loses_nothing() -> None:
    noise = {"unknown_groups": 0.3, "unknown_fields": 0.3, "explicit_nulls": 0.3, "duplicates": 0.3}
    sandbox, replay = Sandbox(replace(OPTIONS, days=0, **noise)), Replay()
    replay.baseline(sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED))
    sandbox.advance_to(OPTIONS.first_clock)
    seen: set[bytes] = set()
    for message in all_messages(sandbox, UNCENSORED):
        body = orjson.dumps(message)
        if body not in seen:
            replay.page({"muutokset": [message]})
        seen.add(body)
    for person in sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED)["perustiedot"]:
        assert replay.rows(person["henkilotunnus"]) == shown(person)


def test_malformed_messages_follow_true_ones(quiet: tuple[Sandbox, list[Message]]) -> None:
    sandbox, messages = _told(malformed=0.5)
    assert _same_life(sandbox, quiet[0])
    assert any("tietoryhmat" not in message for message in messages)
    rows = [row for message in messages for row in message.get("tietoryhmat", ())]
    assert any("tietoryhma" not in row for row in rows)
    assert any(row.get("muutosattribuutti") == UNKNOWN_ATTRIBUTE for row in rows)
    assert any(isinstance(row.get("syntymapv"), list) for row in rows)
    assert any(row.get("alkupv", {}).get("arvo") == "2026-13-45" for row in rows)
    true = [m for m in messages if m in quiet[1]]
    assert true == quiet[1]


def test_rough_dates_and_unknown_codes_are_true() -> None:
    options = replace(OPTIONS, days=0, rough_dates=0.7, unknown_codes=0.7)
    sandbox, replay = Sandbox(options), Replay()
    replay.baseline(sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED))
    sandbox.advance_to(OPTIONS.first_clock)
    messages = all_messages(sandbox, UNCENSORED)
    replay.page({"muutokset": messages})
    people = sandbox.basic_data(sandbox.in_scope_codes(), account=UNCENSORED)["perustiedot"]
    for person in people:
        assert replay.rows(person["henkilotunnus"]) == shown(person)
    text = orjson.dumps(people).decode()
    assert '"tarkkuus":"VUOSI"' in text
    assert '"valtiokoodi":"989"' in text
