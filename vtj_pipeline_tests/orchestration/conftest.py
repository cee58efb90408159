"""What every test of definitions needs: dbt's manifest, made once.

Making it takes seconds, and it is the same in every home.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from vtj_pipeline.orchestration.assets import views
from vtj_pipeline.orchestration.dbt_process import DbtProject

_made = views.dbt_project


@pytest.fixture(scope="session")
def manifest_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(_made(tmp_path_factory.mktemp("parsed")).target_path)


@pytest.fixture(autouse=True)
def manifest_is_there(manifest_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home without a manifest gets a copy of the one that was made."""

    def with_copy(home: Path) -> DbtProject:
        target = home.absolute() / "dbt" / manifest_folder.name
        if not target.exists():
            shutil.copytree(manifest_folder, target)
        return _made(home)

    monkeypatch.setattr(views, "dbt_project", with_copy)
