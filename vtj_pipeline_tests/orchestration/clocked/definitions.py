"""What the program has Dagster load, by the clock of a file."""

from __future__ import annotations

import os
from dataclasses import replace

import dagster as dg

from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.deployment import load_deployment
from vtj_pipeline_tests.orchestration.clocked.clock_file import WITHOUT_AUTOMATION, read_clock

AUTOMATION = "catch_up"


def _definitions() -> dg.Definitions:
    built = build_definitions(replace(load_deployment(), clock=read_clock))
    if WITHOUT_AUTOMATION not in os.environ:
        return built
    return dg.Definitions(
        assets=built.assets,
        asset_checks=built.asset_checks,
        jobs=built.jobs,
        schedules=built.schedules,
        sensors=[one for one in built.sensors or () if one.name != AUTOMATION],
        executor=built.executor,
    )


defs = _definitions()
