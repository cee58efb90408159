"""The register's tables: the folded ones made from the catalogue, the others with versions.

Change a folded table in the catalogue: what is added there is added in any database. Change another
one in `sql/register.sql` and by a new file in `migrations/`, and so what the catalogue drops or
renames. Keep out rows.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.catalogue.model import Column, Table
from vtj_pipeline.postgres import VersionedSchema, changing_tables, upgrade
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from vtj_pipeline.catalogue import Catalogue
    from vtj_pipeline.postgres import Cursor, Database, Upgrade

_IDENTITY = (
    Column("row_id", "uuid", "", "Hash of the row's content and the time of its recording."),
    Column("person_id", "uuid", "", "Keyed hash of the first code in the person's lineage."),
)
_RECORDING = (
    Column(
        "recorded_from",
        "timestamptz",
        "muutospv",
        "When the population information system recorded it.",
    ),
    Column(
        "recorded_to",
        "timestamptz",
        "muutospv",
        "When it recorded something else; null = current.",
    ),
)
_WITHHELD = Column(
    "withheld", "boolean", "turvakiellonAlaisetKentat", "The source withholds the values."
)
_RELATED = Column(
    "related_person_id", "uuid", "", "The other person's person_id, where this register knows them."
)
_MADE_BY = "select folded_tables from register.schema_version order by version desc limit 1"
_MADE = (
    "update register.schema_version set folded_tables = %s "
    "where version = (select max(version) from register.schema_version)"
)
_SOURCE = Column("source_group", "text", "tietoryhma", "The group that the row came from.")


def value_columns(table: Table) -> tuple[Column, ...]:
    """The columns that make up a row's content: the table's own, validity, `withheld`."""
    return table.value_columns + ((_WITHHELD,) if table.maskable else ())


def all_columns(table: Table) -> tuple[Column, ...]:
    """Every column of a folded table, in DDL order."""
    related = (_RELATED,) if table.names_a_person else ()
    return (*_IDENTITY, *value_columns(table), *related, *_RECORDING, _SOURCE)


def create_register(database: Database, catalogue: Catalogue = CATALOGUE) -> Upgrade:
    """Make the schema `register` where it is not there, or bring it to this program's version.

    Folded tables get what the catalogue has and they lack, so that a new group needs no migration.
    What they are to hold is folded anew, since the rules are others then (`rules_fingerprint`).

    Raises:
        DatabaseTooNew: a newer program has been here.
        UpgradeBlocked: somebody uses a table for too long.
    """
    schema = VersionedSchema("register", "vtj_pipeline.register", render("register.sql"))
    done = upgrade(database, schema)
    statements = _folded_tables(catalogue)
    made = _hash(statements)
    with closing(database.connect()) as connection:
        with connection, connection.cursor() as cursor:
            if _made_by(cursor) == made:
                return done
        with changing_tables(connection, schema.name) as cursor:
            # Another process may have done it in the meantime.
            if _made_by(cursor) != made:
                cursor.execute(statements)
                cursor.execute(_MADE, (made,))
    return done


@cache
def _folded_tables(catalogue: Catalogue) -> str:
    tables = [
        {"name": t.name, "description": t.description, "columns": all_columns(t)}
        for t in catalogue.tables.values()
    ]
    return render("folded_tables.sql", tables=tables)


def _made_by(cursor: Cursor) -> str | None:
    cursor.execute(_MADE_BY)
    row = cursor.fetchone()
    return row[0] if row else None


def _hash(statements: str) -> str:
    return hashlib.sha256(statements.encode()).hexdigest()[:12]
