"""Rights are there after the views were built again, with or without dropping them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vtj_pipeline.privacy.roles import keep_rights
from vtj_pipeline_tests.views.cast import SETTINGS, Town
from vtj_pipeline_tests.views.conftest import run_dbt

if TYPE_CHECKING:
    from pathlib import Path

PLACES = "select last_name from protected.resident_location"


def built_again(town: Town, target: Path, *more: str) -> None:
    done = run_dbt(town.database, target, "run", "--select", "protected_resident_location", *more)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("town", ["embedded"], indirect=True)
def test_a_night_keeps_what_readers_have_and_a_new_version_is_given_it_again(
    town: Town, tmp_path: Path
) -> None:
    with town.session("withheld_here", **SETTINGS[0]) as session:
        built_again(town, tmp_path)
        assert session.ask(PLACES) == [("Hidden_here",)], "views are replaced where they stand"
        assert keep_rights(town.database) == 0
        built_again(town, tmp_path, "--full-refresh")
        assert session.is_refused(PLACES), "until rights are given nobody reads"
        assert (keep_rights(town.database) or 0) > 0
        assert session.ask(PLACES) == [("Hidden_here",)]
        assert keep_rights(town.database) == 0
