"""All access to files, on `pyarrow.fs`: local today, an object store by a setting later.

Files are encrypted on their way to the disk (`privacy/sealed.py`); plain ones of an earlier version
are read as they are. Add a file operation here when a package needs one. Keep out formats and names
of files, and DuckDB's way to them (`engine_files.py`).
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pyarrow import fs

from vtj_pipeline.errors import LandingDamaged, LandingError
from vtj_pipeline.landing.engine_files import engine_address
from vtj_pipeline.privacy.data_keys import DataKeys
from vtj_pipeline.privacy.sealed import HEADER, is_sealed, key_id_of, sealed, unsealed

_PART = ".part"
# A file is written in seconds, in minutes where the disk is far away.
_LEFT_BEHIND_SECONDS = 3600


@dataclass(frozen=True)
class Storage:
    """A folder of immutable files, addressed by relative path.

    Attributes:
        root: The folder; made on first write, readable by its owner alone.
        keys: What files are encrypted with.
    """

    root: Path
    keys: DataKeys

    def write(self, path: str, content: bytes) -> str:
        """Write a file whole or not at all, and return the SHA-256 of its content (hex).

        The hash is of the content before it is encrypted, so that keys can be exchanged while the
        ledger stays as it is.

        The bytes go to a temporary name, are synced to the disk and renamed, so that a crash
        leaves no half a file under the final name.

        Raises:
            LandingError: it cannot be written: most often the disk is full.
        """
        target = self.root / path
        temporary = target.with_name(f".{target.name}.{os.getpid()}{_PART}")
        with _written(path, self.root, temporary):
            private_folder(target.parent)
            with fs.LocalFileSystem().open_output_stream(str(temporary)) as stream:
                stream.write(sealed(content, self.keys.current))
            self._settle(temporary, target)
        return hashlib.sha256(content).hexdigest()

    def adopt(self, temporary: Path, path: str) -> None:
        """Move a finished file that the engine wrote to its final place.

        Raises:
            LandingError: as `write`.
        """
        target = self.root / path
        with _written(path, self.root, temporary):
            private_folder(target.parent)
            self._settle(temporary, target)

    def remove_left_behind(self, folder: str, *, at_once: bool = False) -> int:
        """Remove the temporary files of writes whose process was killed; returns how many.

        They hold personal data, and nobody else would. Which process wrote one cannot be asked
        where machines share the folder: one that nothing has been added to for so long is nobody's.

        Args:
            folder: Where to look.
            at_once: Nobody is writing there: however new they are.
        """
        removed = 0
        for left in (self.root / folder).rglob(f".*{_PART}"):
            # Another run may rename or remove it at any moment.
            with suppress(OSError):
                if at_once or time.time() - left.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                    left.unlink()
                    removed += 1
        return removed

    def read(self, path: str, *, sha256: str | None = None) -> bytes:
        """Read what a file holds, whole.

        Raises:
            LandingDamaged: the file is missing, was changed, or its SHA-256 is not the one given.
            DataKeyMissing: the key that it is encrypted with is not at hand.
        """
        target = self.root / path
        if not target.is_file():
            msg = (
                f"The ledger names {path}, and {self.root} does not have it. Restore the file from "
                "a backup; nothing was changed."
            )
            raise LandingDamaged(msg)
        with fs.LocalFileSystem().open_input_file(str(target)) as stream:
            content: bytes = stream.read()
        if is_sealed(content):
            content = unsealed(content, self.keys, path)
        if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
            msg = (
                f"{path} is not the file that the ledger recorded: its SHA-256 differs. Restore it "
                "from a backup; nothing was changed."
            )
            raise LandingDamaged(msg)
        return content

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

    def key_id(self, path: str) -> bytes | None:
        """The id of the key that a file is encrypted with; None: it is not encrypted."""
        with (self.root / path).open("rb") as file:
            header = file.read(HEADER)
        return key_id_of(header) if is_sealed(header) else None

    def exists(self, path: str) -> bool:
        """Whether the file is there."""
        return (self.root / path).is_file()

    def absolute(self, path: str) -> Path:
        """Where a file or folder stands."""
        return (self.root / path).absolute()

    def engine_address(self, path: str) -> str:
        """By which DuckDB reads a file (`engine.py`)."""
        return engine_address(self.absolute(path))

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


@contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """A folder for a run's temporary files, under `root`, which is made; gone at the end.

    Those of runs that were killed are removed first (`clear_scratch`).

    Raises:
        LandingError: it cannot be made.
    """
    with _written("a folder for temporary files", root), _locked(root):
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
    with _written("a folder for temporary files", root), _locked(root):
        _remove_unused(root)


def _remove_unused(root: Path) -> None:
    for left in root.iterdir():
        if left.is_dir() and not _in_use(left):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _written(what: str, root: Path, temporary: Path | None = None) -> Iterator[None]:
    """Say in our words that something cannot be written, and leave nothing half written."""
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
