"""Folders for homes whose path must be short, since PostgreSQL's socket stands below them."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

_made: list[Path] = []


def new_home() -> Path:
    """A folder short enough for sockets that PostgreSQL's own user can enter; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="v"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _made.append(folder)
    return folder / "h"


def homes_made() -> list[Path]:
    """The folders that this process has made so far."""
    return list(_made)
