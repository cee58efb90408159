"""What every landing does before it asks the source for anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vtj_pipeline.orchestration.assets.landing import source_of
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.source.products import PASSWORD, USERNAME, municipality


def test_what_a_killed_landing_left_half_written_is_removed_by_the_next_one(
    ready_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VTJ_API_USERNAME", USERNAME)
    monkeypatch.setenv("VTJ_API_PASSWORD", PASSWORD)
    settings = Settings(
        home=tmp_path, postgres_url=ready_database.url, api_url="http://127.0.0.1:9/api/v1"
    )
    towns = municipality()
    deployment = Deployment(settings, (towns,))
    left = deployment.storage.root / f"landing/{towns.name}/change/2026-11-05/.all.parquet.1.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    with source_of(deployment, towns, "change", "test"):
        assert not left.exists()
