"""The doctor on an object store: it can be used, keeps no versions, and nothing is left here."""

from __future__ import annotations

import pytest

from vtj_pipeline.commands.doctor_objects import object_findings
from vtj_pipeline.landing import Storage
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import DATA_KEYS
from vtj_pipeline_tests.objects.store import BUCKET, READER, READER_SECRET, SECRET, Store

VERSIONED = "vtj-versioned"


def found(settings: Settings) -> dict[str, tuple[str, str]]:
    lines = {}
    for one in object_findings(settings):
        assert one.tried and one.found and (one.to_do or one.result == "ok")
        for secret in (SECRET, READER, READER_SECRET):
            assert secret not in str(one)
        lines[one.check] = one.result, f"{one.tried} {one.found} {one.to_do}"
    return lines


def results(settings: Settings) -> dict[str, str]:
    return {check: result for check, (result, _) in found(settings).items()}


def test_where_there_is_no_store_nothing_is_said(settings: Settings) -> None:
    assert found(settings) == {}


def test_a_store_that_does_all_is_ok_and_is_left_as_it_was(
    far_settings: Settings, far: Storage, store: Store
) -> None:
    assert results(far_settings) == dict.fromkeys(
        ("object store", "object versions", "local files"), "ok"
    )
    assert f"{far.where} at http://127.0.0.1:" in found(far_settings)["object store"][1]
    client = store.client()
    prefix = f"{far.where.removeprefix(f's3://{BUCKET}/')}/doctor"
    assert "Contents" not in client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)


def test_a_bucket_that_keeps_versions_is_told(far_settings: Settings, store: Store) -> None:
    client = store.client()
    client.create_bucket(Bucket=VERSIONED)
    client.put_bucket_versioning(Bucket=VERSIONED, VersioningConfiguration={"Status": "Enabled"})
    settings = far_settings.model_copy(update={"data_url": f"s3://{VERSIONED}"})
    result, said = found(settings)["object versions"]
    assert result == "warn" and "erased persons are still there" in said
    assert results(settings)["object store"] == "ok"


def test_what_may_not_be_written_fails(
    far_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", READER_SECRET)
    result, said = found(far_settings)["object store"]
    assert result == "fail" and "AccessDenied" in said and "AWS_ACCESS_KEY_ID" in said


def test_files_that_stayed_under_the_home_are_told(far_settings: Settings) -> None:
    Storage(far_settings.home, DATA_KEYS).write("landing/x/one.parquet", b"left")
    result, said = found(far_settings)["local files"]
    assert result == "warn" and "1 files" in said and "Nothing reads or erases them" in said
