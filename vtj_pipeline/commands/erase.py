"""`vtj-pipeline erase …`: persons are taken out of everything that is kept, with a receipt.

Keep out how (`erasure/`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vtj_pipeline.commands.output import note, say, step
from vtj_pipeline.commands.run import Session, session
from vtj_pipeline.erasure import (
    Receipt,
    Whom,
    begin_erasure,
    carry_out,
    unfinished,
    who_left_scope,
    whom_codes_name,
    whom_tombstones_name,
)
from vtj_pipeline.erasure.erase import Work
from vtj_pipeline.errors import ErasureRefused, RegisterBusy
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.landing.tombstones import lift_tombstones, wait_for_landings
from vtj_pipeline.orchestration.runs import unfinished_runs
from vtj_pipeline.privacy import create_audit, person_key
from vtj_pipeline.register import create_register
from vtj_pipeline.source.code_lists import read_codes

if TYPE_CHECKING:
    from vtj_pipeline.erasure.erase import Kind
    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.postgres import Database

_VIEWS = "select to_regclass('timeline.person_period') is not null"
_AGAIN = "erased before, and brought back by a restored backup"
_RETENTION = "left the scope of every subscription that told of them, and its days are over"


def run_erase(codes_file: Path, reason: str, *, only_plan: bool, yes: bool, as_json: bool) -> None:
    """Erase the persons whose codes a file holds.

    Raises:
        SettingsError: the file cannot be read as codes.
        ErasureRefused: they cannot be erased as asked; nobody was.
        RegisterBusy: a run is under way.
        ErasureNotWhole: a trace is left.
    """
    codes = read_codes("Codes to erase", codes_file)
    with _opened() as ready:
        whom = whom_codes_name(ready.database, person_key(ready.deployment.settings), codes)
        _erase(ready, whom, "request", reason, only_plan=only_plan, yes=yes, as_json=as_json)


def run_left_scope(*, only_plan: bool, yes: bool, as_json: bool) -> None:
    """Erase whom no subscription keeps any longer (`retention_days`).

    Raises:
        ErasureRefused: no subscription has such a rule.
        RegisterBusy: a run is under way.
        ErasureNotWhole: a trace is left.
    """
    with _opened() as ready:
        whom = _left_scope(ready.deployment, ready.database)
        _erase(ready, whom, "retention", _RETENTION, only_plan=only_plan, yes=yes, as_json=as_json)


def run_again(*, only_plan: bool, yes: bool, as_json: bool) -> None:
    """Erase whom a restored backup has brought back: everybody who has a tombstone.

    Raises:
        RegisterBusy: a run is under way.
        ErasureNotWhole: a trace is left.
    """
    with _opened() as ready:
        whom = whom_tombstones_name(ready.database, person_key(ready.deployment.settings))
        _erase(ready, whom, "request", _AGAIN, only_plan=only_plan, yes=yes, as_json=as_json)


def run_resume(*, as_json: bool) -> None:
    """Go on with what was stopped.

    Raises:
        RegisterBusy: a run is under way.
        ErasureNotWhole: a trace is left.
    """
    with _opened() as ready:
        for erasure_id in unfinished(ready.database):
            _carry_out(ready, erasure_id, as_json=as_json)


def run_lift(codes_file: Path) -> None:
    """Let what the source tells of some erased codes land again.

    Raises:
        SettingsError: the file cannot be read as codes.
    """
    codes = read_codes("Codes to lift", codes_file)
    with _opened() as ready:
        key = person_key(ready.deployment.settings)
        with (
            closing(ready.database.connect()) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            wait_for_landings(cursor)
            lifted = lift_tombstones(cursor, key, codes)
    say(f"{lifted} of {len(codes)} codes had been erased; what is told of them lands again.")


@contextmanager
def _opened() -> Iterator[Session]:
    """The session, with the tables that an erasure needs."""
    with session() as ready:
        for make in (create_ledger, create_register, create_audit):
            make(ready.database)
        yield ready


def _left_scope(deployment: Deployment, database: Database) -> Whom:
    rules = {
        one.name: one.retention_days
        for one in deployment.subscriptions
        if one.retention_days is not None
    }
    if not rules:
        msg = (
            "Persons who left the scope were to be erased, and no subscription says after how many "
            "days: set retention_days in the subscriptions file."
        )
        raise ErasureRefused(msg)
    return who_left_scope(database, person_key(deployment.settings), rules, deployment.clock())


def _erase(
    ready: Session,
    whom: Whom,
    kind: Kind,
    reason: str,
    *,
    only_plan: bool,
    yes: bool,
    as_json: bool,
) -> None:
    told = f"{whom.persons:,} persons of the register, with {len(whom.codes):,} codes"
    if whom.unknown:
        told += f", of which the register does not know {whom.unknown:,}"
    if only_plan or not whom.codes:
        say(f"{told} {'would be' if only_plan else 'are to be'} erased.")
        return
    _confirm(told, yes=yes)
    _require_rest(ready)
    for erasure_id in unfinished(ready.database):
        _carry_out(ready, erasure_id, as_json=as_json)
    key = person_key(ready.deployment.settings)
    now = ready.deployment.clock()
    erasure_id = begin_erasure(ready.database, key, whom, kind=kind, reason=reason, now=now)
    _carry_out(ready, erasure_id, as_json=as_json)


def _confirm(told: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        msg = f"{told} were to be erased; nothing was. Say --yes where nobody can be asked."
        raise ErasureRefused(msg)
    click.confirm(f"{told} are erased for good. Go on?", abort=True)


def _require_rest(ready: Session) -> None:
    under_way = unfinished_runs(ready.instance, ready.deployment)
    if under_way:
        msg = (
            f"Persons were to be erased, and {under_way} runs are waiting or under way: they could "
            "write down again what is taken out. Let them end, and start the same again."
        )
        raise RegisterBusy(msg)


def _carry_out(ready: Session, erasure_id: int, *, as_json: bool) -> None:
    _require_rest(ready)
    deployment = ready.deployment
    with step(f"erasure {erasure_id}") as progress:
        receipt = carry_out(
            Work(
                ready.database,
                deployment.storage,
                deployment.settings,
                deployment.scope,
                deployment.granted,
                _views_of(ready),
                progress,
            ),
            erasure_id,
            deployment.clock,
        )
    _say(receipt, as_json=as_json)


def _views_of(ready: Session) -> Callable[[], None] | None:
    """What makes the views anew, if anybody has built them."""
    with closing(ready.database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(_VIEWS)
        (are_there,) = cursor.fetchone() or (False,)

    def build() -> None:
        ready.run("views made anew", "views")

    return build if are_there else None


def _say(receipt: Receipt, *, as_json: bool) -> None:
    told = {"erasure_id": receipt.erasure_id, "persons": receipt.persons, **receipt.told}
    if as_json:
        say(json.dumps(told, indent=2))
        return
    seen = receipt.told["looked_through"]
    rows = sum(receipt.told.get("rows", {}).values())
    say(f"Erasure {receipt.erasure_id}: {receipt.persons:,} persons are gone.")
    say(
        f"  landing: {receipt.told.get('files_rewritten', 0):,} files written anew, "
        f"{receipt.told.get('messages', 0):,} messages taken out, "
        f"{receipt.told.get('mentions', 0):,} mentions in others' rows; "
        f"{receipt.told.get('files_left_behind', 0):,} files that nobody knew removed"
    )
    say(f"  database: {rows:,} rows; views {receipt.told['views']}")
    say(
        f"  looked through: {seen['files']:,} files, {seen['bytes'] / 1e6:,.1f} MB, "
        f"{seen['tables']:,} tables: no trace"
    )
    note("  What this does not reach, and still holds them:")
    for one in receipt.told["still_held_outside"]:
        note(f"    - {one}")
