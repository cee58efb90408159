"""Publishes what has landed, as a process of its own: a process has one Spark at most.

`python -m vtj_pipeline_tests.spark.publisher`, with the settings in the environment; prints the
report.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import storage_of
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import data_keys
from vtj_pipeline.register import publish_pending
from vtj_pipeline.settings import load_settings


def main() -> None:
    settings = load_settings()
    assert settings.postgres_url is not None
    database = Database.of(settings.postgres_url)
    storage = storage_of(settings, data_keys(settings))
    extract_events(database, storage, settings)
    scope = {"test": ("297", "091")}
    report = publish_pending(database, storage, settings, scope, run_id="test")
    print(json.dumps(asdict(report)))


if __name__ == "__main__":
    main()
