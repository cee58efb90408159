"""Rights are there after the views were built again, with or without dropping them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vtj_pipeline.privacy.roles import keep_rights, plan_roles
from vtj_pipeline_tests.views.cast import HERE, SETTINGS, THERE, Session, Town
from vtj_pipeline_tests.views.conftest import run_dbt

if TYPE_CHECKING:
    from pathlib import Path

MOVES = "select from_municipality_code, to_municipality_code from municipality.mover"
BUILT = ("run", "--select", "municipality_mover", "protected_resident_location", "scope_began")


def built_again(town: Town, target: Path, *more: str) -> None:
    done = run_dbt(town.database, target, *BUILT, *more)
    assert done.returncode == 0, done.stdout


def sees(session: Session) -> bool:
    return session.ask(MOVES) == [(HERE, THERE)]


@pytest.mark.slow
def test_a_night_keeps_what_readers_have_and_a_new_version_is_given_it_again(
    town: Town, tmp_path: Path
) -> None:
    with town.session("here", **SETTINGS[0]) as session:
        built_again(town, tmp_path)
        assert sees(session), "views are replaced where they stand"
        assert keep_rights(town.database) == 0
        # Wellbeing areas' view of it goes too, and is of no concern here.
        built_again(town, tmp_path, "--full-refresh")
        assert session.is_refused(MOVES), "until rights are given nobody reads"
        assert (keep_rights(town.database) or 0) > 0
        assert sees(session)
        assert keep_rights(town.database) == 0
    with town.session("withheld_here", **SETTINGS[0]) as session:
        assert session.ask("select count(*) from protected.resident_location") == [(1,)]
    assert plan_roles(town.database) == []
    built = run_dbt(town.database, tmp_path, "run", "--select", "wellbeing_area_mover")
    assert built.returncode == 0, built.stdout
    keep_rights(town.database)
