"""What the program has Dagster load, by the clock of a file."""

from __future__ import annotations

from dataclasses import replace

from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.deployment import load_deployment
from vtj_pipeline_tests.orchestration.clocked.clock_file import read_clock

defs = build_definitions(replace(load_deployment(), clock=read_clock))
