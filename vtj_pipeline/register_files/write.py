"""Writing the files of the newest publication, and letting go of those that are not to stay.

Add a step here. Keep out what each step does, and when it is done (`orchestration/`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from vtj_pipeline.errors import ViewsError
from vtj_pipeline.landing import private_engine
from vtj_pipeline.register_files.contents import CONTENTS
from vtj_pipeline.register_files.kept import (
    Removed,
    files_lock,
    readable_manifests,
    remove_others,
    tells_a_place,
)
from vtj_pipeline.register_files.manifest import Manifest, write_manifest
from vtj_pipeline.register_files.parts import Bounds, Parts
from vtj_pipeline.register_files.snapshot import (
    Published,
    columns_of,
    guarded,
    known,
    left_out,
    published,
    rows_of,
    snapshot,
)

if TYPE_CHECKING:
    from vtj_pipeline.landing import Engine, Storage
    from vtj_pipeline.postgres import Cursor, Database
    from vtj_pipeline.settings import Settings

Progress = Callable[[str, int, int | None], None]
Outcome = Literal["written", "there before", "nothing published", "views behind", "being erased"]


@dataclass(frozen=True)
class FilesReport:
    """What one run did.

    Attributes:
        outcome: Whether files were written; where not, why.
        publication: The newest one, whose files these are; None: nothing is published.
        tables: How many have files.
        rows: Of these.
        files: Of these.
        new_files: Of these, those that no earlier publication has.
        new_bytes: What those hold.
        removed: What is not kept any more.
        left_out: Views and columns that are not listed in `contents.py`.
        seconds: How long it took.
    """

    outcome: Outcome
    publication: int | None = None
    tables: int = 0
    rows: int = 0
    files: int = 0
    new_files: int = 0
    new_bytes: int = 0
    removed: Removed = field(default_factory=lambda: Removed(0, 0))
    left_out: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def is_there(self) -> bool:
        """Whether the newest publication has its files."""
        return self.outcome in ("written", "there before")


def write_register_files(
    database: Database,
    storage: Storage,
    settings: Settings,
    now: datetime,
    progress: Progress | None = None,
    bounds: Bounds = Bounds(),  # noqa: B008  # frozen
) -> FilesReport:
    """Write the files of the newest publication, unless they are there, and remove what is over.

    Whatever goes wrong, the publication stands; the next run makes up for it. Earlier files that
    tell what is withheld by now are removed even where no new ones can be written.

    Args:
        database: With register, ledger and views.
        storage: Where landed and events files stand.
        settings: How many publications are kept, and the memory of the engine.
        now: The present moment.
        progress: Told of each table.
        bounds: How large files become.

    Raises:
        ViewsError: the views tell a guarded person's place, or are not those of the contents.
        RegisterBusy: another run is writing them.
        LandingError: files cannot be written: most often the disk is full.
        DataKeyMissing: a file's key is not at hand.
    """
    started = time.perf_counter()
    with (
        files_lock(database),
        private_engine(storage, settings.fold_memory) as engine,
        snapshot(database) as cursor,
    ):
        work = _Work(database, storage, engine, cursor, bounds, progress or _to_nobody)
        return work.run(settings.register_files_kept, now, started)


@dataclass
class _Work:
    database: Database
    storage: Storage
    engine: Engine
    cursor: Cursor
    bounds: Bounds
    progress: Progress

    def run(self, kept: int, now: datetime, started: float) -> FilesReport:
        stands = published(self.cursor)
        standing = self._of(stands)
        hidden = self._hidden() if stands and stands.views else []
        newest: Manifest | None = None
        parts = Parts(self.storage, self.engine.folder, self.bounds)
        outcome = _outcome(stands, standing)
        try:
            if stands is not None and outcome == "written":
                newest = self._write(stands, parts, now)
            elif outcome == "there before":
                newest = standing[0]
        finally:
            removed = self._keep(standing, newest, hidden, kept)
        return FilesReport(
            outcome=outcome,
            publication=stands.publication if stands else None,
            tables=len(newest.tables) if newest else 0,
            rows=sum(one.rows for one in newest.files) if newest else 0,
            files=len(newest.files) if newest else 0,
            new_files=parts.new,
            new_bytes=parts.new_bytes,
            removed=removed,
            left_out=left_out(columns_of(self.cursor)) if newest else (),
            seconds=time.perf_counter() - started,
        )

    def _of(self, stands: Published | None) -> list[Manifest]:
        """The manifests that are of this register and of the views as they are made now."""
        found = readable_manifests(self.storage)
        if stands is None or stands.views is None:
            return []
        ours = known(self.cursor, [one.publication for one in found])
        return [
            one
            for one in found
            if one.views == stands.views and ours.get(one.publication) == one.published_at
        ]

    def _hidden(self) -> list[str]:
        """The pseudonyms of the guarded persons; where a view tells their place nothing is kept."""
        found = guarded(self.cursor)
        if found.telling:
            remove_others(self.storage, ())
            told = ", ".join(f"{view} ({count})" for view, count in sorted(found.telling.items()))
            msg = (
                f"The register's files were to be written, and views tell where guarded persons "
                f"are: {told}. None were written, and earlier ones were removed. Do at once what "
                "the check views_are_masked says."
            )
            raise ViewsError(msg)
        return found.pseudonyms

    def _write(self, stands: Published, parts: Parts, now: datetime) -> Manifest:
        assert stands.views is not None
        tables = {}
        with rows_of(self.database, self.cursor, stands.valid_at) as read:
            for done, content in enumerate(CONTENTS):
                self.progress("register files", done, len(CONTENTS))
                tables[content.table] = parts.write(content, read(content))
        manifest = Manifest(
            publication=stands.publication,
            published_at=stands.published_at,
            valid_at=stands.valid_at,
            rules=stands.rules,
            views=stands.views,
            written_at=now,
            tables=tables,
        )
        write_manifest(self.storage, manifest)
        return manifest

    def _keep(
        self,
        standing: Sequence[Manifest],
        newest: Manifest | None,
        hidden: list[str],
        kept: int,
    ) -> Removed:
        """Keep the newest manifests of those that tell nothing that is withheld now."""
        staying = [newest] if newest else []
        for one in standing:
            if len(staying) >= kept:
                break
            is_newest = newest is not None and one.publication == newest.publication
            if not is_newest and not tells_a_place(self.engine, self.storage, one, hidden, newest):
                staying.append(one)
        return remove_others(self.storage, staying)


def _outcome(stands: Published | None, standing: Sequence[Manifest]) -> Outcome:
    """What is to be done, or why nothing is."""
    if stands is None:
        return "nothing published"
    if stands.is_being_erased:
        return "being erased"
    if stands.views is None or not stands.has_followed:
        return "views behind"
    if standing and standing[0].publication == stands.publication:
        return "there before"
    return "written"


def _to_nobody(what: str, done: int, of: int | None) -> None:
    del what, done, of
