"""How the workers of pytest-xdist share the tests: what is made once stays in one worker.

xdist's own `--dist=loadgroup` tells the groups by changing the tests' names, which pytest no
longer lets it do since 9.2 (pytest-xdist issue 1386): its groups are lost without a word. Here a
test's group follows from its file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = "vtj_pipeline_tests"
# Folders whose tests share what takes long to make: each stays with one worker.
TOGETHER = ("end_to_end", "properties", "sandbox", "spark", "views")
# These take minutes: whoever began with one of them last would let the other workers wait.
LONGEST_FIRST = (
    "orchestration/test_nights.py",
    "end_to_end",
    "views",
    "spark",
    "register/test_source_agreement.py",
    "properties",
    "browser/test_operating.py",
    "mutation/test_mutation.py",
)


def group_of(nodeid: str) -> str:
    """The folder or the file, below the tests' own, with which a test stays."""
    file = PurePosixPath(nodeid.partition("::")[0]).relative_to(ROOT)
    return file.parts[0] if file.parts[0] in TOGETHER else str(file)


def longest_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The tests as a worker is to have them, each group's in their own order."""
    return sorted(items, key=lambda item: _place(group_of(item.nodeid)))


def _place(group: str) -> int:
    return LONGEST_FIRST.index(group) if group in LONGEST_FIRST else len(LONGEST_FIRST)


class TogetherScheduling(LoadScopeScheduling):
    """Gives out whole groups; the next one to the worker that is about to be done."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
