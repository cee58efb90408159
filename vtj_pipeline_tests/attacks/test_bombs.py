"""Answers that are small on their way and large when read, turned into events.

Memory is measured, never time, in a process of its own. What the client does with them stands in
`test_hostile_server.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from vtj_pipeline_tests.attacks.reader import BOMBS, SIZE

BEYOND = "a number or a list is beyond what the register can hold"
# What the engine takes for each of a bomb's bytes: most for a depth, which the client refuses.
MOST_MEMORY = 300 * SIZE


@pytest.mark.slow
def test_no_bomb_takes_the_memory_or_its_neighbour_along() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vtj_pipeline_tests.attacks.reader"],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    found = json.loads(done.stdout)
    reasons = {
        "messages that are none": "the message is not a JSON object",
        "rows that are none": "the row names no tietoryhma",
        "width": "",
        "width of a list": "",
        "one key": "",
        "one text": "",
        "depth in place of a text": "",
        "the same key": "a field stands in the row twice",
        "one name": "the row names no tietoryhma",
    }
    for name, (fault, good) in found["told"].items():
        assert good >= 1, (name, fault)
        assert fault == reasons.get(name, BEYOND), name
    assert set(found["told"]) == set(BOMBS)
    assert found["grew"] < MOST_MEMORY
