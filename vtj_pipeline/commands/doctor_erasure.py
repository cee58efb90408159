"""The doctor's checks of erasure: is one unfinished, is anybody kept beyond the days of the rule.

Keep out the rest of the doctor's checks (`doctor.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from vtj_pipeline.commands.finding import Finding
from vtj_pipeline.erasure import unfinished, who_left_scope
from vtj_pipeline.errors import VtjError
from vtj_pipeline.privacy import person_key

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.postgres import Database

_REGISTER = "select to_regclass('register.scope_member') is not null"


def erasure_findings(deployment: Deployment, database: Database) -> Iterator[Finding]:
    """Whether all that was to be erased is."""
    yield _unfinished(database)
    rules = {s.name: days for s in deployment.subscriptions if (days := s.retention_days)}
    if rules and _is_there(database):
        yield _retention(deployment, database, rules)


def _unfinished(database: Database) -> Finding:
    tried = "look for erasures that have begun and not ended"
    found = unfinished(database)
    if not found:
        return Finding("erasure", tried, "ok", "none")
    to_do = "Go on with it when no run is under way: vtj-pipeline erase --resume."
    return Finding("erasure", tried, "fail", f"{len(found)} unfinished", to_do)


def _retention(deployment: Deployment, database: Database, rules: dict[str, int]) -> Finding:
    tried = "look for persons who left the scope longer ago than retention_days"
    key = person_key(deployment.settings)
    try:
        persons = who_left_scope(database, key, rules, deployment.clock()).persons
    except VtjError as error:
        return Finding("retention", tried, "warn", str(error), "See DATA-PROTECTION.md.")
    if not persons:
        return Finding("retention", tried, "ok", "nobody")
    to_do = "Erase them: vtj-pipeline erase --left-scope, from time to time or by a timer."
    return Finding("retention", tried, "warn", f"{persons:,} persons", to_do)


def _is_there(database: Database) -> bool:
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(_REGISTER)
        (is_there,) = cursor.fetchone() or (False,)
    return bool(is_there)
