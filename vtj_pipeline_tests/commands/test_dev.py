"""`vtj-pipeline dev` before it starts anything; see `test_backfill.py` and `browser/` for more."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from vtj_pipeline.commands.dev import run_dev
from vtj_pipeline.errors import PermanentError


def test_a_taken_port_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VTJ_HOME", str(tmp_path / "home"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(PermanentError, match=rf"port {port} .* in use\. .*--port"):
            run_dev(port)
    assert not (tmp_path / "home").exists()
