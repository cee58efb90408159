"""The peers by name, and the processes that they are measured in.

Keep out the peers themselves.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from vtj_pipeline_tests.benchmarks.peers.dbt_snapshot import DbtSnapshot
from vtj_pipeline_tests.benchmarks.peers.dlt_scd2 import DltScd2
from vtj_pipeline_tests.benchmarks.peers.peer import Peer
from vtj_pipeline_tests.benchmarks.peers.rows import Load
from vtj_pipeline_tests.benchmarks.peers.upsert import Upsert

PEERS: dict[str, Peer] = {"dlt": DltScd2(), "dbt": DbtSnapshot(), "upsert": Upsert()}


def is_installed(name: str) -> bool:
    """Whether a peer can be tried; dlt comes with the group `benchmarks` alone."""
    return name != "dlt" or find_spec("dlt") is not None


def do_begin(name: str, url: str, folder: Path, load: Load) -> None:
    """A peer's first load."""
    PEERS[name].begin(url, folder, load)


def do_go_on(name: str, url: str, folder: Path, load: Load) -> None:
    """A peer's next load."""
    PEERS[name].go_on(url, folder, load)
