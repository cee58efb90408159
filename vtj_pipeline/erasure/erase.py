"""An erasure from its beginning to its receipt; one that was stopped goes on from where it was.

Once it has begun, everything follows from what stands in the database: the tombstones, and the
person_ids in `ledger.being_erased`. The codes are not needed again. Keep out the steps' own work.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from psycopg2.extras import execute_values

from vtj_pipeline.erasure.landed import clear_landing, clear_left_behind
from vtj_pipeline.erasure.rows import clear_rows
from vtj_pipeline.erasure.traces import Sought, Traces, clear_files, clear_texts, look_for_traces
from vtj_pipeline.errors import ErasureNotWhole, ErasureRefused
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import clear_scratch
from vtj_pipeline.landing.redaction import codes_in
from vtj_pipeline.landing.tombstones import set_tombstones, tombstones_at_hand, wait_for_landings
from vtj_pipeline.postgres import dagster_database
from vtj_pipeline.privacy import analyst_key, person_key
from vtj_pipeline.register import publish_pending
from vtj_pipeline.register_files import clear_register_files

if TYPE_CHECKING:
    from vtj_pipeline.erasure.whom import Whom
    from vtj_pipeline.landing import Storage
    from vtj_pipeline.landing.report import Progress
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.privacy import PersonKey
    from vtj_pipeline.register.touched import Granted
    from vtj_pipeline.settings import Settings

Kind = Literal["request", "retention"]
_TEXT_SCHEMAS = ("dagster",)
_STILL_HELD = (
    "backups of VTJ_HOME and dumps of the database made before this moment",
    "PostgreSQL's archived write-ahead log, and replicas until they have caught up",
    "PostgreSQL's own files, until VACUUM has used the room of deleted rows again",
    "delivered files, code lists and subscriptions files outside VTJ_HOME",
    "what readers have taken out of the views, and the server's own log of statements",
)
_STILL_HELD_FAR = "old versions of objects, where the object store's bucket keeps them"


@dataclass(frozen=True)
class Receipt:
    """What an erasure did; no person is named.

    Attributes:
        erasure_id: Its number, as in `audit.erasure`.
        persons: Persons of the register who were erased.
        told: Where what was taken out, as numbers by name, and what was looked through.
    """

    erasure_id: int
    persons: int
    told: dict[str, Any]


@dataclass(frozen=True)
class Work:
    """What an erasure works on.

    Attributes:
        database: Where ledger, register and views stand.
        storage: Where landed files and events stand.
        settings: For keys and memory.
        scope: As for `publish_pending`.
        granted: As for `publish_pending`.
        build_views: Makes the views anew, where there are any; None: nobody has built them.
        progress: Told of each step.
    """

    database: Database
    storage: Storage
    settings: Settings
    scope: Mapping[str, tuple[str, ...]]
    granted: Granted
    build_views: Callable[[], None] | None
    progress: Progress


def begin_erasure(
    database: Database, key: PersonKey, whom: Whom, *, kind: Kind, reason: str, now: datetime
) -> int:
    """Set the tombstones, from when on nothing of these persons lands; the erasure's number.

    Args:
        database: With ledger and audit.
        key: Of the person_ids.
        whom: The persons.
        kind: `request`: for ever; `retention`: whoever comes back is known again from then on.
        reason: Why, in words that name nobody.
        now: The present moment.

    Raises:
        ErasureRefused: the reason holds a code.
    """
    if codes_in(reason.encode()):
        msg = "The reason of an erasure is kept: it must not hold a personal identity code."
        raise ErasureRefused(msg)
    until = now if kind == "retention" else None
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        wait_for_landings(cursor)
        cursor.execute(
            "insert into audit.erasure (kind, reason, begun_at, persons) values (%s, %s, %s, %s) "
            "returning erasure_id",
            (kind, reason, now, whom.persons),
        )
        (erasure_id,) = cursor.fetchone() or (0,)
        set_tombstones(cursor, key, whom.codes, erasure_id, until)
        execute_values(
            cursor,
            "insert into ledger.being_erased (person_id, erasure_id) values %s "
            "on conflict (person_id) do update set erasure_id = excluded.erasure_id",
            [(person_id, erasure_id) for person_id in sorted(whom.person_ids)],
            template="(%s::uuid, %s)",
        )
    return int(erasure_id)


def unfinished(database: Database) -> list[int]:
    """The erasures that have begun and not come to their end, the oldest first."""
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('audit.erasure') is not null")
        (is_there,) = cursor.fetchone() or (False,)
        if not is_there:
            return []
        cursor.execute("select erasure_id from audit.erasure where completed_at is null order by 1")
        return [erasure_id for (erasure_id,) in cursor.fetchall()]


def carry_out(work: Work, erasure_id: int, now: Callable[[], datetime]) -> Receipt:
    """Take the persons of an erasure, and of others that are not finished, out of everything.

    Raises:
        ErasureNotWhole: a trace is left: start the same again when no run is under way.
        VtjError: whatever a step fails with; nothing is lost, and the same goes on from there.
    """
    key = person_key(work.settings)
    # All of them, and first: they are of no use to what follows, and are written anew afterwards.
    files = clear_register_files(work.database, work.storage)
    _note(work.database, erasure_id, {"register_files": files} if files else {})
    clear_landing(work.database, work.storage, key, erasure_id, work.progress)
    clear_left_behind(work.database, work.storage, _sought(work, key), erasure_id)
    rows = clear_rows(work.database, erasure_id)
    _note(work.database, erasure_id, {"rows": rows} if rows else {})
    _make_anew(work)
    sought = _sought(work, key)
    clear_scratch(work.storage.scratch)
    dagster = dagster_database(work.settings, work.database)
    texts = clear_texts(dagster, _TEXT_SCHEMAS, sought)
    logs = clear_files(work.storage.root, sought)
    databases = dict.fromkeys((work.database, dagster))
    traces = look_for_traces(databases, work.storage, sought)
    _require_none(traces)
    told = {
        "texts_of_dagster": texts,
        "logs": logs,
        "views": "made anew" if work.build_views else "there are none",
        "looked_through": {
            "files": traces.files, "bytes": traces.bytes, "tables": traces.tables, "traces": 0,
        },
        "still_held_outside": [*_STILL_HELD, *([_STILL_HELD_FAR] if work.storage.far else [])],
    }  # fmt: skip
    return _finish(work.database, erasure_id, told, now())


def _make_anew(work: Work) -> None:
    """Events, register and views of those who stay."""
    extract_events(work.database, work.storage, work.settings, work.progress)
    publish_pending(
        work.database,
        work.storage,
        work.settings,
        work.scope,
        run_id="erasure",
        progress=work.progress,
        granted=work.granted,
    )
    if work.build_views is not None:
        work.build_views()


def _sought(work: Work, key: PersonKey) -> Sought:
    with closing(work.database.connect()) as connection, connection:
        with connection.cursor() as cursor:
            cursor.execute("select person_id::text, erasure_id from ledger.being_erased")
            found = cursor.fetchall()
        tombstones = tombstones_at_hand(connection, key).without_ended({one for _, one in found})
    ids = {person_id.encode() for person_id, _ in found}
    pseudonyms = analyst_key(work.settings)
    ids |= {
        str(UUID(bytes=pseudonyms.pseudonym_of(UUID(person_id).bytes))).encode()
        for person_id, _ in found
    }
    return Sought(tombstones, frozenset(ids))


def _require_none(traces: Traces) -> None:
    if traces.found:
        places = ", ".join(f"{place} ({count})" for place, count in traces.found.most_common(10))
        msg = (
            f"The erasure is not finished: traces are left in {places}. Most often a run was under "
            "way meanwhile: let it end, and start `vtj-pipeline erase --resume`. A file that is "
            "not the program's own is to be removed by hand."
        )
        raise ErasureNotWhole(msg)


def _note(database: Database, erasure_id: int, told: Mapping[str, Any]) -> None:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "update audit.erasure set receipt = coalesce(receipt, '{}') || %s::jsonb "
            "where erasure_id = %s",
            (json.dumps(told), erasure_id),
        )


def _finish(database: Database, erasure_id: int, told: Mapping[str, Any], now: datetime) -> Receipt:
    """Write the receipt and forget the person_ids, in one transaction."""
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute("delete from ledger.being_erased")
        cursor.execute(
            "update audit.erasure set completed_at = %s, "
            "receipt = coalesce(receipt, '{}') || %s::jsonb "
            "where completed_at is null and erasure_id <= %s "
            "returning erasure_id, persons, receipt",
            (now, json.dumps(told), erasure_id),
        )
        found = {number: (persons, receipt) for number, persons, receipt in cursor.fetchall()}
        persons, receipt = found[erasure_id]
    return Receipt(erasure_id, persons, receipt)
