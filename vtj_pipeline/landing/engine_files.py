"""Encrypted files as DuckDB sees them: by addresses of their own, read and written in place.

DuckDB's wheel writes no encrypted Parquet (its own random numbers are not made for keys, and the
extension with others would have to be downloaded), and it does not read what pyarrow encrypts. So
its files go through these two file systems, and plain text is never on the disk: `vtj://` for
files that stay, by the deployment's keys, `vtjtmp://` for what the engine spills, by a key that
only this process ever has. Keep out the formats (`privacy/sealed.py`) and statements.
"""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from io import SEEK_CUR, SEEK_END, SEEK_SET, FileIO
from itertools import count
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fsspec import AbstractFileSystem

from vtj_pipeline.privacy.sealed import MAGIC, SealedReader, SealedWriter, is_sealed

if TYPE_CHECKING:
    from vtj_pipeline.privacy import DataKey, DataKeys

STAYS, SPILLS = "vtj", "vtjtmp"


def engine_address(path: Path) -> str:
    """By which DuckDB reads and writes an encrypted file."""
    return f"{STAYS}://{path}"


class _Files(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Local files under addresses of a protocol; names are taken as they are, without patterns."""

    cachable = False

    def __init__(self) -> None:
        super().__init__()
        self.failure: Exception | None = None

    def glob(self, path: str, **_: Any) -> list[str]:
        """The file of that name, if it is there."""
        plain = self._plain(path)
        return [str(plain)] if plain.is_file() else []

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Size, time and kind of a file."""
        plain = self._plain(path)
        found = plain.stat()
        kind = "directory" if plain.is_dir() else "file"
        return {"name": str(plain), "size": found.st_size, "type": kind}

    def modified(self, path: str) -> datetime:
        """When a file was last written."""
        return datetime.fromtimestamp(self._plain(path).stat().st_mtime, UTC)

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:  # as the base class
        """What a folder holds."""
        found = [self.info(str(one)) for one in self._plain(path).iterdir()]
        return found if detail else [one["name"] for one in found]

    def rm_file(self, path: str) -> None:
        """Remove a file."""
        self._plain(path).unlink()

    def mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        """Make a folder for its owner alone."""
        self._plain(path).mkdir(mode=0o700, parents=create_parents, exist_ok=True)

    def open(self, path: str, mode: str = "rb", **_: Any) -> Any:
        """Open a file; a failure is remembered, since the engine tells it in words of its own."""
        try:
            return self._opened(self._plain(path), mode)
        except Exception as error:
            self.failure = error
            raise

    def _opened(self, path: Path, mode: str) -> Any:
        raise NotImplementedError

    def _plain(self, path: str) -> Path:
        return Path(path.removeprefix(f"{self.protocol}://"))


class SealedFiles(_Files):
    """Files that stay, encrypted with the deployment's keys; plain ones are read as they are."""

    protocol = STAYS

    def __init__(self, keys: DataKeys) -> None:
        super().__init__()
        self._keys = keys

    def size(self, path: str) -> int:
        """The size of what a file holds."""
        with self.open(path) as file:
            return int(file.size)

    def _opened(self, path: Path, mode: str) -> Any:
        if mode == "rb":
            return _Reading(self, path.open("rb", buffering=0), self._keys, path.name)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        return _Writing(self, os.fdopen(descriptor, "wb"), self._keys.current)


class SpillFiles(_Files):
    """The engine's temporary files, encrypted block by block with a key that is never written."""

    protocol = SPILLS

    def __init__(self) -> None:
        super().__init__()
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._numbers = count()
        self._tags: dict[Path, dict[int, tuple[bytes, bytes]]] = defaultdict(dict)

    def touch(self, path: str, truncate: bool = True, **_: Any) -> None:
        """Make an empty file."""
        del truncate
        self._plain(path).touch(0o600)

    def rm_file(self, path: str) -> None:
        """Remove a file."""
        self._tags.pop(self._plain(path), None)
        super().rm_file(path)

    def seal(self, path: Path, at: int, content: bytes) -> bytes:
        """A block as it stands on the disk, of the same length; its tag is kept here."""
        nonce = next(self._numbers).to_bytes(12, "big")
        sealed = self._cipher.encrypt(nonce, content, None)
        self._tags[path][at] = nonce, sealed[-16:]
        return sealed[:-16]

    def unseal(self, path: Path, at: int, sealed: bytes) -> bytes:
        """A block as the engine wrote it."""
        nonce, tag = self._tags[path][at]
        return self._cipher.decrypt(nonce, sealed + tag, None)

    def _opened(self, path: Path, mode: str) -> Any:
        flags = os.O_RDWR | os.O_CREAT | (os.O_TRUNC if mode.startswith("w") else 0)
        return _Blocks(self, path, os.open(path, flags, 0o600))


class Remembers(Protocol):
    """A file system that keeps what went wrong with a file of its."""

    failure: Exception | None


class Handle:
    """An open file with a place of its own for each thread: threads share what DuckDB opens."""

    def __init__(self, files: Remembers) -> None:
        self._files = files
        self._mine = local()

    @property
    def size(self) -> int:
        """Of what the file holds."""
        raise NotImplementedError

    @property
    def place(self) -> int:
        """Where this thread reads or writes next."""
        return int(getattr(self._mine, "place", 0))

    def seek(self, to: int, whence: int = SEEK_SET) -> int:
        """Go to a place; returns it."""
        base = {SEEK_SET: 0, SEEK_CUR: self.place, SEEK_END: self.size}[whence]
        self._mine.place = base + to
        return base + to

    def tell(self) -> int:
        """Where this thread is."""
        return self.place

    def read(self, size: int = -1) -> bytes:
        """Some bytes from where this thread is; all that follow if the size is negative."""
        try:
            found = self._read(self.place, self.size - self.place if size < 0 else size)
        except Exception as error:
            self._files.failure = error
            raise
        self._mine.place = self.place + len(found)
        return found

    def write(self, content: bytes) -> int:
        """Write where this thread is; returns how many bytes."""
        try:
            self._write(self.place, content)
        except Exception as error:
            self._files.failure = error
            raise
        self._mine.place = self.place + len(content)
        return len(content)

    def flush(self) -> None:
        """Nothing waits but the last segment, which goes when the file is closed."""

    def close(self) -> None:
        """Let go of the file."""
        raise NotImplementedError

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, start: int, size: int) -> bytes:
        raise NotImplementedError

    def _write(self, start: int, content: bytes) -> None:
        raise NotImplementedError


class _Reading(Handle):
    def __init__(self, files: _Files, file: FileIO, keys: DataKeys, name: str) -> None:
        super().__init__(files)
        self._file = file
        self._length = os.fstat(file.fileno()).st_size
        # Nothing that knows this handle is kept by it: it ends as soon as it is let go of.
        self._read_at = partial(_read_at, file)
        begins = self._read_at(0, len(MAGIC))
        self._sealed = (
            SealedReader(self._read_at, self._length, keys, name) if is_sealed(begins) else None
        )

    @property
    def size(self) -> int:
        return self._sealed.size if self._sealed else self._length

    def _read(self, start: int, size: int) -> bytes:
        return self._sealed.read(start, size) if self._sealed else self._read_at(start, size)

    def close(self) -> None:
        self._file.close()

    def __del__(self) -> None:
        # The engine lets go of what it has read without closing it.
        self.close()


def _read_at(file: FileIO, start: int, size: int) -> bytes:
    return os.pread(file.fileno(), size, start)


class _Writing(Handle):
    def __init__(self, files: _Files, file: BinaryIO, key: DataKey) -> None:
        super().__init__(files)
        self._file = file
        self._writer = SealedWriter(file, key)

    @property
    def size(self) -> int:
        return self._writer.tell()

    def tell(self) -> int:
        return self.size

    def _write(self, start: int, content: bytes) -> None:
        del start  # Parquet is written from its beginning to its end
        self._writer.write(content)

    def close(self) -> None:
        if self._file.closed:
            return
        try:
            with self._file:
                self._writer.finish()
        except Exception as error:
            self._files.failure = error
            raise


class _Blocks(Handle):
    def __init__(self, files: SpillFiles, path: Path, descriptor: int) -> None:
        super().__init__(files)
        self._spilled = files
        self._path = path
        self._descriptor = descriptor

    @property
    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def _read(self, start: int, size: int) -> bytes:
        return self._spilled.unseal(self._path, start, os.pread(self._descriptor, size, start))

    def _write(self, start: int, content: bytes) -> None:
        sealed = memoryview(self._spilled.seal(self._path, start, content))
        while sealed:
            done = os.pwrite(self._descriptor, sealed, start)
            sealed, start = sealed[done:], start + done

    def truncate(self, size: int) -> None:
        os.ftruncate(self._descriptor, size)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        # The engine does not close what it removes, and until then the disk is not free.
        self.close()
