"""The three sensors. Keep out what they tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.alarms import UNCONFIGURED, are_notifiers_named
from vtj_pipeline.orchestration.alarms.failed_checks import failed_checks, last_checked
from vtj_pipeline.orchestration.alarms.failed_runs import failed_runs
from vtj_pipeline.orchestration.alarms.links import Links
from vtj_pipeline.orchestration.alarms.stale_cursors import cursor_ages, stale_cursors
from vtj_pipeline.orchestration.alarms.tick import tell_in_tick
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.landing_checks import AGE

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment

RUNS, CHECKS, CURSORS = "alarms_of_runs", "alarms_of_checks", "alarms_of_cursors"
_SOON, _HOURLY = 60, 3600
Told = dg.SensorResult | dg.SkipReason


def alarm_sensors(
    deployment: Deployment,
    specs: Sequence[dg.AssetCheckSpec],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[dg.SensorDefinition]:
    """The sensors that tell people; they run by themselves where the settings say whom to tell.

    Args:
        deployment: Its settings name the notifiers.
        specs: Every check that is watched. The cursor's age is left to its own sensor, which tells
            it sooner.
        clock: What time it is.
    """
    settings = deployment.settings
    links = Links(settings.ui_url)
    repeat = timedelta(hours=settings.alarm_repeat_hours)
    watched = [spec for spec in specs if spec.name != AGE]
    is_told = are_notifiers_named(settings)
    status = dg.DefaultSensorStatus.RUNNING if is_told else dg.DefaultSensorStatus.STOPPED
    hint = "" if is_told else f" {UNCONFIGURED}"

    @dg.sensor(
        name=RUNS,
        minimum_interval_seconds=_SOON,
        default_status=status,
        description="Tells of every run that fails, whoever started it." + hint,
    )
    @guarded
    def runs(context: dg.SensorEvaluationContext) -> Told:
        due = partial(failed_runs, context.instance, clock(), links, tags=deployment.run_tags)
        return tell_in_tick(context, settings, due)

    @dg.sensor(
        name=CHECKS,
        minimum_interval_seconds=_SOON,
        default_status=status,
        description=(
            "Tells of checks that fail, of failures that stay (again after "
            f"{settings.alarm_repeat_hours:g} hours), and when they pass again." + hint
        ),
    )
    @guarded
    def checks(context: dg.SensorEvaluationContext) -> Told:
        found = last_checked(context.instance, watched)
        return tell_in_tick(
            context, settings, partial(failed_checks, found, clock(), repeat, links)
        )

    @dg.sensor(
        name=CURSORS,
        minimum_interval_seconds=_HOURLY,
        default_status=status,
        description=(
            "Tells of subscriptions whose cursor grows old, although no run fails or even starts; "
            "every morning while it stays." + hint
        ),
    )
    @guarded
    def cursors(context: dg.SensorEvaluationContext) -> Told:
        now = clock()
        ages = cursor_ages(deployment, now)
        return tell_in_tick(context, settings, partial(stale_cursors, ages, now, links))

    return [runs, checks, cursors]
