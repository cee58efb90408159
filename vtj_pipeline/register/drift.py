"""How far the register and the source's basic data differ, before what differs is published.

The landed answers are folded as a publication would fold them, and the rows that would then be
current are held against those that are; nothing is written. So drift is exactly what publishing
the answers will change of what is current, times of recording aside. Keep out the asking
(`landing/reconcile.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.landing import RefreshCandidate, Storage, landed_batches
from vtj_pipeline.postgres import adbc_answers
from vtj_pipeline.privacy import person_key
from vtj_pipeline.register.fold_engine import fold_engine
from vtj_pipeline.register.template import render
from vtj_pipeline.register.touched import Granted, read_touched
from vtj_pipeline.register.writer import RegisterWriter

if TYPE_CHECKING:
    from datetime import date

    from vtj_pipeline.postgres import Database
    from vtj_pipeline.settings import Settings


@dataclass(frozen=True)
class GroupDrift:
    """One group: persons who have it in the register or in the answers, and who differ in it."""

    compared: int
    drifted: int

    @property
    def rate(self) -> float:
        """The share of persons who differ."""
        return self.drifted / self.compared if self.compared else 0.0


@dataclass(frozen=True)
class Drift:
    """What differs between the register and answers; counts of persons.

    Attributes:
        compared: Persons compared.
        drifted: Of these, who differ in any group.
        changed_meanwhile: Persons not compared: the register cannot know of their last change yet.
        groups: By group.
    """

    compared: int = 0
    drifted: int = 0
    changed_meanwhile: int = 0
    groups: dict[str, GroupDrift] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """The share of persons who differ in any group."""
        return self.drifted / self.compared if self.compared else 0.0


def members_to_reconcile(
    database: Database,
    subscription: str,
    *,
    sample: int | None = None,
    seed: int = 1,
    known_before: date | None = None,
) -> list[RefreshCandidate]:
    """The persons in a subscription's scope, all or a sample, in an order that the seed decides.

    Args:
        database: Where the register is.
        subscription: Whose persons.
        sample: How many, at most; None for all.
        seed: Chooses the sample; the same one chooses the same persons.
        known_before: Only persons of whom the subscription told before this Finnish day, since a
            weekly copy does not have later ones.
    """
    values = {"name": subscription, "sample": sample, "seed": str(seed), "before": known_before}
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(render("members_to_reconcile.sql"), values)
            return [RefreshCandidate(person, code, ()) for person, code in cursor.fetchall()]
    finally:
        connection.close()


@adbc_answers()
def measure_drift(
    database: Database,
    storage: Storage,
    settings: Settings,
    batch_ids: Collection[int],
    *,
    changed: Collection[str] = (),
    granted: Granted | None = None,
) -> Drift:
    """Compare landed answers with what the register says; the answers have their events files.

    Args:
        database: Where ledger and register stand.
        storage: Where landed and events files stand.
        settings: For the key of person_id and the memory of the fold.
        batch_ids: The answers; not published yet.
        changed: person_ids of whom the source has told changes that have not landed.
        granted: As `publish_pending` takes it.

    Raises:
        EventsError: an answer has no events file.
        RegisterError: the fold stopped.
    """
    if not batch_ids:
        return Drift()
    connection = database.adbc()
    try:
        with connection.cursor() as cursor:
            # A publication that ends meanwhile must not be seen by half of the tables.
            cursor.execute("set transaction isolation level repeatable read")
            cursor.execute("select batch_id from register.applied_batch")
            applied = set(cursor.fetch_arrow_table()["batch_id"].to_pylist())
            batches = [
                one
                for one in landed_batches(database)
                if one.batch_id in applied or one.batch_id in batch_ids
            ]
            answers = [one for one in batches if one.batch_id in batch_ids]
            writer = RegisterWriter(cursor, everyone=False)
            with fold_engine(
                storage, settings.fold_memory, person_key(settings), CATALOGUE
            ) as engine:
                persons = read_touched(
                    engine, writer, batches, answers, storage, CATALOGUE, granted or {}
                )
                meanwhile = writer.leave_out(changed)
                found = _Found()
                for each in CATALOGUE.tables.values():
                    folded = engine.fold(each)
                    found.add(writer.compare(each, folded))
                    folded.done_with()
    finally:
        connection.rollback()
        connection.close()
    return found.drift(persons - meanwhile, meanwhile)


class _Found:
    """Persons by group, over the tables; a group may fill several."""

    def __init__(self) -> None:
        self._compared: dict[str, int] = {}
        self._drifted: dict[str, set[str]] = {}

    def add(self, rows: pa.Table) -> None:
        """Take in what one table showed."""
        for row in rows.to_pylist():
            name = row["source_group"]
            self._compared[name] = max(self._compared.get(name, 0), row["compared"])
            self._drifted.setdefault(name, set()).update((row["persons"] or "").split())

    def drift(self, compared: int, changed_meanwhile: int) -> Drift:
        """All of it."""
        groups = {
            name: GroupDrift(self._compared[name], len(persons))
            for name, persons in sorted(self._drifted.items())
        }
        everybody = set().union(*self._drifted.values()) if self._drifted else set()
        return Drift(compared, len(everybody), changed_meanwhile, groups)
