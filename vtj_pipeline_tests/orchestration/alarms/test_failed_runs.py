"""Alarms of failed runs: who started them does not matter, and what they stumbled over stays in."""

from __future__ import annotations

import json
from typing import Any

import dagster as dg
import pytest

from vtj_pipeline.errors import AlarmNotSent, SourceRefused
from vtj_pipeline.orchestration.alarms.sensors import RUNS
from vtj_pipeline.orchestration.deployment import CUSTOMER_TAG
from vtj_pipeline_tests.orchestration.alarms.conftest import HOOK, UI, Watch
from vtj_pipeline_tests.source.fake_source import told

pytestmark = pytest.mark.slow

CODE, NAME = "010190-999F", "Meikäläinen"


def failing(watch: Watch, error: Exception, name: str = "towns_night", **more: Any) -> str:
    """A run that fails with an error; its id."""

    @dg.op
    def stumble() -> None:
        raise error

    @dg.job(name=name, executor_def=dg.in_process_executor)
    def job() -> None:
        stumble()

    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    result = job.execute_in_process(quiet, instance=watch.instance, raise_on_error=False, **more)
    assert not result.success
    return result.run_id


@pytest.fixture
def began(watch: Watch) -> Watch:
    """The sensor has begun: what failed before is not told."""
    assert watch.tick(RUNS) == "Nothing to tell."
    return watch


def test_our_own_error_is_told_in_its_own_words_and_once(began: Watch) -> None:
    error = SourceRefused("muutokset was asked and refused (403). Check the permit.\nsecond line")
    days = {
        "dagster/asset_partition_range_start": "2026-11-01",
        "dagster/asset_partition_range_end": "2026-11-03",
    }
    run = failing(began, error, tags=days)
    assert began.tick(RUNS) == "2 messages sent."
    assert began.subjects == ["ERROR: Run failed: towns_night"]
    [posted] = began.posted
    assert posted["what"] == "muutokset was asked and refused (403). Check the permit."
    assert posted["where"] == "job towns_night, days 2026-11-01 to 2026-11-03"
    assert (posted["run_id"], posted["link"]) == (run, f"{UI}/runs/{run}")
    assert posted["incidents"] == [f"run/{run}"]
    assert "second line" not in json.dumps(posted)
    assert began.tick(RUNS) == "Nothing to tell."
    assert began.subjects == [] == began.posted


def test_what_failed_before_anybody_was_to_be_told_is_not_told(watch: Watch) -> None:
    failing(watch, SourceRefused("x"))
    watch.tick(RUNS)
    assert watch.tick(RUNS) == "Nothing to tell."


class Impostor(Exception):
    """Of others, with a name of ours."""


Impostor.__name__ = Impostor.__qualname__ = "SourceRefused"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError(f"{CODE} {NAME}"), "ended with ValueError"),
        (Impostor(f"{CODE} {NAME}"), "ended with SourceRefused"),
        (SourceRefused(f"The person {CODE} was refused."), "person (withheld) was refused"),
    ],
)
def test_no_person_is_told_of(
    began: Watch, caplog: pytest.LogCaptureFixture, error: Exception, said: str
) -> None:
    failing(began, error, f"job_of_{CODE[-1]}")
    skipped = began.tick(RUNS)
    [message], [posted] = began.box.messages, began.posted
    assert said in posted["what"] and said in message.get_content()
    for text in (str(message), message.get_content(), json.dumps(posted, ensure_ascii=False),
                 skipped, str(began.cursor), caplog.text):  # fmt: skip
        assert CODE not in text and NAME not in text


def test_a_run_whose_process_is_gone_has_no_error_and_is_told(began: Watch) -> None:
    run = began.instance.create_run_for_job(
        dg.JobDefinition(name="gone", graph_def=dg.GraphDefinition(name="gone")),
        status="STARTED",
    )
    began.instance.report_run_failed(run, f"of {CODE}")
    began.tick(RUNS)
    [posted] = began.posted
    assert posted["what"].startswith("It ended without an error of its own")
    assert CODE not in json.dumps(posted)


def test_assets_that_somebody_chose_are_named_in_place_of_a_job(began: Watch) -> None:
    @dg.asset(key=["register", "person"])
    def person() -> None:
        raise ValueError

    definitions = dg.Definitions(assets=[person], executor=dg.in_process_executor)
    job = definitions.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=began.instance, raise_on_error=False, asset_selection=[person.key]
    )
    assert not result.success
    began.tick(RUNS)
    assert began.subjects == ["ERROR: Run failed: register/person"]


def test_runs_that_fail_in_the_same_way_are_one_alarm(began: Watch) -> None:
    for day in ("2026-11-01", "2026-11-02"):
        failing(began, SourceRefused("no"), tags={"dagster/partition": day})
    failing(began, SourceRefused("another"))
    began.tick(RUNS)
    assert began.subjects == ["ERROR: 2 runs failed: towns_night", "ERROR: Run failed: towns_night"]
    both, _ = began.posted
    assert both["where"] == "job towns_night, days 2026-11-01 to 2026-11-02"
    assert both["counts"] == {"runs": 2} and len(both["incidents"]) == 2


def test_a_run_that_dagster_starts_again_is_a_warning(began: Watch) -> None:
    run = failing(began, SourceRefused("no"))
    began.instance.add_run_tags(run, {"dagster/will_retry": "true"})
    began.tick(RUNS)
    assert began.subjects == ["WARN: Run failed: towns_night"]
    [posted] = began.posted
    assert posted["to_do"].startswith("Nothing yet")


def test_an_event_that_may_have_elders_waits(began: Watch) -> None:
    """Numbers of events are given before they can be read."""
    settled = began.now
    failing(began, SourceRefused("no"))
    began.now = settled.replace(year=2000)
    assert began.tick(RUNS) == "Nothing to tell."
    began.now = settled
    assert began.tick(RUNS) == "2 messages sent."


def test_who_cannot_be_told_is_told_at_the_next_tick_and_nobody_twice(began: Watch) -> None:
    began.server.on(HOOK, told({"virhe": CODE}, status=400))
    failing(began, SourceRefused("first"))
    said = began.tick(RUNS)
    assert "1 messages sent" in said and "webhook" in said and "answered 400" in said
    assert began.subjects == ["ERROR: Run failed: towns_night"]
    # Nothing but a failure makes the tick red.
    with pytest.raises(AlarmNotSent, match="answered 400"):
        began.tick(RUNS)
    failing(began, SourceRefused("second"))
    began.server.asked.clear()
    began.server.on(HOOK, told({}))
    began.tick(RUNS)
    assert [one["what"] for one in began.posted] == ["first", "second"]
    assert began.subjects == ["ERROR: Run failed: towns_night"]


def test_a_daemon_that_dies_before_it_remembers_tells_again(began: Watch) -> None:
    failing(began, SourceRefused("no"))
    before = began.cursor
    began.tick(RUNS)
    began.cursor = before
    began.tick(RUNS)
    first, again = began.posted
    assert first["id"] == again["id"]
    assert len(began.subjects) == 2


def test_without_anybody_to_tell_the_sensor_says_how_to_name_them(watch: Watch) -> None:
    watch.without("email", "webhook")
    assert "VTJ_ALARM_WEBHOOK_URL" in watch.tick(RUNS)


def test_a_customer_is_told_of_its_own_runs_alone(began: Watch) -> None:
    """Whom to tell stands in each one's settings, and all runs in one log."""
    began.settings = began.settings.model_copy(update={"customer": "kuopio"})
    failing(began, SourceRefused("theirs"), tags={CUSTOMER_TAG: "aura"})
    failing(began, SourceRefused("nobody's"))
    own = failing(began, SourceRefused("ours"), tags={CUSTOMER_TAG: "kuopio"})
    began.tick(RUNS)
    assert [one["run_id"] for one in began.posted] == [own]
    assert began.tick(RUNS) == "Nothing to tell."
