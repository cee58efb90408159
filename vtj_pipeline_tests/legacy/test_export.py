"""The sandbox writes its days as old files, by its command."""

from __future__ import annotations

import tempfile
from pathlib import Path

from click.testing import CliRunner

from vtj_pipeline.cli import cli
from vtj_pipeline.legacy.files import is_service_name
from vtj_pipeline.legacy.reader import records_in
from vtj_pipeline.legacy.record import Read


def test_its_files_are_named_and_written_as_the_service_did() -> None:
    with tempfile.TemporaryDirectory() as folder:
        given = f"--folder {folder} --persons 60 --days 10 --start 2026-09-01 --activity 60"
        done = CliRunner().invoke(
            cli, ["sandbox", "export-legacy", *given.split()], catch_exceptions=False
        )
        assert done.exit_code == 0
        files = sorted(Path(folder).iterdir())
        assert [one.suffix for one in files] == [".MTT", ".MTT", ".PTT"]
        assert all(is_service_name(one.name) for one in files)
        read = Read()
        for one in files:
            content = one.read_bytes()
            assert content.endswith(b"|\r\n")
            with one.open("rb") as stream:
                assert [each.fault for each in records_in(stream, read) if each.fault] == []
        assert f"3 files with {read.records} records" in done.output
