"""The indicators of quality: what they count of a register and a ledger, and that they name nobody.

The rules of each stand in unit tests beside the models. Here is what needs Python or the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import yaml

from vtj_pipeline.catalogue import CATALOGUE, Table
from vtj_pipeline.landing.changes import KEPT_DAYS
from vtj_pipeline.landing.proof import ERROR_DAYS, WARN_DAYS
from vtj_pipeline.register.template import render
from vtj_pipeline_tests.views.conftest import DBT, LONG_AGO, renew

if TYPE_CHECKING:
    from vtj_pipeline_tests.views.conftest import BuiltViews, Register

NOW = datetime.now(UTC)
SINCE = NOW - timedelta(days=3)
NOT_TOLD_APART = {
    "sex",
    "marital_status",
    "migration",
    "protection_order",
    "occupation",
    "other_group",
}
Made = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def made(register: Register, built_views: BuiltViews) -> Made:
    """What an indicator would tell after a build now."""

    def make(model: str) -> list[dict[str, Any]]:
        with register.connection.cursor() as cursor:
            renew(cursor, built_views.kept("scope_began", "recorded_change", "told_event"))
        return register.ask(f"select * from quality.{model}")

    return make


def test_days_are_judged_by_the_numbers_of_the_pipeline() -> None:
    told = yaml.safe_load((DBT / "dbt_project.yml").read_text("utf-8"))["vars"]
    assert (told["cursor_warn_days"], told["cursor_error_days"]) == (WARN_DAYS, ERROR_DAYS)
    assert told["cursor_kept_days"] == KEPT_DAYS


def test_nobody_is_told_from_another(register: Register) -> None:
    columns = register.ask(
        "select table_name, column_name, data_type from information_schema.columns "
        "where table_schema = 'quality'"
    )
    assert len({row["table_name"] for row in columns}) == 9
    assert {row["data_type"] for row in columns} & {"uuid", "jsonb", "ARRAY"} == set()
    texts = {row["column_name"] for row in columns if row["data_type"] == "text"}
    assert texts == {
        *("subscription", "judgement", "endpoint", "tietoryhma", "reason", "list_kind"),
        *("kind", "table_name", "column_name"),
    }


def test_a_cursor_grows_old(register: Register) -> None:
    for name, days in (("a", 0), ("b", WARN_DAYS), ("c", ERROR_DAYS)):
        register.insert(
            "proven_cursor",
            {
                "subscription": name,
                "starts_on": "2020-01-01",
                "cursor": 1,
                "reached_at": NOW - timedelta(days=days, minutes=1),
                "days_whole": 1,
                "days_behind": 0,
                "open_breaks": 0,
                "looked_at": NOW,
            },
            schema="ledger",
        )
    found = register.ask("select judgement, age_days from quality.cursor_age order by subscription")
    assert [(row["judgement"], int(row["age_days"])) for row in found] == [
        ("ok", 0),
        ("warn", WARN_DAYS),
        ("error", ERROR_DAYS),
    ]


def test_what_is_open_in_quarantine_is_what_the_pipeline_says(register: Register) -> None:
    batch = {
        "subscription": "s",
        "kind": "change",
        "unit": "all",
        "sha256": "",
        **dict.fromkeys(("bytes", "calls", "asked", "answered", "first_cursor", "last_cursor"), 0),
        "completes_partition": True,
        **dict.fromkeys(("fetched_from", "fetched_to", "landed_at"), SINCE),
        "run_id": "r",
    }
    for file in ("a", "b"):
        register.insert("landing_batch", {**batch, "file": file}, schema="ledger")
    (first, second) = register.ask("select batch_id as id from ledger.landing_batch order by 1")
    held, answered = register.person(), register.person()
    asked = {"reason": "quarantine", "recorded_at": SINCE}
    register.insert("refresh_request", {"person_id": held, **asked})
    for message, (number, person, reason) in enumerate(
        [
            (first, held, "shape"),
            (second, held, "shape"),
            (second, answered, "shape"),
            (second, None, "shape"),
            (first, None, "subject"),
        ]
    ):
        place = {"batch_id": number["id"], "page": 0, "message": message, "line": 0}
        row = {"quarantine_id": str(uuid4()), **place, "person_id": person, "reason": reason}
        register.insert("quarantine", row)
    told = register.ask(render("held_back.sql"))
    assert [(row["reason"], row["rows"], row["nobodys"]) for row in told] == [
        ("shape", 3, 1),
        ("subject", 1, 1),
    ]
    found = register.ask(
        "select reason, sum(held_rows)::int as rows, sum(messages_of_nobody)::int as nobodys "
        "from quality.open_quarantine group by reason order by reason"
    )
    assert found == told


def test_every_date_with_a_precision_has_its_row(register: Register, made: Made) -> None:
    dated = {
        (table.name, column.name.removesuffix("_precision"))
        for table in CATALOGUE.tables.values()
        for column in table.value_columns
        if column.name.endswith("_precision")
    }
    person = register.person()
    for table, date in dated:
        register.add(table, person, **{f"{date}_precision": "month"})
    found = made("partial_date")
    assert {(row["table_name"], row["column_name"]) for row in found} == dated
    assert len(found) == len(dated)
    assert {row["month_rows"] for row in found} == {1}
    assert {row["partial_rows"] for row in found} == {1}


@pytest.mark.parametrize("table", CATALOGUE.tables.values(), ids=lambda one: one.name)
def test_of_every_table_a_row_that_is_removed_or_replaced_counts(
    register: Register, made: Made, table: Table
) -> None:
    """Its first value that is text stands for its content."""
    content = next(
        column.name
        for column in table.columns
        if column.type in ("text", "date")
        and not column.name.endswith(("_precision", "_kind"))
        and not column.name.startswith("related_first")
    )
    old, new = ("2020-01-01", "2020-01-02") if content.endswith(("_date", "_on")) else ("a", "b")
    kept = {"source_group": "G", **({"valid_from": "2010-01-01"} if table.has_validity else {})}
    times = {"recorded_from": LONG_AGO, "recorded_to": SINCE}
    removed, replaced = str(uuid4()), str(uuid4())
    for person in (removed, replaced):
        register.add(table.name, person, **{content: old}, **times, **kept)
    register.add(table.name, replaced, **{content: new}, recorded_from=SINCE, **kept)
    counted = {
        row["table_name"]: (row["corrected_rows"], row["cancelled_rows"])
        for row in made("correction_rate")
    }
    assert counted == ({} if table.name in NOT_TOLD_APART else {table.name: (1, 1)})


def test_a_row_with_more_told_in_its_place_went_on(register: Register, made: Made) -> None:
    person = register.person()
    register.live(person, recorded_to=SINCE)
    register.live(person, valid_to="2026-05-01", recorded_from=SINCE)
    register.live(person, "049", "2026-05-01", recorded_from=SINCE)
    (found,) = made("correction_rate")
    assert (found["table_name"], found["recorded_rows"]) == ("home_municipality", 2)
    assert (found["corrected_rows"], found["cancelled_rows"]) == (0, 0)
    assert found["per_1000_recorded"] == 0


def test_the_baseline_is_not_late_and_what_comes_later_is(register: Register, made: Made) -> None:
    person = register.person()
    exact = {"valid_from_precision": "day"}
    register.live(person, "091", "1999-01-01", **exact)
    assert made("event_delay") == []
    register.live(person, "049", "2020-01-15", recorded_from="2020-03-01T00:00:00+00", **exact)
    (found,) = made("event_delay")
    assert (found["kind"], str(found["recorded_month"])) == ("move", "2020-03-01")
    assert (found["median_days"], found["events_above_30_days"]) == (46, 1)
