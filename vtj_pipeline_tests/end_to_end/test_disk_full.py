"""The disk takes no more: a clear error, nothing half landed, and the same command finishes later.

In a process of its own the kernel refuses to write files on beyond a size, as it does on a full
disk, so that every library meets a real refusal (EFBIG for ENOSPC).
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from vtj_pipeline.errors import LandingError
from vtj_pipeline.landing import landed_batches, read_pages
from vtj_pipeline_tests.end_to_end.homes import identity_codes
from vtj_pipeline_tests.end_to_end.scene import Scene, Undisturbed, dropped
from vtj_pipeline_tests.end_to_end.victims import FAILED, PUBLISH, SPILL, Victims
from vtj_pipeline_tests.properties.world import differences

pytestmark = pytest.mark.slow


def _files(scene: Scene) -> set[str]:
    return {str(one.relative_to(scene.home)) for one in scene.home.rglob("*") if one.is_file()}


@pytest.mark.parametrize("stage", ["baseline", "changes", "reconciliation"])
def test_a_landing_that_finds_no_room(
    life: Undisturbed, killing: Victims, stage: str, tmp_path: Path
) -> None:
    scene = life.begin(stage, "full")
    before = _files(scene)
    said = tmp_path / "said"
    assert killing.run(scene, stage, largest_file=2_000, said=str(said)) == FAILED
    text = said.read_text("utf-8")
    assert text.startswith("LandingError: landing/area/")
    assert "full disk" in text and "start the same again" in text
    assert identity_codes(text) == []
    for batch in landed_batches(scene.database):
        read_pages(scene.storage, batch)
    assert _files(scene) == before
    drift = scene.land(stage)
    assert stage != "reconciliation" or drift == life.drift
    scene.publish()
    assert differences(life.expected[stage], scene.rows()) == {}
    dropped(scene)


def test_events_that_find_no_room(life: Undisturbed, killing: Victims, tmp_path: Path) -> None:
    scene = life.begin("changes", "full")
    stood = scene.rows()
    scene.land("changes")
    before = _files(scene)
    said = tmp_path / "said"
    assert killing.run(scene, PUBLISH, largest_file=2_000, said=str(said)) == FAILED
    text = said.read_text("utf-8")
    assert text.startswith("EventsError: The events of landing/area/change/")
    assert "disk is full" in text
    assert _files(scene) == before
    assert differences(stood, scene.rows()) == {}
    scene.publish()
    assert differences(life.expected["changes"], scene.rows()) == {}
    dropped(scene)


def test_a_fold_that_finds_no_room_for_its_temporary_files(
    life: Undisturbed, killing: Victims, tmp_path: Path
) -> None:
    scene = life.begin("changes", "full")
    said = tmp_path / "said"
    assert killing.run(scene, SPILL, largest_file=1_000_000, said=str(said)) == FAILED
    text = said.read_text("utf-8")
    assert text.startswith("RegisterError: The fold was asked to run and could not write")
    assert list(scene.storage.absolute("tmp").iterdir()) == []
    assert killing.run(scene, SPILL) == 0
    dropped(scene)


@pytest.mark.parametrize("at", [1, 3, 4])
def test_a_disk_that_is_full_when_a_file_is_synced(
    life: Undisturbed, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """A disk may take the bytes and refuse them only here; each file is synced, then its folder."""
    scene = life.begin("changes", "full")
    calls = 0

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(LandingError, match="ENOSPC"):
            scene.land("changes")
    batches = landed_batches(scene.database)
    for batch in batches:
        read_pages(scene.storage, batch)
    assert sum(batch.kind == "change" for batch in batches) == (at - 1) // 2
    assert not [one for one in _files(scene) if one.endswith(".part")]
    scene.land("changes")
    scene.publish()
    assert differences(life.expected["changes"], scene.rows()) == {}
    dropped(scene)
