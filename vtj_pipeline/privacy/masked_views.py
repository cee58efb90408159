"""Whether a view tells anything of where a guarded person is: counts and names of views only.

Every view for readers that has one row a person is asked, whatever views there are, as a reader
would ask it who sets nothing. It costs by the guarded persons, who are few, and not by everybody.
Add a column to `TELLS_NO_PLACE` when a view gets one that tells none. Keep out who is told.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import sql

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.errors import ViewsError
from vtj_pipeline.templates import template_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vtj_pipeline.postgres import Cursor, Database

SCHEMAS = ("municipality", "wellbeing_area", "analyst", "statistics", "quality")
"""The schemas that readers are granted."""
# Every other column of a view counts as telling a place, so that a new one is not forgotten.
TELLS_NO_PLACE = frozenset(
    {
        "person_id", "pseudonym", "subscription", "identity_code",
        "last_name", "first_names", "call_name", "sex", "age", "birth_date", "birth_year",
        "birth_month", "mother_tongue", "language_group", "citizenship_group", "minority_kind",
        "died_on", "died_in_month", "age_at_death", "school_start_year", "guardian_count",
        "guardians_withheld", "mother_withheld", "is_protected", "location_withheld",
        "recorded_at", "recording_delay_days",
    }
)  # fmt: skip
# The planner expects one person's periods, and would read all guards anew for each.
_PLAN = "set local enable_nestloop = off"
_COLUMNS = (
    "select c.table_schema::text, c.table_name::text, array_agg(c.column_name::text) "
    "from information_schema.columns as c where c.table_schema = any(%s) "
    "group by c.table_schema, c.table_name "
    "having array_agg(c.column_name::text) && array['person_id', 'pseudonym'] order by 1, 2"
)
# Given as one value, the persons reach the index of the periods through a view, which joined they
# do not.
_PERSONS = {
    "person_id": sql.SQL("select g.person_id from pg_temp.guarded as g"),
    "pseudonym": sql.SQL(
        "select y.pseudonym from timeline.pseudonym as y "
        "where y.person_id in (select g.person_id from pg_temp.guarded as g)"
    ),
}
_TOLD = sql.SQL(
    "select count(distinct v.{key}) from {view} as v "
    "where v.{key} = any(array({persons})) and num_nonnulls({places}) > 0"
)


@dataclass(frozen=True)
class MaskedViews:
    """What was found.

    Attributes:
        views: How many views were asked.
        guarded: Persons whose place no view may tell.
        telling: View → guarded persons of whom it tells a place; empty if all is well.
    """

    views: int
    guarded: int
    telling: dict[str, int]


def look_at_views(database: Database) -> MaskedViews:
    """Ask every view that there is.

    Raises:
        ViewsError: PostgreSQL refuses a view.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        return ask_views(cursor)


def ask_views(cursor: Cursor, schemas: Sequence[str] = SCHEMAS) -> MaskedViews:
    """The same of some schemas, within a transaction; `pg_temp.guarded` is there until its end."""
    tables = sorted({g.table for g in CATALOGUE.groups.values() if g.is_location})
    guarded = template_files("vtj_pipeline.privacy", "sql").get_template("guarded.sql")
    cursor.execute(_PLAN)
    cursor.execute(guarded.render(tables=tables))
    cursor.execute("analyze pg_temp.guarded")
    cursor.execute("select count(*) from pg_temp.guarded")
    (persons,) = cursor.fetchone() or (0,)
    cursor.execute(_COLUMNS, (list(schemas),))
    views = cursor.fetchall()
    told = {f"{schema}.{name}": _told(cursor, schema, name, of) for schema, name, of in views}
    telling = {view: number for view, number in told.items() if number}
    return MaskedViews(len(views), int(persons), telling)


def _told(cursor: Cursor, schema: str, name: str, columns: Sequence[str]) -> int:
    key = "person_id" if "person_id" in columns else "pseudonym"
    places = [sql.Identifier("v", one) for one in columns if one not in TELLS_NO_PLACE]
    if not places:
        return 0
    question = _TOLD.format(
        key=sql.Identifier(key),
        view=sql.Identifier(schema, name),
        persons=_PERSONS[key],
        places=sql.SQL(", ").join(places),
    )
    try:
        cursor.execute(question)
    except psycopg2.Error as error:
        msg = (
            f"{schema}.{name} was asked whether it tells a guarded person's place, and PostgreSQL "
            f"refused: {error.diag.message_primary}. Build the views (vtj-pipeline run views)."
        )
        raise ViewsError(msg) from error
    (number,) = cursor.fetchone() or (0,)
    return int(number)
