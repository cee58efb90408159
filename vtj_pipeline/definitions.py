"""What Dagster loads; see `orchestration/build.py`."""

from vtj_pipeline.orchestration import build_definitions

defs = build_definitions()
