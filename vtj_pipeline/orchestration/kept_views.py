"""Whether what dbt keeps in tables still follows from the register, or has to be made anew.

What it keeps follows the register by the persons whom each publication touched
(`register.touched_person`). Another version of the rules, or a register that was made anew, touches
everybody. Keep out how rows are made (`dbt/models/timeline`).
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Database

# The remark on the internal schema says what its tables were made of.
_MADE_OF = "select obj_description(to_regnamespace('timeline'), 'pg_namespace')"
_FIRST_PUBLICATION = (
    "select publication_id || ' ' || published_at from register.publication "
    "order by publication_id limit 1"
)
_REMARK = "comment on schema timeline is %s"


def current_state(database: Database, rules: str) -> str:
    """What the kept tables would be made of now: the rules, and the register's first publication.

    Args:
        database: With the register's tables.
        rules: A hash of the dbt project.
    """
    began = _one(database, _FIRST_PUBLICATION)
    return f"Made by rules {rules} of a register that began with {began}."


def is_made_of(database: Database, state: str) -> bool:
    """Whether the kept tables were made of this."""
    return _one(database, _MADE_OF) == state


def remember(database: Database, state: str) -> None:
    """Write down what the kept tables are made of, once they are whole."""
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_REMARK, (state,))


def _one(database: Database, query: str) -> str | None:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return row[0] if row else None
