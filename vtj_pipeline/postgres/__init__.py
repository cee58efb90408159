"""PostgreSQL as the rest of the program sees it: one `Database`, embedded or somebody's own.

Add what concerns connecting and serving. Keep out every table: the ledger's stand in `landing/`,
the register's in `register/`.
"""

from vtj_pipeline.postgres.database import Connection, Cursor, Database, adbc_answers
from vtj_pipeline.postgres.server import running_database

__all__ = ["Connection", "Cursor", "Database", "adbc_answers", "running_database"]
