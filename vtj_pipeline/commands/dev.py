"""`vtj-pipeline dev`: Dagster's UI and daemon on the present state.

Keep out definitions.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from vtj_pipeline.commands.local_source import source_at_hand
from vtj_pipeline.commands.output import say
from vtj_pipeline.commands.run import opened
from vtj_pipeline.errors import PermanentError
from vtj_pipeline.postgres import running_database
from vtj_pipeline.settings import load_settings


def run_dev(port: int) -> None:
    """Run webserver and daemon until interrupted.

    Raises:
        PermanentError: Dagster ended by itself.
    """
    settings = load_settings()
    with running_database(settings) as database, source_at_hand(settings) as source:
        with opened(database):
            pass  # writes dagster.yaml, sets pool limits, closes abandoned runs, makes the manifest
        environment = {
            **os.environ,
            "VTJ_HOME": str(settings.home.absolute()),
            "VTJ_POSTGRES_URL": database.url,
            "VTJ_CODE_URL": settings.code_url or "local",
        }
        say(f"source: {source or 'none named'}")
        say(f"UI: http://127.0.0.1:{port} (Ctrl-C ends it)")
        process = subprocess.Popen(
            [
                sys.executable, "-m", "dagster", "dev",
                "-m", "vtj_pipeline.definitions", "-h", "127.0.0.1", "-p", str(port),
            ],
            env=environment,
            start_new_session=True,
        )  # fmt: skip
        try:
            status = process.wait()
        except KeyboardInterrupt:
            say("ending …")
            return
        finally:
            _end(process)
        msg = f"Dagster ended by itself with status {status}; its own lines above say why."
        raise PermanentError(msg)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
