"""All access to files of persons: in a folder of this machine, or in an object store.

Files are encrypted on their way to where they stand (`privacy/sealed.py`); plain ones of an earlier
version are read as they are. Add a file operation here when a package needs one. Keep out formats
and names of files, what a place is like (`local_files.py`, `objects.py`), and the folders of runs
(`scratch.py`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vtj_pipeline.errors import LandingDamaged
from vtj_pipeline.landing.local_files import LocalFiles, gone
from vtj_pipeline.landing.objects import object_store
from vtj_pipeline.landing.streams import SealedStream
from vtj_pipeline.privacy.data_keys import DataKeys
from vtj_pipeline.privacy.sealed import HEADER, is_sealed, key_id_of, sealed, unsealed

if TYPE_CHECKING:
    from vtj_pipeline.landing.places import Place
    from vtj_pipeline.settings import Settings

FOLDERS = ("landing", "events", "register")
"""Where files of persons stand."""


@dataclass(frozen=True)
class Storage:
    """Immutable files, addressed by relative path.

    Attributes:
        root: The folder of this machine; made on first write, readable by its owner alone.
        keys: What files are encrypted with.
        far: Where some folders' files stand instead.
        far_folders: Which folders these are.
    """

    root: Path
    keys: DataKeys
    far: Place | None = field(default=None, kw_only=True)
    far_folders: tuple[str, ...] = field(default=FOLDERS, kw_only=True)

    @property
    def where(self) -> str:
        """How messages name the place of landed files."""
        return self._place("landing").where

    @property
    def here(self) -> Storage:
        """The files of the same folders that stand on this machine, whether or not any are used."""
        return Storage(self.root, self.keys)

    @property
    def scratch(self) -> Path:
        """The folder of this machine under which runs have theirs for temporary files."""
        return (self.root / "tmp").absolute()

    def write(self, path: str, content: bytes) -> str:
        """Write a file whole or not at all, and return the SHA-256 of its content (hex).

        The hash is of the content before it is encrypted, so that keys can be exchanged while the
        ledger stays as it is.

        Raises:
            LandingError: it cannot be written: most often the disk is full.
            StoreUnavailable: the object store does not answer.
        """
        self._place(path).put(path, sealed(content, self.keys.current))
        return hashlib.sha256(content).hexdigest()

    def stream(self, temporary: Path) -> SealedStream:
        """Begin a file of this machine that is encrypted while it is written, to be adopted."""
        return SealedStream(temporary, self.keys.current)

    def adopt(self, temporary: Path, path: str) -> None:
        """Move a finished encrypted file of this machine to its final place.

        Raises:
            LandingError: as `write`.
            StoreUnavailable: as `write`.
        """
        self._place(path).adopt(temporary, path)

    def remove_left_behind(self, folder: str, *, at_once: bool = False) -> int:
        """Remove what writes whose process was killed have left; returns how many files.

        They hold personal data, and nobody else would.

        Args:
            folder: Where to look.
            at_once: Nobody is writing there: however new they are.
        """
        return self._place(folder).remove_left_behind(folder, at_once=at_once)

    def read(self, path: str, *, sha256: str | None = None) -> bytes:
        """Read what a file holds, whole.

        Raises:
            LandingDamaged: the file is missing, was changed, or its SHA-256 is not the one given.
            DataKeyMissing: the key that it is encrypted with is not at hand.
            StoreUnavailable: the object store does not answer.
        """
        place = self._place(path)
        content = place.get(path)
        if content is None:
            raise gone(path, place.where)
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
        self._place(path).remove(path)

    def files(self, folder: str) -> list[str]:
        """The finished files under a folder, in order."""
        return self._place(folder).files(folder)

    def missing(self, folder: str, paths: list[str]) -> list[str]:
        """Those of some files under a folder that are not there, in their order."""
        there = self._place(folder).heads(folder, paths) if paths else {}
        return [path for path in paths if path not in there]

    def sizes(self, folder: str, paths: list[str]) -> dict[str, int]:
        """The sizes of some files under a folder as they stand there, of those that are there."""
        heads = self._place(folder).heads(folder, paths) if paths else {}
        return {path: heads[path].size for path in paths if path in heads}

    def key_id(self, path: str) -> bytes | None:
        """The id of the key that a file is encrypted with; None: it is not encrypted."""
        header = self._place(path).get_range(path, 0, HEADER)
        return key_id_of(header) if is_sealed(header) else None

    def exists(self, path: str) -> bool:
        """Whether the file is there."""
        return self._place(path).head(path) is not None

    def absolute(self, path: str) -> Path:
        """Where a file or folder stands, of those that are on this machine."""
        return (self.root / path).absolute()

    def engine_address(self, path: str) -> str:
        """By which DuckDB reads a file (`engine.py`)."""
        return self._place(path).engine_address(path)

    def beside(self, root: Path) -> Storage:
        """A storage with the same landed files, and everything else in another folder."""
        return Storage(root, self.keys, far=self._place("landing"), far_folders=("landing",))

    def _place(self, path: str) -> Place:
        if self.far is not None and path.split("/", 1)[0] in self.far_folders:
            return self.far
        return LocalFiles(self.root)


def storage_of(settings: Settings, keys: DataKeys) -> Storage:
    """The storage of a deployment: under `VTJ_HOME`, or where `VTJ_DATA_URL` says.

    Raises:
        SettingsError: that is an object store, and the extra `s3` is not installed.
    """
    far = object_store(settings.data_url) if settings.data_url else None
    return Storage(settings.home, keys, far=far)
