"""The register's tables, made from the catalogue.

Change a folded table in the catalogue, another one in `sql/register.sql`. Keep out rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.catalogue.model import Column, Table
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from vtj_pipeline.catalogue import Catalogue
    from vtj_pipeline.postgres import Database

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
_SOURCE = Column("source_group", "text", "tietoryhma", "The group that the row came from.")


def value_columns(table: Table) -> tuple[Column, ...]:
    """The columns that make up a row's content: the table's own, validity, `withheld`."""
    return table.value_columns + ((_WITHHELD,) if table.maskable else ())


def all_columns(table: Table) -> tuple[Column, ...]:
    """Every column of a folded table, in DDL order."""
    related = (_RELATED,) if table.names_a_person else ()
    return (*_IDENTITY, *value_columns(table), *related, *_RECORDING, _SOURCE)


def create_register(database: Database, catalogue: Catalogue = CATALOGUE) -> None:
    """Make the schema `register` and its tables where they are not there yet."""
    tables = [
        {"name": t.name, "description": t.description, "columns": all_columns(t)}
        for t in catalogue.tables.values()
    ]
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            # Two processes that start together must not both create.
            cursor.execute("select pg_advisory_xact_lock(hashtext('vtj.register.ddl'))")
            cursor.execute(render("register.sql", tables=tables))
    finally:
        connection.close()
