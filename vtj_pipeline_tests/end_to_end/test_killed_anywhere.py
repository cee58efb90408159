"""A process that is killed at any point is followed by one that finishes, with equal tables.

Each seed chooses a point: a step of the database or the storage, so that every statement and both
sides of every commit are met, or a moment, so that what happens between them is. Several seeds kill
one life, one after the other. VTJ_TEST_KILLS is the number of seeds.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from vtj_pipeline.landing import landed_batches, read_pages
from vtj_pipeline_tests.end_to_end.scene import Scene, Undisturbed, dropped
from vtj_pipeline_tests.end_to_end.victims import PUBLISH, Victims, do, fragile
from vtj_pipeline_tests.properties.crashes import Steps
from vtj_pipeline_tests.properties.world import differences

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("VTJ_TEST_KILLS", "200"))
LANDING_KILLS, PUBLICATION_KILLS = 2, 3
A_LIFE = LANDING_KILLS + PUBLICATION_KILLS
LANDED = ("changes", "baseline", "reconciliation")
KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Length:
    """How much there is of a piece of work that nobody kills."""

    steps: int
    seconds: float


Lengths = Callable[[str, str], Length]


@pytest.fixture(scope="module")
def lengths(life: Undisturbed) -> Lengths:
    """Stage, work → how long that work is."""

    @cache
    def measured(stage: str, work: str) -> Length:
        scene = life.begin(stage, "measured")
        if work == PUBLISH:
            scene.land(stage)
        steps, started = Steps(), time.monotonic()
        do(fragile(scene, steps), work)
        dropped(scene)
        return Length(steps.taken, time.monotonic() - started)

    return measured


@pytest.mark.parametrize("number", range(-(-KILLS // A_LIFE)))
def test_killed_and_started_again_equals_undisturbed(
    life: Undisturbed, killing: Victims, lengths: Lengths, number: int
) -> None:
    stage = LANDED[number % len(LANDED)]
    scene = life.begin(stage, "killed")
    stood, expected = scene.rows(), life.expected[stage]
    ends = []
    for seed in range(number * A_LIFE, number * A_LIFE + LANDING_KILLS):
        ends.append(_kill(killing, scene, stage, lengths(stage, stage), seed))
        # What came through is whole: every file that the ledger names is there and as recorded.
        for batch in landed_batches(scene.database):
            read_pages(scene.storage, batch)
    scene.land(stage)
    for seed in range(number * A_LIFE + LANDING_KILLS, (number + 1) * A_LIFE):
        ends.append(_kill(killing, scene, PUBLISH, lengths(stage, PUBLISH), seed))
        found = scene.rows()
        # A reader sees all of a publication or none of it.
        assert not differences(stood, found) or not differences(expected, found)
        stood = found
    scene.publish()
    assert differences(expected, scene.rows()) == {}
    # Temporary files can hold personal data: they end with the run after.
    assert list(scene.storage.absolute("tmp").iterdir()) == []
    assert set(ends) <= {KILLED, 0}
    assert KILLED in ends
    dropped(scene)


def _kill(killing: Victims, scene: Scene, work: str, length: Length, seed: int) -> int:
    """How a victim of this seed ended; one that had little left to do may have finished."""
    rng = random.Random(seed)
    if rng.random() < 0.5:
        return killing.run(scene, work, step=rng.randint(1, length.steps))
    return killing.run(scene, work, seconds=rng.uniform(0, length.seconds))
