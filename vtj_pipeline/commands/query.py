"""`vtj-pipeline status`, and queries of our own whose answers other commands show.

Keep out anything that writes, and what a person types (`sql.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import adbc_driver_postgresql.dbapi as adbc

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.commands.output import say
from vtj_pipeline.errors import PermanentError, SettingsError
from vtj_pipeline.landing import (
    WHOLE_PERSON,
    Encryption,
    calls_of_day,
    create_ledger,
    encryption_of,
    open_left_out,
    prove,
)
from vtj_pipeline.landing.proof import ERROR_DAYS, WARN_DAYS
from vtj_pipeline.orchestration.deployment import load_deployment
from vtj_pipeline.postgres import running_database
from vtj_pipeline.register import create_register
from vtj_pipeline.register.findings import last_anomalies, refresh_requests, unknown_things

if TYPE_CHECKING:
    import pyarrow as pa

    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.source import Subscription

# Moments are written as Python writes the others.
STATUS = {
    "landed": (
        "select subscription, kind, count(*) as batches, sum(calls) as calls, "
        "sum(answered) as answered, min(partition_day)::text as first_day, "
        "max(partition_day)::text as last_day, "
        "count(distinct partition_day) filter (where completes_partition) as days_complete, "
        "max(last_cursor) as cursor, to_char(max(fetched_to) at time zone 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS+00:00') as fetched_to "
        "from ledger.landing_batch group by subscription, kind order by subscription, kind"
    ),
    "register": (
        "select (select count(*) from register.person) as persons, "
        "(select count(*) from register.quarantine) as quarantined, "
        "(select count(*) from register.publication) as publications, "
        "(select to_char(max(published_at) at time zone 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS+00:00') from register.publication) as published_at, "
        "(select count(*) from ledger.landing_batch as b where not exists (select 1 from "
        "register.applied_batch as a where a.batch_id = b.batch_id)) as batches_to_publish"
    ),
}


def answer(database: Database, query: str, *, before: tuple[str, ...] = ()) -> pa.Table:
    """The result of a read-only query.

    Raises:
        PermanentError: PostgreSQL refuses it; the message is PostgreSQL's first line.
    """
    with database.adbc() as connection, connection.cursor() as cursor:
        try:
            cursor.execute("set transaction read only")
            for statement in before:
                cursor.execute(statement)
            cursor.execute(query)
            return cursor.fetch_arrow_table()
        except adbc.Error as error:
            msg = f"The query was not answered: {str(error).splitlines()[0]}"
            raise PermanentError(msg) from None


def run_status(*, as_json: bool) -> None:
    """Say what has landed, what of it is proven, and what has been published.

    JSON says the same as the lines for people, under names that stay: docs/operating.md lists them.
    """
    deployment = load_deployment()
    with running_database(deployment.settings) as database:
        create_ledger(database)
        create_register(database)
        found: dict[str, Any] = {"chain": chains(database, deployment.subscriptions)}
        found |= {name: answer(database, query).to_pylist() for name, query in STATUS.items()}
        found |= _to_look_at(database)
        found["encryption"] = [_encryption(deployment)]
        if as_json:
            say(json.dumps(found, default=str, indent=2))
            return
        for name, rows in found.items():
            say(name)
            for row in rows:
                say("  " + ", ".join(f"{k} {v}" for k, v in row.items() if v not in (None, [])))
            if not rows:
                say("  nothing yet" if name in STATUS else "  none")


def chains(database: Database, subscriptions: Sequence[Subscription]) -> list[dict[str, Any]]:
    """What the ledger proves of each subscription: the chain of cursors, or where it breaks."""
    return [_chain(database, one, datetime.now(UTC)) for one in subscriptions]


def _chain(database: Database, subscription: Subscription, now: datetime) -> dict[str, Any]:
    today = now.astimezone(HELSINKI).date()
    proof = prove(database, subscription.name, subscription.start_date, today)
    age = proof.age(now)
    anchor = proof.anchor
    days = None if age is None else age.total_seconds() / 86_400
    return {
        "subscription": subscription.name,
        "unbroken": proof.is_unbroken,
        "days_whole": proof.days,
        "proven_until": str(anchor.day) if anchor and anchor.day else None,
        "cursor": anchor.cursor if anchor else None,
        "cursor_age_days": None if days is None else round(days, 2),
        "cursor_age": _judged(days),
        "days_behind": proof.behind,
        "last_proven_run": anchor.run_id if anchor else None,
        "proven_at": anchor.proven_at.isoformat(timespec="seconds") if anchor else None,
        "calls_today": calls_of_day(database, subscription.name, today),
        "quota": subscription.quota_calls_per_day,
        "breaks": [one.said for one in proof.open_breaks],
        "breaks_made_up_for": len(proof.breaks) - len(proof.open_breaks),
        "not_answered": open_left_out(database, subscription.name).get(WHOLE_PERSON, 0),
    }


def _encryption(deployment: Deployment) -> dict[str, Any]:
    """How the local files are encrypted; nothing is known of it where there is no key."""
    try:
        return asdict(encryption_of(deployment.storage))
    except SettingsError:
        return dict.fromkeys(one.name for one in fields(Encryption))


def _judged(days: float | None) -> str:
    """How the age of a cursor is to be taken, against the days that the source keeps."""
    if days is None:
        return "nothing landed"
    return "error" if days >= ERROR_DAYS else "warn" if days >= WARN_DAYS else "ok"


def _to_look_at(database: Database) -> dict[str, list[dict[str, Any]]]:
    """What the register's checks in the UI are about: anomalies are of the last publication."""
    return {
        "refresh_requests": [
            {"reason": reason, "persons": persons}
            for reason, persons in refresh_requests(database).items()
        ],
        "anomalies": [
            {"kind": kind, "rows": rows} for kind, rows in last_anomalies(database).items()
        ],
        "unknown": [asdict(one) for one in unknown_things(database)],
    }
