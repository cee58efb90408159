"""PostgreSQL stops in the middle of the work: the run says so, and the next one finishes it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from vtj_pipeline.errors import DatabaseUnavailable
from vtj_pipeline_tests.end_to_end.conftest import Server
from vtj_pipeline_tests.end_to_end.homes import identity_codes
from vtj_pipeline_tests.end_to_end.scene import Scene, Undisturbed, dropped
from vtj_pipeline_tests.properties.world import differences

pytestmark = pytest.mark.slow


@dataclass
class StopsServer:
    """A progress that stops the server when it is told something for the n-th time."""

    server: Server
    at: int
    told: int = 0

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Count, and stop it when it is time."""
        self.told += 1
        if self.told == self.at:
            self.server.stop()


@pytest.mark.parametrize(
    ("stage", "at"),
    [("baseline", 1), ("baseline", 5), ("changes", 1), ("changes", 6), ("reconciliation", 4)],
)
def test_a_landing_whose_server_stops_is_finished_by_the_next(
    life: Undisturbed, server: Server, stage: str, at: int
) -> None:
    scene = life.begin(stage, "stopped")
    _stop_in(server, scene, at, lambda one: one.land(stage))
    drift = scene.land(stage)
    if stage == "reconciliation":
        assert drift == life.drift
    scene.publish()
    assert differences(life.expected[stage], scene.rows()) == {}
    dropped(scene)


@pytest.mark.parametrize("at", [1, 4, 20])
def test_a_publication_whose_server_stops_is_finished_by_the_next(
    life: Undisturbed, server: Server, at: int
) -> None:
    scene = life.begin("changes", "stopped")
    stood = scene.rows()
    scene.land("changes")
    _stop_in(server, scene, at, lambda one: one.publish())
    # A reader sees all of a publication or none of it.
    assert differences(stood, scene.rows()) == {}
    scene.publish()
    assert differences(life.expected["changes"], scene.rows()) == {}
    dropped(scene)


def _stop_in(server: Server, scene: Scene, at: int, work: Callable[[Scene], object]) -> None:
    """Do the work while the server stops; it must say so and nothing else."""
    stops = StopsServer(server, at)
    server.settle()
    try:
        with pytest.raises(DatabaseUnavailable, match="PostgreSQL") as failed:
            work(replace(scene, progress=stops))
        # While it is down the same command says the same.
        with pytest.raises(DatabaseUnavailable):
            work(scene)
    finally:
        if stops.told >= at:
            server.start()
    said = "".join(traceback.format_exception(failed.value))
    assert identity_codes(said) == []
    assert "psycopg2." not in said
    assert "adbc_driver" not in said
