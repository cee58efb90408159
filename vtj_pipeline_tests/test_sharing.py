"""What a folder or a file makes once is made by one worker, whatever pytest and xdist are used."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from vtj_pipeline_tests.sharing import LONGEST_FIRST, ROOT, group_of

_FILES = ("sandbox/test_journal.py", "sandbox/test_identity_codes.py", "test_licences.py")
_RAN_BY = re.compile(r"^\[(gw\d+)\].* (\S+::.*)$", re.MULTILINE)


def test_no_group_is_divided_between_workers() -> None:
    pytest = (sys.executable, "-m", "pytest", "-vv", "--numprocesses=2")
    tests = Path(__file__).parent
    found = subprocess.run(
        [*pytest, *(f"{ROOT}/{file}" for file in _FILES)],
        cwd=tests.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    workers: defaultdict[str, set[str]] = defaultdict(set)
    for worker, test in _RAN_BY.findall(found):
        workers[group_of(test)].add(worker)
    assert set(workers) == {"sandbox", "test_licences.py"}
    assert {len(one) for one in workers.values()} == {1}
    assert all((tests / one).exists() for one in LONGEST_FIRST)
