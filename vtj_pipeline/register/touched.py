"""Whom some new batches are about, with all that ever landed of them, ready to be folded.

Keep out what is done with what they fold into (`publish.py`, `drift.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.events import events_path
from vtj_pipeline.register.fold_engine import BATCH_SCHEMA
from vtj_pipeline.register.writing import Writing

if TYPE_CHECKING:
    from vtj_pipeline.catalogue import Catalogue
    from vtj_pipeline.landing import LandedBatch, Storage
    from vtj_pipeline.register.folds import Folds
    from vtj_pipeline.register.writer import RegisterWriter

Granted = Mapping[str, Sequence[str]]
"""Subscription → groups that its permit is known to cover."""


def events_file(batch: LandedBatch, storage: Storage, catalogue: Catalogue) -> str:
    """By which address the engine reads the events of a batch."""
    return storage.engine_address(events_path(batch, catalogue))


def read_touched(
    engine: Folds,
    writer: RegisterWriter,
    batches: Sequence[LandedBatch],
    new: Sequence[LandedBatch],
    storage: Storage,
    catalogue: Catalogue,
    granted: Granted,
    *,
    narrows: bool = False,
    meanwhile: Callable[[], None] | None = None,
) -> int:
    """Bring in events and identities, and tell the writer who is touched; persons in them.

    Args:
        engine: Takes the events.
        writer: Knows the codes that stand, and whether everybody is folded.
        batches: All that counts.
        new: Of these, the ones whose subjects are touched.
        storage: Where events files stand.
        catalogue: By which they were read.
        granted: What may be absent and mean something.
        narrows: Whether who stands as folded before is folded in the tables alone that the new
            batches may change; else in all.
        meanwhile: Asked of PostgreSQL while events are read; of the touched persons those who stand
            are told the writer by then.
    """
    codes = engine.read_new([events_file(one, storage, catalogue) for one in new])
    table = _batch_table(batches, {one.batch_id for one in new}, storage, catalogue, granted)
    known = None if writer.everyone else writer.codes_of_same_persons(codes)
    standing = writer.everyone_standing() if known is None else known["person_id"]
    with Writing(writer) as asking:
        if meanwhile is not None:
            if known is not None:
                writer.touch(standing)
            asking.then(meanwhile)
        engine.read_events(table, known, narrows=narrows)
        persons = engine.identify()
        asking.done()
    writer.touch(persons["person_id"], standing)
    writer.narrow(engine.touched_in)
    return int(persons.num_rows)


def _batch_table(
    batches: Sequence[LandedBatch],
    new: Collection[int],
    storage: Storage,
    catalogue: Catalogue,
    granted: Granted,
) -> pa.Table:
    rows = [
        {
            "filename": events_file(one, storage, catalogue),
            "subscription": one.subscription,
            # The permit is for the interface: the old files had other groups.
            "granted": list(groups)
            if not one.is_legacy and (groups := granted.get(one.subscription))
            else None,
            "is_legacy": one.is_legacy,
            "is_new": one.batch_id in new,
        }
        for one in batches
    ]
    return pa.Table.from_pylist(rows, BATCH_SCHEMA)
