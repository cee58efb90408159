"""A standalone cluster of Spark: a master and workers of one core, each a process on loopback.

They know each other by a secret and encrypt what they say, as docs/spark.md has it. Keep out what
is folded on it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pyspark

SECRET = "only-for-tests-only-for-tests-only-for-tests"
_HOME = Path(pyspark.__file__).parent
_CONF = """spark.authenticate true
spark.authenticate.secret {secret}
spark.network.crypto.enabled true
spark.network.crypto.authEngineVersion 2
spark.network.crypto.cipher AES/GCM/NoPadding
spark.worker.cleanup.enabled true
"""
_LISTENS = re.compile(r"Starting Spark master at (spark://\S+)")
_REGISTERED = re.compile(r"Successfully registered with master (\S+)")


@dataclass(frozen=True)
class Worker:
    """A worker with its executors.

    Attributes:
        process: Its own.
    """

    process: psutil.Process

    def kill(self) -> None:
        """Take the whole machine away, as it were, and wait until it is gone."""
        family = [*self.process.children(recursive=True), self.process]
        for one in family:
            one.kill()
        psutil.wait_procs(family)


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs.

    Attributes:
        master: Its address.
        workers: Two.
    """

    master: str
    workers: tuple[Worker, ...]


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster whose files stand in a folder; gone at the end."""
    conf = folder / "conf"
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text(_CONF.format(secret=SECRET))
    with ExitStack() as opened:
        _, master = opened.enter_context(_running("master.Master", folder, "master", _LISTENS))
        options = ("--cores", "1", "--memory", "1g", master)
        started = [
            opened.enter_context(_running("worker.Worker", folder, name, _REGISTERED, *options))
            for name in ("one", "two")
        ]
        workers = tuple(Worker(psutil.Process(process.pid)) for process, _ in started)
        yield Cluster(master, workers)


@contextmanager
def _running(
    what: str, folder: Path, name: str, ready: re.Pattern[str], *options: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A daemon of Spark in the foreground; with what it says when it is ready."""
    own = folder / name
    own.mkdir()
    work = ["--work-dir", str(own)] if what.startswith("worker") else ["--port", "0"]
    environment = {
        **os.environ,
        "SPARK_HOME": str(_HOME),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(own),
        "SPARK_NO_DAEMONIZE": "true",
        "PYSPARK_PYTHON": sys.executable,
    }
    log = own / "log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            [
                str(_HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{what}",
                "--host", "127.0.0.1", "--webui-port", "0", *work, *options,
            ],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stderr is not None
            said = ""
            for line in process.stderr:
                sink.write(line)
                said += line
                if (found := ready.search(line)) is not None:
                    break
            else:
                msg = f"{what} did not start: {said[-2000:]}"
                raise RuntimeError(msg)
            # What it says from now on nobody reads, and it must not wait for that.
            drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=sink)
            try:
                yield process, found[1]
            finally:
                Worker(psutil.Process(process.pid)).kill() if process.poll() is None else None
                drain.wait()
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
