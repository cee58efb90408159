"""Files for their owner's eyes alone, such as keys: made once, or replaced whole.

Keep out what stands in them and what is done with it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make_once(path: Path, secret: str) -> None:
    """Write a secret where there is none; of processes that start together one wins."""
    temporary = _written(path, secret)
    # A link, not a rename: it does not replace what another process has made meanwhile.
    with suppress(FileExistsError):
        os.link(temporary, path)
    temporary.unlink()


def replace_file(path: Path, secret: str) -> None:
    """Write a secret in the place of another, whole or not at all."""
    temporary = _written(path, secret)
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _written(path: Path, secret: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret)
        file.flush()
        os.fsync(descriptor)
    return temporary
