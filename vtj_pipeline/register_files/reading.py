"""Reading the register's files: the newest manifest's tables in a DuckDB of one's own.

Keep out anything that writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vtj_pipeline.errors import RegisterError
from vtj_pipeline.landing import private_engine
from vtj_pipeline.register_files.kept import addresses
from vtj_pipeline.register_files.manifest import (
    FOLDER,
    Manifest,
    manifest_path,
    manifests_there,
    read_manifest,
)

if TYPE_CHECKING:
    import duckdb

    from vtj_pipeline.landing import Storage

_MEMORY = "1GB"


@dataclass(frozen=True)
class RegisterFiles:
    """The tables of one publication.

    Attributes:
        manifest: What they are.
        connection: To the DuckDB that has each of them as a view, `schema.name`.
    """

    manifest: Manifest
    connection: duckdb.DuckDBPyConnection

    def relation(self, table: str) -> duckdb.DuckDBPyRelation:
        """One table.

        Raises:
            KeyError: there is none of that name.
        """
        if table not in self.manifest.tables:
            raise KeyError(table)
        return self.connection.sql(f"from {table}")


@contextmanager
def open_register_files(
    storage: Storage, publication: int | None = None, memory: str = _MEMORY
) -> Iterator[RegisterFiles]:
    """The tables of a publication, to be asked by SQL; only what a question needs is decrypted.

    Args:
        storage: Of the deployment, with its data keys.
        publication: Its number; None: the newest that has files.
        memory: That DuckDB may use before it spills, encrypted.

    Raises:
        RegisterError: it has no files, or not any more.
        DataKeyMissing: the key of a file is not at hand.
    """
    there = list(manifests_there(storage))
    number = publication if publication is not None else next(iter(there), 0)
    if number not in there:
        msg = (
            f"Files of {f'publication {number}' if number else 'the register'} were to be read, "
            f"and {manifest_path(number) if number else FOLDER + '/'} is not in {storage.where}. "
            "Read another publication's, or have them written: VTJ_REGISTER_FILES=true and "
            "vtj-pipeline run register-files."
        )
        raise RegisterError(msg)
    manifest = read_manifest(storage, number)
    with private_engine(storage, memory) as engine:
        for name, table in manifest.tables.items():
            engine.connection.execute(f"create schema if not exists {name.split('.')[0]}")
            files = addresses(storage, table)
            engine.connection.execute(f"create view {name} as from read_parquet({files})")
        yield RegisterFiles(manifest, engine.connection)
