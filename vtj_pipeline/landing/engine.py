"""A DuckDB for personal data: bounded memory, encrypted files, nothing fetched from anywhere.

Every engine of the program is opened here. Keep out statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from vtj_pipeline.errors import VtjError
from vtj_pipeline.landing.engine_files import (
    SPILLS,
    Remembers,
    SealedFiles,
    SpillFiles,
    engine_address,
)
from vtj_pipeline.landing.engine_objects import PlaceFiles
from vtj_pipeline.landing.scratch import scratch_folder

if TYPE_CHECKING:
    from vtj_pipeline.landing.storage import Storage


@dataclass(frozen=True)
class Engine:
    """A DuckDB with a folder for its files; made by `private_engine`.

    Attributes:
        connection: To it.
        folder: For temporary files; gone at the end.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Path
    _files: tuple[Remembers, ...]

    def address(self, name: str) -> str:
        """By which the engine writes and reads an encrypted file in its folder."""
        return engine_address(self.folder / name)

    def failure(self) -> Exception | None:
        """What went wrong with a file since this was last asked; the engine's own error hides it.

        An `OSError`, most often of a full disk; else an error of ours, which is to be raised.
        """
        for files in self._files:
            found, files.failure = files.failure, None
            if found is not None:
                return found
        return None

    def raise_ours(self) -> bool:
        """Raise what is wrong with a file if it is known; returns whether one could not be used."""
        found = self.failure()
        if isinstance(found, VtjError):
            raise found from None
        return found is not None


@contextmanager
def private_engine(storage: Storage, memory: str) -> Iterator[Engine]:
    """Open an engine that reads and writes the storage's files and spills encrypted.

    Args:
        storage: Its folder `tmp` takes the temporary files.
        memory: That it may use before it spills, as `VTJ_FOLD_MEMORY` has it.

    Raises:
        LandingError: its folder cannot be made.
    """
    files: list[SealedFiles | SpillFiles | PlaceFiles] = [SealedFiles(storage.keys), SpillFiles()]
    if storage.far is not None:
        files.append(PlaceFiles(storage.far, storage.keys))
    with scratch_folder(storage.scratch) as folder, duckdb.connect() as connection:
        for one in files:
            connection.register_filesystem(one)
        connection.execute(f"set memory_limit = '{memory}'")
        connection.execute("set temp_directory = ?", [f"{SPILLS}://{folder}"])
        # Nothing is loaded from anywhere, nor kept of what was read beyond the limit of memory.
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set autoload_known_extensions = false")
        connection.execute("set enable_external_file_cache = false")
        connection.execute("set enable_progress_bar = false")
        yield Engine(connection, folder, tuple(files))
