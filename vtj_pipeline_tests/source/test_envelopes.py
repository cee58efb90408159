"""Every field of every request and answer, as contract §2 spells them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from vtj_pipeline.errors import UnreadableAnswer
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import (
    FakeSource,
    basic_data,
    changes,
    cursor,
    told,
    weekly_copy,
)
from vtj_pipeline_tests.source.products import CODES, code_list, municipality

LARGE = 5_446_623_423  # exceeds 32 bits


@pytest.mark.parametrize("value", [LARGE, str(LARGE)])
def test_cursor_of_a_day_is_read_as_number_and_as_text(
    source: FakeSource, opens: Opens, value: object
) -> None:
    source.on("kirjausavain/2026-11-05", cursor(value))
    assert opens().cursor_of_day(date(2026, 11, 5)) == LARGE
    assert source.asked[0].method == "GET"
    assert source.asked[0].body is None


def test_changes_of_a_whole_product_send_the_cursor_alone(source: FakeSource, opens: Opens) -> None:
    source.on("muutokset", changes(LARGE + 1))
    opens().changes(LARGE)
    assert source.asked[0].method == "POST"
    assert source.asked[0].headers["content-type"] == "application/json"
    assert source.bodies("muutokset") == [{"viimeisinKirjausavain": LARGE}]


def test_changes_of_a_code_list_send_cursor_and_codes(source: FakeSource, opens: Opens) -> None:
    source.on("muutokset", changes(LARGE + 1))
    opens().changes(LARGE, CODES)
    assert source.bodies("muutokset") == [
        {"viimeisinKirjausavain": LARGE, "hetulista": list(CODES)}
    ]


def test_extra_body_of_the_subscription_goes_along_with_changes(
    source: FakeSource, opens: Opens
) -> None:
    source.on("muutokset", changes(LARGE + 1))
    opens(municipality(extra_body={"tuotekoodi": "mutpT1"})).changes(LARGE)
    assert source.bodies("muutokset") == [{"viimeisinKirjausavain": LARGE, "tuotekoodi": "mutpT1"}]


@pytest.mark.parametrize("value", [LARGE, str(LARGE)])
@pytest.mark.parametrize("caught_up", [True, False])
def test_answer_with_changes_is_read_and_its_bytes_are_kept(
    source: FakeSource, opens: Opens, value: object, caught_up: bool
) -> None:
    messages = [
        {"henkilotunnus": code, "muutospv": "2026-11-05T04:38:04.394Z", "tietoryhmat": []}
        for code in CODES
    ]
    response = changes(value, messages, caught_up=caught_up)
    source.on("muutokset", response)
    before = datetime.now(UTC)
    answer = opens().changes(1)
    assert (answer.cursor_out, answer.caught_up, answer.answered) == (LARGE, caught_up, 3)
    assert (answer.purpose, answer.status, answer.extraction_date) == ("muutokset", 200, None)
    assert answer.body == response.body
    assert before <= answer.fetched_at <= datetime.now(UTC)


def test_unknown_properties_of_an_answer_are_accepted(source: FakeSource, opens: Opens) -> None:
    source.on(
        "muutokset",
        told({"viimeisinKirjausavain": 7, "muutokset": [], "ajanTasalla": True, "uusi": {"a": 1}}),
    )
    assert opens().changes(1).cursor_out == 7


def test_basic_data_send_codes_and_groups_and_leave_out_what_is_not_asked(
    source: FakeSource, opens: Opens
) -> None:
    source.on("perustiedot", basic_data(CODES[:2]))
    client = opens()
    answer = client.basic_data(CODES)
    client.basic_data(CODES, ["KOTIKUNTA"])
    assert source.bodies("perustiedot") == [
        {"hetulista": list(CODES)},
        {"hetulista": list(CODES), "tietoryhmat": ["KOTIKUNTA"]},
    ]
    assert (answer.purpose, answer.answered, answer.caught_up) == ("perustiedot", 2, True)
    assert (answer.cursor_out, answer.extraction_date) == (None, None)


def test_weekly_copy_is_asked_by_municipality_or_by_code(source: FakeSource, opens: Opens) -> None:
    source.on("perustiedot-vko", weekly_copy(CODES, "2026-11-01"))
    client = opens()
    client.weekly_copy(municipalities=["091", "297"], groups=["KOTIKUNTA", "TURVAKIELTO"])
    client.weekly_copy(codes=CODES)
    assert source.bodies("perustiedot-vko") == [
        {"kuntakoodit": ["091", "297"], "tietoryhmat": ["KOTIKUNTA", "TURVAKIELTO"]},
        {"hetulista": list(CODES)},
    ]


def test_basic_data_that_may_not_be_whole_are_taken_and_told(
    source: FakeSource, opens: Opens, caplog: pytest.LogCaptureFixture
) -> None:
    """What `ajanTasalla` false means there is not known (contract §9 #21, #22)."""
    for path in ("perustiedot", "perustiedot-vko"):
        answer = {"perustiedot": [], "ajanTasalla": True, "poimintapv": "2026-11-01"}
        source.on(path, told(answer), told({**answer, "ajanTasalla": False}))
    client = opens()
    for _ in range(2):
        client.basic_data(CODES)
        client.weekly_copy(municipalities=["297"])
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [text.split(" ", 1)[0] for text in said] == ["perustiedot", "perustiedot-vko"]
    assert "not everybody came" in said[0]
    assert not [code for code in CODES if code in caplog.text]


def test_weekly_copy_of_nobody_in_particular_is_not_asked(source: FakeSource, opens: Opens) -> None:
    with pytest.raises(ValueError, match="municipalities or codes"):
        opens().weekly_copy()
    assert source.asked == []


@pytest.mark.parametrize(
    "taken",
    ["2026-11-01", "1.11.2026", "2026-11-01T00:00:00", "2026-10-31T22:00:00.000Z"],
)
def test_poimintapv_is_read_as_a_finnish_day_however_it_is_spelt(
    source: FakeSource, opens: Opens, taken: str
) -> None:
    source.on("perustiedot-vko", weekly_copy(CODES, taken))
    answer = opens().weekly_copy(municipalities=["297"])
    assert answer.extraction_date == date(2026, 11, 1)
    assert (answer.purpose, answer.answered) == ("perustiedot-vko", 3)


@pytest.mark.parametrize("number", [0, 1001])
def test_no_code_or_more_than_1000_codes_are_not_sent(
    source: FakeSource, opens: Opens, tmp_path: Path, number: int
) -> None:
    with pytest.raises(ValueError, match="takes 1 to 1000 codes"):
        opens(code_list(tmp_path)).basic_data([CODES[0]] * number)
    assert source.asked == []


CHANGES = {"viimeisinKirjausavain": 7, "muutokset": [], "ajanTasalla": True}
COPY = {"perustiedot": [], "ajanTasalla": True, "poimintapv": "2026-11-01"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("viimeisinKirjausavain", None),
        ("viimeisinKirjausavain", True),
        ("viimeisinKirjausavain", 1.5),
        ("viimeisinKirjausavain", "seven"),
        ("viimeisinKirjausavain", -1),
        ("viimeisinKirjausavain", 2**63),
        ("muutokset", None),
        ("muutokset", {}),
        ("ajanTasalla", None),
        ("ajanTasalla", "true"),
    ],
)
def test_changes_with_a_key_of_another_kind_are_unreadable_and_the_key_is_named(
    source: FakeSource, opens: Opens, key: str, value: object
) -> None:
    source.on("muutokset", told({**CHANGES, key: value}))
    with pytest.raises(UnreadableAnswer, match=key):
        opens().changes(1)
    assert len(source.asked) == 1


@pytest.mark.parametrize("key", ["perustiedot", "ajanTasalla", "poimintapv"])
def test_weekly_copy_without_a_key_is_unreadable_and_the_key_is_named(
    source: FakeSource, opens: Opens, key: str
) -> None:
    source.on("perustiedot-vko", told({name: COPY[name] for name in COPY if name != key}))
    with pytest.raises(UnreadableAnswer, match=key):
        opens().weekly_copy(municipalities=["297"])
