"""Nothing but our own errors, and no cause of others, gets into what Dagster keeps."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from vtj_pipeline.clock import day_in_finland
from vtj_pipeline.errors import NotExpected, PermanentError, SourceRefused
from vtj_pipeline.orchestration.boundary import GUARDED, guarded
from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.orchestration.parsed import share_manifest

NAME = "Meikäläinen"


@dg.asset
@guarded
def others() -> None:
    int(NAME)


@dg.asset
@guarded
def ours() -> None:
    try:
        int(NAME)
    except ValueError as error:
        msg = "The source refused."
        raise SourceRefused(msg) from error


@dg.multi_asset(specs=[dg.AssetSpec("half_way")])
@guarded
def half_way(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    yield dg.MaterializeResult(asset_key="half_way", metadata={"run": context.run_id})
    int(NAME)


@pytest.mark.parametrize("asset", [others, ours, half_way])
def test_what_is_kept_of_a_failure_has_no_words_of_others(asset: dg.AssetsDefinition) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        done = dg.materialize([asset], instance=instance, raise_on_error=False)
        assert not done.success
        kept = "".join(event.to_json() for event in instance.all_logs(done.run_id))
    # As JSON has it, too.
    assert NAME not in kept and NAME.encode("unicode_escape").decode() not in kept
    assert ("SourceRefused: The source refused." in kept) is (asset is ours)
    assert ("that nobody expected ended the work: ValueError" in kept) is (asset is not ours)


def test_an_error_of_ours_keeps_the_cause_that_is_ours() -> None:
    @guarded
    def called() -> None:
        first = PermanentError("first")
        first.__cause__ = ValueError(NAME)
        msg = "then"
        raise SourceRefused(msg) from first

    with pytest.raises(SourceRefused) as caught:
        called()
    cause = caught.value.__cause__
    assert isinstance(cause, PermanentError)
    assert cause.__cause__ is None and cause.__context__ is None


def test_where_an_unexpected_error_was_raised_is_told() -> None:
    @guarded
    def called() -> None:
        day_in_finland(datetime.max.replace(tzinfo=UTC))

    with pytest.raises(NotExpected, match=r"OverflowError, raised below clock\.py:\d+ in day_"):
        called()


@pytest.mark.slow
def test_all_that_dagster_calls_is_guarded(tmp_path: Path) -> None:
    area = Subscription(
        name="area",
        product="municipality",
        municipalities=("153",),
        start_date="2026-10-01",
        baseline="perustiedot-vko",
    )
    home = share_manifest(tmp_path / "home")
    definitions = build_definitions(Deployment(Settings(home=home, person_key=KEY), (area,)))
    repository = definitions.get_repository_def()
    functions = [
        *(each.op.compute_fn.decorated_fn for each in _computed(definitions)),
        *(each._execution_fn.decorated_fn for each in repository.schedule_defs if _own(each)),
        *(each._raw_fn for each in repository.sensor_defs if each.name != "catch_up"),
    ]
    assert len(functions) > 15
    assert [one for one in functions if not hasattr(one, GUARDED)] == []


def _computed(definitions: dg.Definitions) -> Iterator[dg.AssetsDefinition]:
    yield from (
        each
        for each in [*(definitions.assets or ()), *(definitions.asset_checks or ())]
        if isinstance(each, dg.AssetsDefinition)
    )


def _own(schedule: dg.ScheduleDefinition) -> bool:
    return schedule.name.endswith(("_nightly", "_hourly"))
