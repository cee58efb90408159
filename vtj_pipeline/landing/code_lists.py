"""Versions of a code list, kept as keyed hashes: who was added and who removed, and when.

Codes are never written down here: a `code_id` is the person_id that a code has on its own. Keep
out reading the file (`source/code_lists.py`) and who is in scope (`register/`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from psycopg2.extras import execute_values

from vtj_pipeline.landing.answered import ABSENT
from vtj_pipeline.landing.refresh import RefreshCandidate, RefreshRequest
from vtj_pipeline.landing.report import ledger_connection
from vtj_pipeline.landing.tombstones import tombstones_at_hand
from vtj_pipeline.privacy import person_key

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Cursor, Database
    from vtj_pipeline.settings import Settings
    from vtj_pipeline.source import Subscription

NEW_IN_LIST = "new_in_list"
# A code that the source did not answer is asked for again after so many days.
ASKED_AGAIN_AFTER_DAYS = 7


@dataclass(frozen=True)
class CodeListVersion:
    """A version of a code list; counts only.

    Attributes:
        is_new: The list differs from the version before.
    """

    version_id: int
    seen_at: datetime
    codes: int
    added: int
    removed: int
    is_new: bool


def record_code_list(
    subscription: Subscription, settings: Settings, database: Database, *, run_id: str
) -> CodeListVersion | None:
    """Record the code list as it is now, if it differs from the version before.

    None for a product whose persons the source chooses.

    Raises:
        SettingsError: the list cannot be read; nothing is changed.
    """
    if subscription.chosen_by_source:
        return None
    key = person_key(settings)
    codes = subscription.identity_codes()
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        erased = tombstones_at_hand(connection, key)
        listed = [(str(key.person_id_of(code)),) for code in erased.still_listed(codes)]
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", (f"vtj.{subscription.name}",))
        cursor.execute("create temp table listed (code_id uuid primary key) on commit drop")
        execute_values(cursor, "insert into listed values %s", listed, page_size=10_000)
        return _record(cursor, subscription.name, run_id)


_DIFFERENCE = """
select
    (select count(*) from listed),
    (select count(*) from listed as l where not exists (
        select 1 from ledger.code_list_member as m
        where m.subscription = %(name)s and m.code_id = l.code_id and m.removed_version is null)),
    (select count(*) from ledger.code_list_member as m
        where m.subscription = %(name)s and m.removed_version is null
        and m.code_id not in (select l.code_id from listed as l))
"""
_END = """
update ledger.code_list_member as m set removed_version = %(version)s
where m.subscription = %(name)s and m.removed_version is null
and m.code_id not in (select l.code_id from listed as l)
"""
_BEGIN = """
insert into ledger.code_list_member (subscription, code_id, first_version)
select %(name)s, l.code_id, %(version)s from listed as l
on conflict (subscription, code_id) where removed_version is null do nothing
"""


def _record(cursor: Cursor, name: str, run_id: str) -> CodeListVersion:
    cursor.execute(_DIFFERENCE, {"name": name})
    codes, added, removed = cursor.fetchone() or (0, 0, 0)
    if not added and not removed:
        cursor.execute(
            "select version_id, seen_at, codes, added, removed from ledger.code_list_version "
            "where subscription = %s order by version_id desc limit 1",
            (name,),
        )
        standing = cursor.fetchone()
        assert standing is not None
        version, seen_at, codes, added, removed = standing
        return CodeListVersion(version, seen_at, codes, added, removed, is_new=False)
    seen_at = datetime.now(UTC)
    cursor.execute(
        "insert into ledger.code_list_version (subscription, seen_at, codes, added, removed, "
        "run_id) values (%s, %s, %s, %s, %s, %s) returning version_id",
        (name, seen_at, codes, added, removed, run_id),
    )
    (version,) = cursor.fetchone() or (0,)
    for statement in (_END, _BEGIN):
        cursor.execute(statement, {"name": name, "version": version})
    return CodeListVersion(version, seen_at, codes, added, removed, is_new=True)


_UNASKED = """
select m.code_id::text, %(reason)s, v.seen_at
from ledger.code_list_member as m
inner join ledger.code_list_version as v on m.first_version = v.version_id
where
    m.subscription = %(name)s
    and m.removed_version is null
    -- Of the list that the baseline was taken by, every code was asked for then.
    and exists (
        select 1 from ledger.baseline_round as r
        where r.subscription = %(name)s and r.completed_at is not null
    )
    and not exists (
        select 1 from ledger.baseline_round as r
        where
            r.subscription = %(name)s
            and r.completed_at is not null
            -- A round of an earlier version of this program did not note its list: the first one.
            and coalesce(r.list_version, (
                select min(f.version_id) from ledger.code_list_version as f
                where f.subscription = %(name)s
            )) >= m.first_version
    )
    and not exists (
        select 1 from ledger.refresh_asked as a
        where
            a.subscription = %(name)s
            and a.person_id = m.code_id
            and a.reason = %(reason)s
            and a.recorded_at = v.seen_at
            and (a.was_answered or a.asked_at > %(since)s)
    )
order by m.code_id
"""
# Of a code that was never answered the register knows nothing, so that nobody else asks again.
_UNANSWERED = """
select n.person_id::text, %(absent)s, n.first_asked_at
from ledger.not_answered as n
inner join ledger.code_list_member as m
    on
        n.subscription = m.subscription
        and n.person_id = m.code_id
        and m.removed_version is null
where
    n.subscription = %(name)s
    and n.tietoryhma = ''
    and n.settled_at is null
    and n.last_asked_at <= %(since)s
order by n.person_id
"""


def list_additions(
    subscription: Subscription,
    settings: Settings,
    database: Database,
    *,
    since: datetime,
    again: int = ASKED_AGAIN_AFTER_DAYS,
) -> list[RefreshCandidate]:
    """The codes of the list of which nothing is known, since nobody asked or nobody answered.

    They were added after the baseline, or the baseline was not answered about them: the source may
    come to know a code, and a customer may write one down before it does. Their basic data are
    asked for like a refresh's: the answers stand behind every landed cursor, and all later changes
    follow. Who was asked for within `again` days before `since` and not answered is left out, so
    that a code that nobody has costs a thousandth of a call a week.
    """
    if subscription.chosen_by_source:
        return []
    key = person_key(settings)
    values = {
        "name": subscription.name,
        "reason": NEW_IN_LIST,
        "absent": ABSENT,
        "since": since - timedelta(days=again),
    }
    with ledger_connection(database) as connection, connection, connection.cursor() as cursor:
        listed = tombstones_at_hand(connection, key).still_listed(subscription.identity_codes())
        codes = {str(key.person_id_of(code)): code for code in listed}
        cursor.execute(_UNANSWERED, values)
        found = {code_id: RefreshRequest(*why) for code_id, *why in cursor.fetchall()}
        cursor.execute(_UNASKED, values)
        found |= {code_id: RefreshRequest(*why) for code_id, *why in cursor.fetchall()}
    return [
        RefreshCandidate(code_id, codes[code_id], (request,))
        for code_id, request in sorted(found.items())
        if code_id in codes
    ]
