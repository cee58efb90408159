"""Files in a folder of this machine, or of a disk that machines share; on `pyarrow.fs`.

A file goes to a temporary name, is synced to the disk and renamed, so that a crash leaves no half
a file under the final name. Keep out encryption (`storage.py`) and the folders of runs
(`scratch.py`).
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pyarrow import fs

from vtj_pipeline.errors import LandingDamaged, LandingError
from vtj_pipeline.landing.engine_files import engine_address
from vtj_pipeline.landing.places import Head

_PART = ".part"
# A file is written in seconds, in minutes where the disk is far away.
_LEFT_BEHIND_SECONDS = 3600


@dataclass(frozen=True)
class LocalFiles:
    """A place that is a folder.

    Attributes:
        root: The folder; made on first write, readable by its owner alone.
    """

    root: Path

    @property
    def where(self) -> str:
        """The folder."""
        return str(self.root)

    def put(self, path: str, content: bytes) -> None:
        """Write a file whole or not at all.

        Raises:
            LandingError: it cannot be written: most often the disk is full.
        """
        target = self.root / path
        temporary = target.with_name(f".{target.name}.{os.getpid()}{_PART}")
        with written(path, self.root, temporary):
            private_folder(target.parent)
            with fs.LocalFileSystem().open_output_stream(str(temporary)) as stream:
                stream.write(content)
            self._settle(temporary, target)

    def adopt(self, temporary: Path, path: str) -> None:
        """Move a finished file to its final place.

        Raises:
            LandingError: as `put`.
        """
        target = self.root / path
        with written(path, self.root, temporary):
            private_folder(target.parent)
            self._settle(temporary, target)

    def get(self, path: str) -> bytes | None:
        """What a file holds; None: it is not there."""
        target = self.root / path
        if not target.is_file():
            return None
        with fs.LocalFileSystem().open_input_file(str(target)) as stream:
            content: bytes = stream.read()
        return content

    def get_range(self, path: str, start: int, size: int, version: str = "") -> bytes:
        """Some bytes of a file; versions are not told apart.

        Raises:
            LandingDamaged: it is not there.
        """
        del version
        try:
            with (self.root / path).open("rb") as file:
                file.seek(start)
                return file.read(size)
        except FileNotFoundError:
            raise gone(path, self.where) from None

    def head(self, path: str) -> Head | None:
        """The size of a file; None: it is not there."""
        target = self.root / path
        return Head(target.stat().st_size) if target.is_file() else None

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        target = self.root / path
        target.unlink(missing_ok=True)
        if target.parent.is_dir():
            self._sync(target.parent)

    def files(self, folder: str) -> list[str]:
        """The finished files under a folder, in order."""
        found = (self.root / folder).rglob("*")
        return sorted(
            str(one.relative_to(self.root))
            for one in found
            if one.is_file() and not one.name.startswith(".")
        )

    def heads(self, folder: str, paths: list[str]) -> dict[str, Head]:
        """What is known of those of these files that are there."""
        del folder
        return {path: head for path in paths if (head := self.head(path)) is not None}

    def remove_left_behind(self, folder: str, *, at_once: bool) -> int:
        """Remove the temporary files of writes whose process was killed; returns how many.

        Which process wrote one cannot be asked where machines share the folder: one that nothing
        has been added to for so long is nobody's.
        """
        removed = 0
        for left in (self.root / folder).rglob(f".*{_PART}"):
            # Another run may rename or remove it at any moment.
            with suppress(OSError):
                if at_once or time.time() - left.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                    left.unlink()
                    removed += 1
        return removed

    def engine_address(self, path: str) -> str:
        """By which DuckDB reads a file (`engine_files.py`)."""
        return engine_address((self.root / path).absolute())

    def _settle(self, temporary: Path, target: Path) -> None:
        self._sync(temporary)
        temporary.chmod(0o600)
        temporary.replace(target)
        self._sync(target.parent)

    @staticmethod
    def _sync(path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def private_folder(path: Path) -> None:
    """Make a folder, and those above it that are not there, for their owner alone."""
    for one in (*reversed(path.parents), path):
        if not one.exists():
            one.mkdir(mode=0o700, exist_ok=True)


def gone(path: str, where: str) -> LandingDamaged:
    """The error for a file that was to be there and is not."""
    return LandingDamaged(
        f"The ledger names {path}, and {where} does not have it. Restore the file from "
        "a backup; nothing was changed."
    )


@contextmanager
def written(what: str, root: Path, temporary: Path | None = None) -> Iterator[None]:
    """Say in our words that something cannot be written, and leave nothing half written.

    Raises:
        LandingError: in the place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
        kind = errno.errorcode.get(error.errno or 0, type(error).__name__)
        msg = (
            f"{what} was to be written under {root} and could not be ({kind}; ENOSPC is a full "
            "disk). Make room or give the right to write, and start the same again; nothing was "
            "changed."
        )
        raise LandingError(msg) from error
