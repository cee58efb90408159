"""Whom some new batches are about, with all that ever landed of them, ready to be folded.

Keep out what is done with what they fold into (`publish.py`, `drift.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.events import events_path
from vtj_pipeline.register.fold_engine import BATCH_SCHEMA

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
    """
    codes = engine.read_new([events_file(one, storage, catalogue) for one in new])
    table = _batch_table(batches, {one.batch_id for one in new}, storage, catalogue, granted)
    if writer.everyone:
        engine.read_events(table, None)
        standing = writer.everyone_standing()
    else:
        known = writer.codes_of_same_persons(codes)
        engine.read_events(table, known, narrows=narrows)
        standing = known["person_id"]
    persons = engine.identify()
    writer.touch(persons["person_id"], standing, touched_in=engine.touched_in)
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
