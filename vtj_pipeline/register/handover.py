"""What the files of the retired Muutostietopalvelu lead to, against the interface's basic data.

It answers whether the old road can be switched off. Both sides are folded apart, and compared in
what both can say; nothing is published. Keep out landing (`legacy/`) and who asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
from psycopg2.extras import execute_values

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.catalogue.legacy import FROM_LEGACY
from vtj_pipeline.catalogue.legacy_columns import OF_NAMELESS, carried_columns
from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.errors import RegisterError
from vtj_pipeline.landing import landed_batches
from vtj_pipeline.privacy import person_key
from vtj_pipeline.register.fold_engine import BATCH_SCHEMA, FoldEngine, fold_engine
from vtj_pipeline.register.template import render
from vtj_pipeline.register.touched import events_file

if TYPE_CHECKING:
    from vtj_pipeline.landing import LandedBatch, Storage
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.settings import Settings

# The interface tells the same names once more, as a group that tells more and is shown instead.
_SIBLINGS = {"NIMENMUUTOS": ("NIMENMUUTOS", "NIMENMUUTOS_LAAJA")}
# Kinds of e-mail addresses: the interface's own names are not known, but for one.
_NOT_COMPARED = {"SAHKOPOSTIOSOITE": ("contact_source",)}
_RECORD = (
    "insert into ledger.legacy_difference (subscription, tietoryhma, persons_equal, "
    "persons_different, persons_only_in_files, persons_only_in_interface, likely_reason, run_id) "
    "values %s"
)


@dataclass(frozen=True)
class GroupHandover:
    """One group: persons by how the two sides agree in it.

    Attributes:
        group: Its name.
        equal: Persons of whom both say the same.
        different: Persons of whom both say something, and not the same.
        only_in_files: Persons of whom only the old files do.
        only_in_interface: Persons of whom only the interface does.
        gone: Of those only in files, persons who are not in the baseline at all.
        new: Of those only in the interface, persons who are in no file at all.
    """

    group: str
    equal: int
    different: int
    only_in_files: int
    only_in_interface: int
    gone: int = 0
    new: int = 0

    @property
    def agrees(self) -> bool:
        """Whether nobody differs."""
        return not (self.different or self.only_in_files or self.only_in_interface)

    @property
    def is_settled(self) -> bool:
        """Whether nobody differs but who has left the scope, or come into it."""
        one_sided = self.only_in_files - self.gone + self.only_in_interface - self.new
        return not (self.different or one_sided)

    @property
    def likely_reason(self) -> str:
        """Why they most likely differ; empty where they do not."""
        if self.agrees:
            return ""
        both = self.equal + self.different
        found = []
        if self.different:
            found.append("changed between the last file and the baseline, or a file is missing")
        if self.gone:
            found.append(f"no longer in scope ({self.gone:,})")
        if self.only_in_files > self.gone:
            found.append(
                "ended without a row of its own"
                if both
                else "the interface's permit lacks the group, or has it in a narrower form"
            )
        if self.new:
            found.append(f"new in scope since the last file ({self.new:,})")
        if self.only_in_interface > self.new:
            found.append(
                "told before the first file" if both else "the old product did not have the group"
            )
        return "; ".join(found)


@dataclass(frozen=True)
class Handover:
    """The whole comparison.

    Attributes:
        day: The day of the baseline that the files were held against.
        groups: Every group that the files can carry, by name.
    """

    day: date
    groups: tuple[GroupHandover, ...]

    @property
    def differing(self) -> int:
        """How many groups have somebody who differs and is in scope on both sides."""
        return sum(not one.is_settled for one in self.groups)


def compare_handover(
    database: Database, storage: Storage, settings: Settings, subscription: str
) -> Handover:
    """Hold the old files of a subscription against its baseline; both have their events files.

    Raises:
        RegisterError: one of the two has not landed, or the fold stopped.
    """
    own = [one for one in landed_batches(database) if one.subscription == subscription]
    files = [one for one in own if one.is_legacy]
    baseline = [one for one in own if one.kind == "baseline"]
    if not files or not baseline:
        what = "no old file" if not files else "no baseline"
        msg = (
            f"The old files of {subscription} were to be held against its baseline, and {what} has "
            "landed. Run vtj-pipeline run legacy and vtj-pipeline run baseline first."
        )
        raise RegisterError(msg)
    day = max(one.fetched_to for one in baseline).astimezone(HELSINKI).date()
    with _engine(storage, settings) as engine:
        _take(engine, storage, files)
        codes_in_files = engine.codes()
        by_files = {name: _folded(engine, name) for name in _TABLES}
    with _engine(storage, settings) as engine:
        _take(engine, storage, baseline)
        engine.put_beside("codes_in_files", codes_in_files)
        engine.put_beside("codes_in_interface", engine.codes())
        found = []
        for name in _TABLES:
            engine.put_beside("by_files", by_files.pop(name))
            engine.put_beside("by_interface", _folded(engine, name))
            found += [_compare(engine, group, day) for group in _groups_of(name)]
    return Handover(day, tuple(sorted(found, key=lambda one: one.group)))


def record_handover(
    database: Database, subscription: str, handover: Handover, *, run_id: str
) -> None:
    """Keep the newest comparison of a subscription in the ledger."""
    rows = [
        (
            subscription,
            one.group,
            one.equal,
            one.different,
            one.only_in_files,
            one.only_in_interface,
            one.likely_reason,
            run_id,
        )
        for one in handover.groups
    ]
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "delete from ledger.legacy_difference where subscription = %s", (subscription,)
        )
        execute_values(cursor, _RECORD, rows)


def _groups_of(table: str) -> list[str]:
    return sorted(name for name in FROM_LEGACY if CATALOGUE.groups[name].table == table)


_TABLES = sorted({CATALOGUE.groups[name].table for name in FROM_LEGACY})


def _engine(storage: Storage, settings: Settings) -> AbstractContextManager[FoldEngine]:
    return fold_engine(storage, settings.fold_memory, person_key(settings), CATALOGUE)


def _folded(engine: FoldEngine, table: str) -> pa.Table:
    folded = engine.fold(CATALOGUE.tables[table])
    rows = folded.as_text()
    folded.done_with()
    return rows


def _take(engine: FoldEngine, storage: Storage, batches: Sequence[LandedBatch]) -> None:
    rows = [
        {
            "filename": events_file(one, storage, CATALOGUE),
            "subscription": one.subscription,
            "granted": None,
            # Each side stands alone: nothing of it ends where the other one begins.
            "is_legacy": False,
        }
        for one in batches
    ]
    table = pa.Table.from_pylist(rows, BATCH_SCHEMA)
    engine.read_new(table["filename"].to_pylist())
    engine.read_events(table, None)
    engine.identify()


def _compare(engine: FoldEngine, group: str, day: date) -> GroupHandover:
    table = CATALOGUE.tables[CATALOGUE.groups[group].table]
    left_out = _NOT_COMPARED.get(group, ())
    columns = [
        f"case when s.related_identity_code is null then s.{one} end"
        if one in OF_NAMELESS
        else f"s.{one}"
        for one in carried_columns(group)
        if one not in left_out and (table.has_validity or not one.startswith("valid_"))
    ]
    statement = render(
        "handover.sql",
        columns=columns,
        groups=_SIBLINGS.get(group, (group,)),
        by_part=bool(table.parts),
        has_validity=table.has_validity,
        maskable=table.maskable,
        day=day.isoformat(),
    )
    (row,) = engine.counted(statement).to_pylist()
    return GroupHandover(group, **row)
