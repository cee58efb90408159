"""What peers get wrong is found out by running them; another version may do better, or worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.benchmarks.peers.all_peers import PEERS, is_installed
from vtj_pipeline_tests.benchmarks.peers.cases import judged

# As README and issues say it: change both together.
EXPECTED = {
    "dlt": {
        "late day": "history wrong",
        "correction": "right",
        "deletion": "wrong",
        "repeated page": "wrong",
        "two changes in a day": "history wrong",
    },
    "dbt": {
        "late day": "history wrong",
        "correction": "right",
        "deletion": "history wrong",
        "repeated page": "wrong",
        "two changes in a day": "history wrong",
    },
    "upsert": {
        "late day": "no history",
        "correction": "no history",
        "deletion": "no history",
        "repeated page": "wrong",
        "two changes in a day": "no history",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PEERS)
def test_the_hard_cases_of_a_peer(name: str, one_database: Database, tmp_path: Path) -> None:
    if not is_installed(name):
        pytest.skip("it comes with the group `benchmarks`, which CI installs")
    assert judged(PEERS[name], one_database.url, tmp_path / "cases") == EXPECTED[name]


@pytest.mark.slow
def test_a_peer_begins_anew_in_the_same_process(one_database: Database, tmp_path: Path) -> None:
    for run in ("first", "second"):
        assert judged(PEERS["upsert"], one_database.url, tmp_path / run) == EXPECTED["upsert"]
