"""PostgreSQL as the rest of the program sees it: one `Database`, embedded or somebody's own.

Add what concerns connecting and serving. Keep out every table: the ledger's stand in `landing/`,
the register's in `register/`.
"""

from vtj_pipeline.postgres.database import Connection, Cursor, Database, adbc_answers
from vtj_pipeline.postgres.scratch import scratch_database
from vtj_pipeline.postgres.server import dagster_database, running_database
from vtj_pipeline.postgres.transport import is_here, is_verified
from vtj_pipeline.postgres.versions import Upgrade, VersionedSchema, changing_tables, upgrade

__all__ = [
    "Connection",
    "Cursor",
    "Database",
    "Upgrade",
    "VersionedSchema",
    "adbc_answers",
    "changing_tables",
    "dagster_database",
    "is_here",
    "is_verified",
    "running_database",
    "scratch_database",
    "upgrade",
]
