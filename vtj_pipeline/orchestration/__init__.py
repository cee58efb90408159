"""Dagster's side of the program: assets, jobs, schedules, the instance. All that imports dagster.

Add what a person sees in the Dagster UI. Keep out rules of the source and of the register: an
asset calls one function of another package and reports what it returned.
"""

from vtj_pipeline.orchestration.build import build_definitions

__all__ = ["build_definitions"]
