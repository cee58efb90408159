"""With which keys the files of persons are encrypted, and how all come under the current one.

A file is exchanged whole or not at all and keeps what it holds, so that the ledger stays as it is;
what is stopped in the middle goes on where it was, since each file tells its key. Keep out how keys
are given and kept (`privacy/data_keys.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vtj_pipeline.errors import LandingDamaged, LandingError
from vtj_pipeline.landing.storage import FOLDERS

if TYPE_CHECKING:
    from vtj_pipeline.landing.report import Progress
    from vtj_pipeline.landing.storage import Storage

_AT_ONCE = 16
# Where every publication removes files.
_REPLACED = "register/"


@dataclass(frozen=True)
class Encryption:
    """The files of persons, counted by how they are encrypted.

    Attributes:
        key: Id of the current key.
        files: All of them.
        plain: Of these, files of an earlier version that are not encrypted.
        earlier_keys: Files under a key that is at hand and is not the current one.
        missing_keys: Files under a key that is not at hand: they cannot be read.
    """

    key: str
    files: int
    plain: int
    earlier_keys: int
    missing_keys: int


def encryption_of(storage: Storage) -> Encryption:
    """Count the files by their keys; only the beginning of each is read."""
    at_hand = {one.key_id for one in storage.keys.earlier}
    found = [key_id for _, key_id in _key_ids(storage)]
    current = storage.keys.current
    others = [one for one in found if one not in (None, current.key_id)]
    earlier = sum(one in at_hand for one in others)
    return Encryption(
        key=current.name,
        files=len(found),
        plain=found.count(None),
        earlier_keys=earlier,
        missing_keys=len(others) - earlier,
    )


def encrypt_anew(storage: Storage, progress: Progress) -> int:
    """Bring every file under the current key; returns how many were not.

    Raises:
        DataKeyMissing: a file's key is not at hand.
        LandingDamaged: a file was changed.
        LandingError: a file cannot be written, or another process goes on with an earlier key.
    """
    current = storage.keys.current.key_id
    for folder in FOLDERS:
        storage.remove_left_behind(folder)
    waiting = _others(storage, current)
    for done, path in enumerate(waiting):
        progress("encrypted anew", done, len(waiting))
        with _unless_gone(storage, path):
            storage.write(path, storage.read(path))
    late = len(_others(storage, current))
    if late:
        msg = (
            f"{late} files were written with an earlier key meanwhile. Restart the services with "
            "the new key before the earlier one in VTJ_DATA_KEY, and start the same again."
        )
        raise LandingError(msg)
    return len(waiting)


def _others(storage: Storage, current: bytes) -> list[str]:
    return [path for path, key_id in _key_ids(storage) if key_id != current]


def _key_ids(storage: Storage) -> list[tuple[str, bytes | None]]:
    paths = [path for folder in FOLDERS for path in storage.files(folder)]

    def key_id(path: str) -> tuple[str, bytes | None] | None:
        with _unless_gone(storage, path):
            return path, storage.key_id(path)
        return None

    # Each is a call where files stand in an object store, and little else.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [found for found in pool.map(key_id, paths) if found is not None]


@contextmanager
def _unless_gone(storage: Storage, path: str) -> Iterator[None]:
    """Pass a register file by that a run has removed meanwhile: others took its place."""
    try:
        yield
    except LandingDamaged:
        if not path.startswith(_REPLACED) or storage.exists(path):
            raise
