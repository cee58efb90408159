"""Which manifests and files stay: the newest publications', and none that tells too much now.

Manifests go first, then what no manifest names that stays. Whatever is stopped between the two is
made up for by the next run. Keep out what is written (`write.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg2
import pyarrow as pa

from vtj_pipeline.errors import DatabaseUnavailable, LandingDamaged, RegisterBusy
from vtj_pipeline.privacy.masked_views import TELLS_NO_PLACE
from vtj_pipeline.register_files.contents import RESIDENTS
from vtj_pipeline.register_files.manifest import FOLDER, manifests_there, read_manifest
from vtj_pipeline.register_files.snapshot import statement

if TYPE_CHECKING:
    from vtj_pipeline.landing import Engine, Storage
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.register_files.manifest import Manifest, TableFiles

_LOCK = "vtj.register.files"


@dataclass(frozen=True)
class Removed:
    """What was removed.

    Attributes:
        manifests: Of publications that are not kept.
        files: Of rows that no manifest names any more, or of runs that were killed.
    """

    manifests: int
    files: int


@contextmanager
def files_lock(database: Database) -> Iterator[None]:
    """One process at a time writes or removes the files.

    Raises:
        RegisterBusy: another one does.
    """
    connection = database.connect()
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(hashtext(%s))", (_LOCK,))
            (is_ours,) = cursor.fetchone() or (False,)
            if not is_ours:
                msg = (
                    "The register's files were to be written or removed, and another run is doing "
                    "it. Wait for that run to end and start this one again."
                )
                raise RegisterBusy(msg)
            try:
                yield
            finally:
                with suppress(psycopg2.Error, DatabaseUnavailable):
                    cursor.execute("select pg_advisory_unlock(hashtext(%s))", (_LOCK,))
    finally:
        connection.close()


def readable_manifests(storage: Storage) -> list[Manifest]:
    """The manifests that can be read and judged, newest first; of others nothing is kept.

    Raises:
        DataKeyMissing: the key of one is not at hand.
    """
    found = []
    for number in manifests_there(storage):
        # Another version's, or damaged.
        with suppress(LandingDamaged):
            found.append(read_manifest(storage, number))
    return found


def tells_a_place(
    engine: Engine,
    storage: Storage,
    manifest: Manifest,
    hidden: Sequence[str],
    newest: Manifest | None,
) -> bool:
    """Whether files of an earlier publication tell a place that nobody may learn now.

    Args:
        engine: Reads the storage's files.
        storage: Where they stand.
        manifest: Of the earlier publication.
        hidden: Pseudonyms of the persons whose place is withheld now.
        newest: Of the newest publication, which lists without a place whoever lives with them.
    """
    engine.connection.register("hidden", pa.table({"pseudonym": pa.array(hidden, pa.string())}))
    for name, table in manifest.tables.items():
        names = [column.name for column in table.columns]
        if "pseudonym" not in names:
            continue
        listed = newest.tables.get(RESIDENTS) if newest and name == RESIDENTS else None
        query = statement(
            "told.sql",
            files=addresses(storage, table),
            listed=addresses(storage, listed) if listed else None,
            places=[one for one in names if one not in TELLS_NO_PLACE],
        )
        (count,) = engine.connection.execute(query).fetchone() or (0,)
        if count:
            return True
    return False


def addresses(storage: Storage, table: TableFiles) -> str:
    """By which the engine reads the files of a table, as a list in SQL."""
    told = (storage.engine_address(file.path).replace("'", "''") for file in table.files)
    return "[" + ", ".join(f"'{one}'" for one in told) + "]"


def remove_others(storage: Storage, kept: Sequence[Manifest]) -> Removed:
    """Remove every manifest but these, then every file that none of them names.

    Raises:
        StoreUnavailable: the object store does not answer; the next run goes on from there.
    """
    staying = {one.path for one in kept} | {file.path for one in kept for file in one.files}
    gone = [path for path in manifests_there(storage).values() if path not in staying]
    for path in gone:
        storage.remove(path)
    # Manifests that are not ours by their name are nobody's, and go with the rest.
    files = [path for path in storage.files(FOLDER) if path not in staying]
    for path in files:
        storage.remove(path)
    left = storage.remove_left_behind(FOLDER, at_once=True)
    return Removed(len(gone), len(files) + left)


def clear_register_files(database: Database, storage: Storage) -> int:
    """Remove all of them, whatever the settings say; returns how many files and manifests.

    Until the next run there are none, so that nobody who is being erased is in any. Those that
    stayed on this machine when others went to an object store go, too.

    Raises:
        RegisterBusy: another run is writing them.
    """
    removed = 0
    with files_lock(database):
        for one in (storage,) if storage.far is None else (storage, storage.here):
            done = remove_others(one, ())
            removed += done.manifests + done.files
    return removed
