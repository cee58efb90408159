"""Folders for the temporary files of runs, which are always on this machine.

What the engine spills and what it has not handed over yet is nobody's but the run's. Keep out files
that stay (`storage.py`).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vtj_pipeline.landing.local_files import private_folder, written

_WHAT = "a folder for temporary files"


@contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """A folder for a run's temporary files, under `root`, which is made; gone at the end.

    Those of runs that were killed are removed first (`clear_scratch`).

    Raises:
        LandingError: it cannot be made.
    """
    with written(_WHAT, root), _locked(root):
        _remove_unused(root)
        folder = Path(tempfile.mkdtemp(dir=root))
        # A folder is in use as long as its process holds this, however that process ends.
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def clear_scratch(root: Path) -> None:
    """Remove the folders under `root` of runs that were killed.

    They can hold personal data, and nobody else would.

    Raises:
        LandingError: `root` cannot be made.
    """
    with written(_WHAT, root), _locked(root):
        _remove_unused(root)


def _remove_unused(root: Path) -> None:
    for left in root.iterdir():
        if left.is_dir() and not _in_use(left):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    private_folder(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _in_use(folder: Path) -> bool:
    # Another run may remove its own folder at any moment.
    with suppress(FileNotFoundError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
    return False
