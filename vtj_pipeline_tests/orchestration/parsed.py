"""The dbt project parsed once for all tests that build definitions, which takes seconds each time.

Keep out tests of the parsing itself.
"""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from pathlib import Path

from vtj_pipeline.orchestration.assets.views import dbt_project


def share_manifest(home: Path) -> Path:
    """Give a home that is not there yet what dbt has made of the project; returns the home."""
    home.mkdir(parents=True)
    (home / "dbt").symlink_to(_parsed())
    return home


@cache
def _parsed() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="vtj")
    atexit.register(folder.cleanup)
    dbt_project(Path(folder.name))
    return Path(folder.name) / "dbt"
