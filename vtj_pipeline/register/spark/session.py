"""A session of Spark on our terms: nothing in the clear, no pages served, no secret in arguments.

Keep out what a session is asked to do (`fold.py`, `tasks.py`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any

from vtj_pipeline.errors import ClusterUnavailable, SettingsError
from vtj_pipeline.landing import scratch_folder

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from vtj_pipeline.settings import Settings

OLDEST_JAVA = 17
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_LONGEST_WAIT = 300
"""Seconds until a cluster that gives no core counts as not there."""
_MISSING = (
    "VTJ_FOLD_ENGINE is spark and pyspark is not installed. Install the extra: "
    "vtj-pipeline[spark], or unset VTJ_FOLD_ENGINE."
)
_TERMS = {
    "spark.app.name": "vtj-pipeline",
    # Its pages have no login.
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.eventLog.enabled": "false",
    # What is shuffled is encrypted by us; what Spark keeps besides, such as keys on their way to
    # the tasks, by Spark.
    "spark.io.encryption.enabled": "true",
    "spark.io.encryption.keySizeBits": "256",
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.network.crypto.authEngineVersion": "2",
    "spark.network.crypto.cipher": "AES/GCM/NoPadding",
    # What is encrypted does not shrink.
    "spark.shuffle.compress": "false",
    "spark.shuffle.spill.compress": "false",
    "spark.sql.adaptive.enabled": "false",
    # A row is a piece of a file, of up to some megabytes.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "8",
    "spark.sql.session.timeZone": "UTC",
    "spark.scheduler.minRegisteredResourcesRatio": "0.8",
}


class _Sessions:
    """The session of this process, and how many use it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.users = 0
        self.master = ""
        self.session: SparkSession | None = None
        self.folder: Any = None


_sessions = _Sessions()


@contextmanager
def spark_session(settings: Settings) -> Iterator[SparkSession]:
    """The session of this process; made for its first user and stopped after its last.

    Raises:
        SettingsError: pyspark or Java is missing, or there is a session with another master.
        ClusterUnavailable: the cluster does not answer, or gives no cores.
    """
    with _sessions.lock:
        if _sessions.session is None:
            _open(settings)
        elif _sessions.master != settings.spark_master:
            msg = (
                f"A fold on {settings.spark_master} was to begin while this process folds on "
                f"{_sessions.master}. Start it on its own."
            )
            raise SettingsError(msg)
        _sessions.users += 1
        session = _sessions.session
    assert session is not None
    try:
        yield session
    finally:
        with _sessions.lock:
            _sessions.users -= 1
            if not _sessions.users:
                _close()


def _java() -> str | None:
    """The Java that Spark would be run by; None if there is none.

    Raises:
        SettingsError: it is too old.
    """
    home = os.environ.get("JAVA_HOME")
    path = f"{home}/bin/java" if home else shutil.which("java")
    if path is None or not Path(path).is_file():
        return None
    ran = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
    found = _VERSION.search(ran.stderr)
    if found is None or int(found[1]) < OLDEST_JAVA:
        msg = f"Spark was to be run by {path}, which is older than Java {OLDEST_JAVA}. Exchange it."
        raise SettingsError(msg)
    return path


def require_spark() -> None:
    """See that Spark can be started from here.

    Raises:
        SettingsError: pyspark is missing, or Java is missing or too old.
    """
    if find_spec("pyspark") is None:
        raise SettingsError(_MISSING)
    if _java() is None:
        msg = (
            f"VTJ_FOLD_ENGINE is spark and there is no Java. Install Java {OLDEST_JAVA} or later "
            "and put it on PATH, or name its folder in JAVA_HOME."
        )
        raise SettingsError(msg)


def _open(settings: Settings) -> None:
    require_spark()
    from py4j.protocol import Py4JError  # noqa: PLC0415  # an extra
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    folder = scratch_folder((settings.home / "tmp").absolute())
    terms = {
        **_TERMS,
        "spark.master": settings.spark_master,
        "spark.local.dir": str(folder.__enter__()),
    }
    if settings.spark_is_here:
        terms |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    if settings.spark_secret is not None:
        terms["spark.authenticate.secret"] = settings.spark_secret.get_secret_value()
    conf = SparkConf(loadDefaults=False).setAll(list(terms.items()))
    try:
        context = SparkContext(gateway=_gateway(), conf=conf)
        context.setLogLevel("ERROR")
        # The workers have the same one at the same place, unless somebody says otherwise.
        context.pythonExec = os.environ.get("PYSPARK_PYTHON", sys.executable)
        _sessions.session = SparkSession(context)
        _sessions.folder = folder
        _sessions.master = settings.spark_master
        _require_cores(_sessions.session)
    except (Py4JError, RuntimeError) as error:
        _close()
        folder.__exit__(None, None, None)
        msg = (
            f"Spark was to be started with the master {settings.spark_master} and did not come up "
            f"({type(error).__name__}). See that the master runs and that VTJ_SPARK_SECRET is its."
        )
        raise ClusterUnavailable(msg) from None
    except BaseException:
        _close()
        folder.__exit__(None, None, None)
        raise


def _close() -> None:
    session, folder = _sessions.session, _sessions.folder
    _sessions.session = _sessions.folder = None
    if session is not None:
        session.stop()
    if folder is not None:
        folder.__exit__(None, None, None)


@cache
def _gateway() -> Any:
    """Java, started without any setting: arguments of processes can be read by every user."""
    launch: Any = import_module("pyspark.java_gateway").launch_gateway
    return launch()


def _require_cores(session: SparkSession) -> None:
    # A job waits for cores for ever.
    context = session.sparkContext
    gone = []

    def give_up() -> None:
        gone.append(True)
        context.cancelAllJobs()

    timer = Timer(_LONGEST_WAIT, give_up)
    timer.start()
    try:
        session.range(1).count()
    except Exception:
        if not gone:
            raise
        msg = (
            f"The cluster {context.master} was asked for cores and gave none in {_LONGEST_WAIT} "
            "seconds. See that its workers run and are free, and start the same again."
        )
        raise ClusterUnavailable(msg) from None
    finally:
        timer.cancel()
