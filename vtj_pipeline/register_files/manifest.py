"""The manifest of a publication's files: what readers begin with, and the only list that counts.

It is written last and whole, so that a manifest that is there names files that are there. Give the
format another version when a reader of the earlier one would go wrong. Keep out which manifests
stay (`kept.py`).
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from vtj_pipeline.errors import LandingDamaged

if TYPE_CHECKING:
    from vtj_pipeline.landing import Storage

FOLDER = "register"
_MANIFEST = re.compile(rf"{FOLDER}/manifest-([1-9][0-9]*)\.json")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnOf(_Part):
    """One column.

    Attributes:
        name: Its name.
        type: As Arrow names it.
    """

    name: str
    type: str


class DataFile(_Part):
    """One file of rows, which never changes.

    Attributes:
        path: Relative to the storage.
        rows: How many it has.
        bytes: Of the Parquet file, before it is encrypted.
        sha256: Of the same, hex.
    """

    path: str
    rows: int
    bytes: int
    sha256: str


class TableFiles(_Part):
    """The files of one table, in the order of their rows.

    Attributes:
        rows: Of all files.
        columns: In order.
        sorted_by: Columns by which the rows are sorted.
        files: At least one, which has no rows where the table has none.
    """

    rows: int
    columns: tuple[ColumnOf, ...]
    sorted_by: tuple[str, ...]
    files: tuple[DataFile, ...]


class Manifest(_Part):
    """All files of one publication.

    Attributes:
        format: The version of this shape.
        publication: As `register.publication` numbers it.
        published_at: When it was published.
        valid_at: The day that its views answer for: that of the publication in Finland.
        rules: The fingerprint of the fold's rules, as the publication has it.
        views: The fingerprint of the views' rules and of the pseudonyms' key.
        written_at: When the files were written.
        tables: By name, as `schema.name`.
    """

    format: Literal[1] = 1
    publication: int
    published_at: AwareDatetime
    valid_at: date
    rules: str
    views: str
    written_at: AwareDatetime
    tables: dict[str, TableFiles]

    @property
    def path(self) -> str:
        """Where it stands."""
        return manifest_path(self.publication)

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The files of all tables."""
        return tuple(file for table in self.tables.values() for file in table.files)


def manifest_path(publication: int) -> str:
    """Where the manifest of a publication stands."""
    return f"{FOLDER}/manifest-{publication}.json"


def manifests_there(storage: Storage) -> dict[int, str]:
    """The manifests that are there, newest first: publication → path."""
    found = {
        int(match[1]): path
        for path in storage.files(FOLDER)
        if (match := _MANIFEST.fullmatch(path)) is not None
    }
    return dict(sorted(found.items(), reverse=True))


def read_manifest(storage: Storage, publication: int) -> Manifest:
    """The manifest of a publication.

    Raises:
        LandingDamaged: it is not there, was changed, or is of another format.
        DataKeyMissing: its key is not at hand.
    """
    path = manifest_path(publication)
    try:
        return Manifest.model_validate_json(storage.read(path))
    except ValidationError:
        pass
    msg = (
        f"{path} is not a manifest as this version of the program writes and reads them. Read it "
        "with the version that wrote it, or have all written anew: vtj-pipeline run register-files."
    )
    raise LandingDamaged(msg)


def write_manifest(storage: Storage, manifest: Manifest) -> None:
    """Write a manifest whole or not at all; its files are there already."""
    storage.write(manifest.path, manifest.model_dump_json(indent=1).encode())
