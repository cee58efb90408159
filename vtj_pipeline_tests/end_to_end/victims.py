"""Processes that do a part of the work and are killed in it: `python -m …victims`.

One process imports everything and then forks a victim for each line that it reads, since Python
takes longer to start than a victim lives. Started by `test_killed_anywhere.py` alone.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.errors import VtjError
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import person_key
from vtj_pipeline.register.fold_engine import fold_engine
from vtj_pipeline_tests.conftest import DATA_KEYS
from vtj_pipeline_tests.end_to_end.scene import Scene
from vtj_pipeline_tests.properties.crashes import FragileDatabase, FragileStorage, Steps, kill

PUBLISH, SPILL = "publish", "spill"
FAILED = 3


@dataclass(frozen=True)
class Victims:
    """The process that forks them."""

    process: subprocess.Popen[str]

    def run(self, scene: Scene, work: str, **end: float | str) -> int:
        """Let a victim do a stage, or publish; returns how it ended, negative for a signal.

        Args:
            scene: Where.
            work: A stage to land, `PUBLISH`, or `SPILL`.
            end: `step=…`, the step at which it kills itself, or `seconds=…` until it is killed, or
                `largest_file=…`, the bytes at which the kernel refuses to write on, and `said=…`,
                the file for what an error says.
        """
        order = {
            "url": scene.database.url,
            "home": str(scene.home),
            "source": str(scene.client.base_url),
            "work": work,
            **end,
        }
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def victims() -> Iterator[Victims]:
    """Start the process that forks them."""
    command = [sys.executable, "-m", "vtj_pipeline_tests.end_to_end.victims"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Victims(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def fragile(scene: Scene, steps: Steps) -> Scene:
    """The same scene with a database and files that take steps."""
    return replace(
        scene,
        database=FragileDatabase(scene.database.url, steps),
        files=FragileStorage(scene.home, DATA_KEYS, steps),
    )


def do(scene: Scene, work: str) -> None:
    """Land a stage, publish, or let the fold's engine spill to its temporary files."""
    if work == PUBLISH:
        scene.publish()
    elif work == SPILL:
        with fold_engine(scene.storage, "50MB", person_key(scene.settings), CATALOGUE) as engine:
            engine.counted("select md5(i::varchar) as x from range(3000000) as t(i) order by x")
    else:
        scene.land(work)


def _live(order: dict[str, Any]) -> None:
    client = httpx.Client(base_url=order["source"])
    scene = Scene(Database(order["url"]), Path(order["home"]), client, {})
    if "step" in order:
        scene = fragile(scene, Steps(order["step"], kill))
    if "largest_file" not in order:
        do(scene, order["work"])
        return
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"], most))
    try:
        do(scene, order["work"])
    except VtjError as error:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        Path(order["said"]).write_text(f"{type(error).__name__}: {error}", "utf-8")
        raise SystemExit from None


def _ended(pid: int, seconds: float | None) -> int:
    """How a process ended, by itself or killed when its time is over."""
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        found, status = os.waitpid(pid, 0 if deadline is None else os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if deadline is not None and time.monotonic() >= deadline:
            os.kill(pid, signal.SIGKILL)
            deadline = None
        else:
            time.sleep(0.001)


def main() -> None:
    """Fork a victim for each line, and say how it ended."""
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                _live(order)
                status = 0
            except SystemExit:
                status = FAILED
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        print(_ended(pid, order.get("seconds")), flush=True)


if __name__ == "__main__":
    main()
