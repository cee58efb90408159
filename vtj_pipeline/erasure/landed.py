"""Landed files and events without erased persons.

A file is written anew beside the old one, the ledger changes over to it, and then the old one goes:
whatever is stopped leaves a whole file that the ledger names. Cursors, counts and order stay, so
that the chain of cursors is proven as before. Keep out what is taken out of a body
(`landing/redaction.py`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
from psycopg2.extras import execute_values

from vtj_pipeline.erasure.traces import names_anybody
from vtj_pipeline.errors import LandingDamaged
from vtj_pipeline.landing import landed_batches, read_pages
from vtj_pipeline.landing.pages import asked_hash, pages_bytes
from vtj_pipeline.landing.redaction import redacted
from vtj_pipeline.landing.report import known_at
from vtj_pipeline.landing.tombstones import (
    codes_of_others,
    set_tombstones,
    tombstones_at_hand,
    wait_for_landings,
)

if TYPE_CHECKING:
    from vtj_pipeline.erasure.traces import Sought
    from vtj_pipeline.landing import LandedBatch, Storage
    from vtj_pipeline.landing.report import Progress
    from vtj_pipeline.landing.tombstones import Tombstones
    from vtj_pipeline.postgres import Connection, Cursor, Database
    from vtj_pipeline.privacy import PersonKey

_READ = ["sequence", "fetched_at", "extraction_date", "body"]
# Numbers of a receipt add up over the runs that an erasure takes.
_COUNT = """
update audit.erasure set receipt = coalesce(receipt, '{}') || (
    select jsonb_object_agg(n.key, coalesce((receipt ->> n.key)::bigint, 0) + n.value::bigint)
    from jsonb_each_text(%(numbers)s::jsonb) as n
)
where erasure_id = %(erasure)s
"""
# What tells one content from another at the end of a file's name.
_TOLD = re.compile(r"(-[0-9a-f]{16})?\.parquet$")
_REPLACE = (
    "update ledger.landing_batch set file = %(file)s, sha256 = %(sha256)s, bytes = %(bytes)s, "
    "erasure_id = %(erasure)s where batch_id = %(batch)s"
)


@dataclass
class _Changed:
    """One batch's pages without erased persons."""

    pages: pa.Table
    hashes: list[tuple[int, str]] = field(default_factory=list)
    messages: int = 0
    mentions: int = 0
    further: dict[str, str] = field(default_factory=dict, repr=False)


def clear_landing(
    database: Database, storage: Storage, key: PersonKey, erasure_id: int, progress: Progress
) -> None:
    """Take everybody who has a tombstone out of every landed file.

    Further codes of theirs that the files tell of get a tombstone, too, and are looked for in turn.

    Raises:
        LandingDamaged: a landed file is missing or differs from the ledger.
        LandingError: a body cannot be read, or the disk is full.
    """
    with closing(database.connect()) as connection:
        while True:
            tombstones = tombstones_at_hand(connection, key)
            connection.rollback()
            further: dict[str, str] = {}
            batches = landed_batches(database)
            for done, batch in enumerate(batches):
                progress("landed files", done, len(batches))
                changed = _changed(storage, batch, tombstones, connection)
                if changed is not None:
                    _replace(connection, storage, batch, changed, erasure_id)
                    further |= changed.further
            if not further:
                return
            _follow(connection, key, tombstones, further)


def clear_left_behind(
    database: Database, storage: Storage, sought: Sought, erasure_id: int
) -> None:
    """Remove what the ledger does not name and what names an erased person, of landing and events.

    Such files are what stopped landings, stopped erasures and earlier versions left.
    """
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        # A file that is being landed is not named yet either.
        wait_for_landings(cursor)
        cursor.execute("select file from ledger.landing_batch")
        named = {file.removeprefix("landing/") for (file,) in cursor.fetchall()}
        removed = 0
        for folder in ("landing", "events"):
            for path in storage.files(folder):
                # Behind events/ stands the version that made them.
                inner = path.split("/", 1 if folder == "landing" else 2)[-1]
                if inner not in named and names_anybody(storage, path, sought):
                    storage.remove(path)
                    removed += 1
            removed += storage.remove_left_behind(folder, at_once=True)
        _count(cursor, erasure_id, {"files_left_behind": removed})


def _changed(
    storage: Storage, batch: LandedBatch, tombstones: Tombstones, connection: Connection
) -> _Changed | None:
    pages = read_pages(storage, batch)
    others = partial(codes_of_others, connection)
    found = _Changed(pages)
    bodies: list[bytes] = []
    hashes: list[str] = pages["sha256"].to_pylist()
    for place, page in enumerate(pages.select(_READ).to_pylist()):
        body, moment = page["body"], known_at(page["fetched_at"], page["extraction_date"])
        one = redacted(body, moment, tombstones, others)
        if one is not None:
            body = one.body
            hashes[place] = hashlib.sha256(body).hexdigest()
            found.hashes.append((page["sequence"], hashes[place]))
            found.messages += one.messages
            found.mentions += one.mentions
            found.further |= one.further
        bodies.append(body)
    connection.rollback()
    if not found.hashes:
        return None
    found.pages = _with(pages, "body", pa.array(bodies, pa.large_binary()))
    found.pages = _with(found.pages, "sha256", pa.array(hashes, pa.string()))
    return found


def _with(pages: pa.Table, name: str, values: pa.Array) -> pa.Table:
    place = pages.schema.get_field_index(name)
    return pages.set_column(place, pages.field(place), values)


def _replace(
    connection: Connection,
    storage: Storage,
    batch: LandedBatch,
    changed: _Changed,
    erasure_id: int,
) -> None:
    content = pages_bytes(changed.pages)
    stem = _TOLD.sub("", batch.file)
    told = asked_hash((hashlib.sha256(content).hexdigest(), str(batch.batch_id)))
    file = f"{stem}-{told}.parquet"
    sha256 = storage.write(file, content)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            _REPLACE,
            {
                "file": file,
                "sha256": sha256,
                "bytes": len(content),
                "erasure": erasure_id,
                "batch": batch.batch_id,
            },
        )
        if cursor.rowcount != 1:
            msg = f"{batch.file} is not in the ledger any more. Start the same again."
            raise LandingDamaged(msg)
        execute_values(
            cursor,
            "update ledger.call as c set body_sha256 = n.sha256 "
            "from (values %s) as n (batch_id, sequence, sha256) "
            "where c.batch_id = n.batch_id and c.sequence = n.sequence",
            [(batch.batch_id, sequence, sha256) for sequence, sha256 in changed.hashes],
        )
        numbers = {
            "files_rewritten": 1,
            "messages": changed.messages,
            "mentions": changed.mentions,
        }
        _count(cursor, erasure_id, numbers)
    storage.remove(batch.file)
    for path in storage.files("events"):
        if path.split("/", 2)[-1] == batch.file.removeprefix("landing/"):
            storage.remove(path)


def _follow(
    connection: Connection, key: PersonKey, tombstones: Tombstones, further: Mapping[str, str]
) -> None:
    """Set the tombstones of further codes, as of the codes beside which they were told."""
    with connection, connection.cursor() as cursor:
        for code, beside in sorted(further.items()):
            erasure_id, until = tombstones.beside(beside)
            set_tombstones(cursor, key, [code], erasure_id, until)
            cursor.execute(
                "insert into ledger.being_erased values (%s::uuid, %s) on conflict do nothing",
                (str(key.person_id_of(code)), erasure_id),
            )


def _count(cursor: Cursor, erasure_id: int, numbers: Mapping[str, int]) -> None:
    cursor.execute(_COUNT, {"numbers": json.dumps(numbers), "erasure": erasure_id})
