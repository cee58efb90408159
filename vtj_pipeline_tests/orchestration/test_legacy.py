"""Old files in Dagster: one partition a file, a sensor on their folder, the command line."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from vtj_pipeline.cli import cli
from vtj_pipeline.errors import LegacyFileError
from vtj_pipeline.orchestration.assets.legacy import legacy_asset, legacy_partitions, legacy_sensor
from vtj_pipeline.orchestration.assets.legacy_handover import handover_asset
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.legacy.records import OTHER, record
from vtj_pipeline_tests.source.products import municipality

FIRST, SECOND = "c_20170203TOWN_004.MTT", "c_20170210TOWN_005.MTT"


ALONE = Deployment(Settings(), ())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "old"
    made.mkdir()
    (made / FIRST).write_bytes(record("0031" + "1", kind="1"))
    (made / SECOND).write_bytes(record("0031" + "2", code=OTHER, kind="1"))
    (made / "notes.txt").write_text("nothing of the service's")
    return made


@pytest.fixture
def subscription(folder: Path) -> Subscription:
    return municipality().model_copy(update={"legacy_files": folder / "*"})


def test_a_file_in_the_folder_becomes_a_partition_and_lands(
    ready_database: Database, tmp_path: Path, folder: Path, subscription: Subscription
) -> None:
    settings = Settings(home=tmp_path / "home", postgres_url=ready_database.url)
    deployment = Deployment(settings, (subscription,))
    sensor = legacy_sensor(deployment, subscription)
    assert sensor is not None
    partitions = legacy_partitions(deployment, subscription).name or ""
    with dg.DagsterInstance.ephemeral() as instance:
        first = dg.build_sensor_context(instance=instance)
        assert isinstance(sensor(first), dg.SkipReason)
        tick = sensor(dg.build_sensor_context(instance=instance, cursor=first.cursor))
        assert isinstance(tick, dg.SensorResult)
        assert [one.partition_key for one in tick.run_requests or ()] == [FIRST, SECOND]
        (added,) = tick.dynamic_partitions_requests or ()
        assert (added.partitions_def_name, added.partition_keys) == (partitions, [FIRST, SECOND])
        instance.add_dynamic_partitions(partitions, [FIRST, SECOND])
        again = sensor(dg.build_sensor_context(instance=instance))
        assert isinstance(again, dg.SkipReason)
        asset = legacy_asset(deployment, subscription)
        # The later one first: order does not matter.
        for key, landed in ((SECOND, 1), (FIRST, 1), (FIRST, 0)):
            done = dg.materialize([asset], partition_key=key, instance=instance)
            (made,) = done.get_asset_materialization_events()
            assert made.partition == key
            assert made.materialization.metadata["files"].value == landed
        (folder / FIRST).unlink()
        gone = dg.materialize([asset], partition_key=FIRST, instance=instance, raise_on_error=False)
        assert not gone.success
        assert LegacyFileError.__name__ in str(gone.all_events)
        handover = dg.materialize(
            [handover_asset(deployment, subscription)], instance=instance, raise_on_error=False
        )
        assert "no baseline has landed" in str(handover.all_events)


def test_a_file_that_is_still_being_written_waits(folder: Path, subscription: Subscription) -> None:
    """Taken in half it would stand in the way of the whole one, which has the same name."""
    sensor = legacy_sensor(ALONE, subscription)
    assert sensor is not None
    with dg.DagsterInstance.ephemeral() as instance:
        first = dg.build_sensor_context(instance=instance)
        assert isinstance(sensor(first), dg.SkipReason)
        with (folder / SECOND).open("ab") as growing:
            growing.write(record("0031" + "1", kind="1"))
        second = sensor(dg.build_sensor_context(instance=instance, cursor=first.cursor))
        assert isinstance(second, dg.SensorResult)
        assert [one.partition_key for one in second.run_requests or ()] == [FIRST]
        instance.add_dynamic_partitions(legacy_partitions(ALONE, subscription).name or "", [FIRST])
        third = sensor(dg.build_sensor_context(instance=instance, cursor=second.cursor))
        assert isinstance(third, dg.SensorResult)
        assert [one.partition_key for one in third.run_requests or ()] == [SECOND]


def test_without_a_folder_there_is_no_sensor() -> None:
    assert legacy_sensor(ALONE, municipality()) is None


def test_the_command_lands_files_and_leaves_out_others(
    ready_database: Database, tmp_path: Path, folder: Path
) -> None:
    file = tmp_path / "subscriptions.toml"
    file.write_text(
        '[[subscription]]\nname = "town"\nproduct = "municipality"\nmunicipalities = ["297"]\n'
        'start_date = 2026-10-01\nbaseline = "perustiedot-vko"\n'
    )
    given = {
        "VTJ_POSTGRES_URL": ready_database.url,
        "VTJ_HOME": str(tmp_path / "h"),
        "VTJ_SUBSCRIPTIONS": str(file),
        "VTJ_API_URL": "http://127.0.0.1:9/api/v1",
        "VTJ_API_USERNAME": "somebody",
        "VTJ_API_PASSWORD": "secret",
        "VTJ_PERSON_KEY": "only-for-tests-only-for-tests-only-for-tests",
    }
    paths = [str(one) for one in sorted(folder.iterdir())]
    once = CliRunner().invoke(cli, ["run", "legacy", *paths], env=given, catch_exceptions=False)
    again = CliRunner().invoke(cli, ["run", "legacy", *paths], env=given, catch_exceptions=False)
    assert "notes.txt is not named like a change or base file" in once.output
    assert (
        "2 files landed, 0 had landed before; 2 records, 2 groups, in quarantine 0" in once.output
    )
    assert "0 files landed, 2 had landed before" in again.output
