"""Databases that earlier versions made, and what a schema is made of.

Keep out what is expected of them. How the dumps were made: README.md.
"""

from __future__ import annotations

import gzip
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

from vtj_pipeline.postgres import Database

FOLDER = Path(__file__).parent
FIRST_ISSUE = FOLDER / "first_issue"
DUMPS = {
    "first issue": FIRST_ISSUE / "database.sql.gz",
    "last without numbers": FOLDER / "last_without_numbers.sql.gz",
}
_TABLES = (
    "select schemaname || '.' || tablename from pg_tables "
    "where schemaname in ('ledger', 'register') order by 1"
)
# Places of columns are left out: a column that was added stands last.
_CATALOGUE = """
select
    'column', format('%I.%I.%I', n.nspname, c.relname, a.attname),
    concat_ws(
        ' | ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
        pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
    )
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_attribute as a on c.oid = a.attrelid
left join pg_attrdef as d on c.oid = d.adrelid and a.attnum = d.adnum
where
    n.nspname in ('ledger', 'register') and c.relkind = 'r' and a.attnum > 0
    and not a.attisdropped
union all
select 'table', format('%I.%I', n.nspname, c.relname), obj_description(c.oid, 'pg_class')
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where n.nspname in ('ledger', 'register') and c.relkind in ('r', 'S', 'v')
union all
select 'constraint', k.conrelid::regclass || '.' || k.conname, pg_get_constraintdef(k.oid)
from pg_constraint as k
inner join pg_namespace as n on k.connamespace = n.oid
where n.nspname in ('ledger', 'register') and k.contype <> 'n'
union all
select 'index', schemaname || '.' || indexname, indexdef
from pg_indexes where schemaname in ('ledger', 'register')
"""


def load(database: Database, dump: str) -> None:
    """Fill an empty database with a dump of `DUMPS`."""
    run(database, gzip.decompress(DUMPS[dump].read_bytes()).decode())


def unpack_landing(home: Path) -> None:
    """The landed files of the first issue's database, and its subscriptions, under a home."""
    with zipfile.ZipFile(FIRST_ISSUE / "landing.zip") as archive:
        archive.extractall(home)
    text = (FIRST_ISSUE / "subscriptions.toml").read_text("utf-8")
    (home / "subscriptions.toml").write_text(text, "utf-8")


def shape(database: Database) -> set[tuple[Any, ...]]:
    """Every table, column, constraint, index and comment of ledger and register."""
    return set(rows(database, _CATALOGUE))


def stored(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, without its nulls."""
    return {
        name: [
            row
            for (row,) in rows(
                database, f"select jsonb_strip_nulls(to_jsonb(t)) from {name} as t order by 1"
            )
        ]
        for (name,) in rows(database, _TABLES)
    }


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    """What the database answers, names written in full."""
    with closing(database.connect("-c search_path=")) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def run(database: Database, statements: str) -> None:
    """Do statements and commit."""
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statements)
