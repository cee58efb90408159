"""Which clusters are taken, and what the doctor says of one."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from vtj_pipeline.commands.doctor_spark import spark_findings
from vtj_pipeline.errors import SettingsError
from vtj_pipeline.register.spark import require_spark
from vtj_pipeline.settings import Settings, load_settings

SECRET = "only-for-tests-only-for-tests-only-for-tests"
CLUSTER = {
    "VTJ_FOLD_ENGINE": "spark",
    "VTJ_SPARK_MASTER": "spark://127.0.0.1:7077",
    "VTJ_SPARK_SECRET": SECRET,
    "VTJ_POSTGRES_URL": "postgresql://127.0.0.1/vtj",
}


def loaded(monkeypatch: pytest.MonkeyPatch, **changed: str) -> Settings:
    for name, value in {**CLUSTER, **changed}.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_a_cluster_is_taken_with_a_secret_and_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch)
    assert not settings.spark_is_here
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"VTJ_SPARK_MASTER": "sc://127.0.0.1"}, "Spark Connect is not supported"),
        ({"VTJ_SPARK_MASTER": "yarn"}, "must be spark://host:port"),
        ({"VTJ_SPARK_MASTER": "local[0]"}, "must be spark://host:port"),
        ({"VTJ_SPARK_SECRET": "short"}, "at least 32 characters"),
        ({"VTJ_SPARK_SECRET": ""}, "VTJ_SPARK_SECRET is not set"),
        ({"VTJ_POSTGRES_URL": ""}, "no cluster reaches the embedded PostgreSQL"),
    ],
)
def test_what_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        loaded(monkeypatch, **changed)
    assert SECRET not in str(refused.value)


def test_without_java_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(SettingsError, match="there is no Java"):
        require_spark()
    [found] = spark_findings(settings.model_copy(update={"fold_engine": "spark"}))
    assert (found.result, "there is no Java" in found.found) == ("fail", True)


def test_an_old_java_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SettingsError, match="older than Java 17"):
        require_spark()


def test_the_doctor_asks_whether_the_master_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"spark://127.0.0.1:{server.getsockname()[1]}"
        settings = loaded(monkeypatch, VTJ_SPARK_MASTER=address)
        found = list(spark_findings(settings))
    assert [one.result for one in found] == ["ok", "ok", "warn"]
    assert "VTJ_DATA_URL" in found[2].to_do
    found = list(spark_findings(settings))
    assert [one.result for one in found] == ["ok", "fail", "warn"]


def test_the_doctor_says_nothing_where_spark_does_not_fold(settings: Settings) -> None:
    assert list(spark_findings(settings)) == []
