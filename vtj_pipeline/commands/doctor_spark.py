"""The doctor's checks of the fold on Spark: is it all installed, and does its master answer.

Keep out the rest of the doctor's checks (`doctor.py`), and sessions (`register/spark/session.py`).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vtj_pipeline.commands.finding import Finding
from vtj_pipeline.errors import VtjError
from vtj_pipeline.register.spark import require_spark

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings

_CHECK = "spark"
_LONGEST_WAIT = 10


def spark_findings(settings: Settings) -> Iterator[Finding]:
    """Whether Spark can fold, where `VTJ_FOLD_ENGINE` says so."""
    if settings.fold_engine != "spark":
        return
    tried = "find pyspark and Java"
    try:
        require_spark()
    except VtjError as error:
        yield Finding(_CHECK, tried, "fail", str(error), "Install what it names.")
        return
    yield Finding(_CHECK, tried, "ok", "both are there")
    if settings.spark_is_here:
        return
    yield _master(settings.spark_master)
    if settings.data_url is None:
        yield Finding(
            _CHECK,
            "see whether the cluster reaches the events",
            "warn",
            f"they stand in {settings.home}",
            "Let every machine of the cluster see that folder at the same path, or set "
            "VTJ_DATA_URL.",
        )


def _master(address: str) -> Finding:
    tried = f"connect to {address}"
    # Masters that take turns stand with commas between.
    places = [urlsplit(f"//{one}") for one in address.removeprefix("spark://").split(",")]
    for place in places:
        try:
            found = (str(place.hostname), place.port or 7077)
            socket.create_connection(found, timeout=_LONGEST_WAIT).close()
        except OSError as error:
            failure = type(error).__name__
        else:
            return Finding(_CHECK, tried, "ok", "it listens")
    to_do = "Start the cluster's master, and let this machine reach it."
    return Finding(_CHECK, tried, "fail", failure, to_do)
