"""Files of a place as DuckDB sees them: any part of one is fetched alone, and kept for a while.

DuckDB reads the end of a Parquet file, and then the columns that it needs. Encrypted files are in
segments, so that it is given those without the rest (`privacy/sealed.py`). Keep out what is
written, which goes through the engine's own folder (`engine_files.py`).
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from fsspec import AbstractFileSystem

from vtj_pipeline.landing.engine_files import Handle
from vtj_pipeline.landing.local_files import gone
from vtj_pipeline.privacy.sealed import MAGIC, SealedReader, is_sealed

if TYPE_CHECKING:
    from vtj_pipeline.landing.places import Head, Place
    from vtj_pipeline.privacy import DataKeys

PLACE = "vtjplace"
BLOCK = 1024 * 1024
_KEPT_BLOCKS = 64
_MOST_AT_ONCE = 8
# events/, and the version that made them.
_VERSION_PARTS = 2


def place_address(path: str) -> str:
    """By which DuckDB reads a file of a place."""
    return f"{PLACE}://{path}"


class PlaceFiles(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The files of a place, for reading; names are taken as they are, without patterns."""

    protocol = PLACE
    cachable = False

    def __init__(self, place: Place, keys: DataKeys) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self._keys = keys
        self._place = place
        self._kept = KeptBlocks(place)
        # A file does not change while a run reads it, or else the store says so.
        self._heads: dict[str, Head] = {}
        self._listed: set[str] = set()

    def glob(self, path: str, **_: Any) -> list[str]:
        """The file of that name, if it is there."""
        return [path] if self._head(path) else []

    def exists(self, path: str, **_: Any) -> bool:
        """Whether the file is there."""
        return self._head(path) is not None

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Size and kind of a file."""
        return {"name": path, "size": self._there(path).size, "type": "file"}

    def size(self, path: str) -> int:
        """The size of what a file holds."""
        with self.open(path) as file:
            return int(file.size)

    def modified(self, path: str) -> datetime:
        """Always the same: a name stands for one content."""
        del path
        return datetime.fromtimestamp(0, UTC)

    def open(self, path: str, mode: str = "rb", **_: Any) -> Any:
        """Open a file; a failure is remembered, since the engine tells it in words of its own."""
        assert mode == "rb", "what the engine writes goes through its own folder"
        try:
            return _Reading(self, _plain(path), self._there(path), self._kept, self._keys)
        except Exception as error:
            self.failure = error
            raise

    def _there(self, path: str) -> Head:
        head = self._head(path)
        if head is None:
            raise gone(_plain(path), self._place.where)
        return head

    def _head(self, path: str) -> Head | None:
        plain = _plain(path)
        try:
            if plain not in self._heads:
                # A fold reads most files of a version: they are asked for together, and once.
                version = "/".join(plain.split("/")[:_VERSION_PARTS])
                if version not in self._listed:
                    self._heads |= self._place.heads(version, [])
                    self._listed.add(version)
            if plain not in self._heads and (found := self._place.head(plain)) is not None:
                self._heads[plain] = found
        except Exception as error:
            self.failure = error
            raise
        return self._heads.get(plain)


class KeptBlocks:
    """Parts of a place's files, the last ones of which are kept in memory; threads may share it."""

    def __init__(self, place: Place, most: int = _KEPT_BLOCKS) -> None:
        self._place = place
        self._most = most
        self._blocks: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()
        self._lock = Lock()

    def read(self, path: str, head: Head, start: int, size: int) -> bytes:
        """Some bytes of a file, or as many as there are."""
        size = max(0, min(size, head.size - start))
        if not size:
            return b""
        first, last = start // BLOCK, (start + size - 1) // BLOCK
        found: dict[int, bytes] = {}
        with self._lock:
            for number in range(first, last + 1):
                name = path, head.version, number
                if name in self._blocks:
                    self._blocks.move_to_end(name)
                    found[number] = self._blocks[name]
        for begin, count in _runs([n for n in range(first, last + 1) if n not in found]):
            content = self._place.get_range(path, begin * BLOCK, count * BLOCK, head.version)
            for place in range(count):
                found[begin + place] = content[place * BLOCK : (place + 1) * BLOCK]
                self._keep((path, head.version, begin + place), found[begin + place])
        whole = b"".join(found[number] for number in range(first, last + 1))
        return whole[start - first * BLOCK :][:size]

    def _keep(self, name: tuple[str, str, int], content: bytes) -> None:
        with self._lock:
            self._blocks[name] = content
            while len(self._blocks) > self._most:
                self._blocks.popitem(last=False)


class _Reading(Handle):
    def __init__(
        self, files: PlaceFiles, path: str, head: Head, kept: KeptBlocks, keys: DataKeys
    ) -> None:
        super().__init__(files)
        self._path = path
        self._head = head
        self._kept = kept
        begins = self._read_at(0, len(MAGIC))
        self._sealed = (
            SealedReader(self._read_at, head.size, keys, path) if is_sealed(begins) else None
        )

    @property
    def size(self) -> int:
        return self._sealed.size if self._sealed else self._head.size

    def _read(self, start: int, size: int) -> bytes:
        return self._sealed.read(start, size) if self._sealed else self._read_at(start, size)

    def _read_at(self, start: int, size: int) -> bytes:
        return self._kept.read(self._path, self._head, start, size)

    def close(self) -> None:
        """Nothing is held: parts are fetched one by one."""


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Blocks that follow each other, to be fetched in one request: the first, and how many."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][0] + runs[-1][1] == number and runs[-1][1] < _MOST_AT_ONCE:
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        else:
            runs.append((number, 1))
    return runs


def _plain(path: str) -> str:
    return path.removeprefix(f"{PLACE}://")
