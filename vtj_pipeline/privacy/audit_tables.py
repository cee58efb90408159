"""The schema `audit`: who was given which role, who read what, and the functions of every view.

Add a table in `sql/audit.sql` and by a new file in `migrations/`. Keep out what is written there
(`roles/`).
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from vtj_pipeline.postgres import VersionedSchema, upgrade

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Database, Upgrade


def audit_statements() -> str:
    """What makes the schema where there is none."""
    return (files("vtj_pipeline.privacy") / "sql" / "audit.sql").read_text("utf-8")


def create_audit(database: Database) -> Upgrade:
    """Make the schema `audit` where it is not there, or bring it to this program's version.

    Raises:
        DatabaseTooNew: a newer program has been here.
        UpgradeBlocked: somebody uses a table for too long.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    return upgrade(database, VersionedSchema("audit", "vtj_pipeline.privacy", audit_statements()))
