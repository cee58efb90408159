"""What somebody should look at in the register as it stands: counts and names, never a person.

Add a question here when a check or the status asks it. Keep out what counts while publishing
(`unknown.py`, `sql/fold_rows.sql`) and what is said about the answers (`orchestration/checks.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.catalogue.model import OTHER_GROUP
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from vtj_pipeline.catalogue import Catalogue, Table
    from vtj_pipeline.postgres import Database


@dataclass(frozen=True)
class Unknown:
    """A group, a field or a column's values that this version does not know.

    Attributes:
        kind: `group`, `field` or `code`.
        tietoryhma: The group's name.
        name: The field's name; None for a group.
        rows: Of groups and fields, the rows that were landed; of codes, the rows that stand.
    """

    kind: str
    tietoryhma: str
    name: str | None
    rows: int


@dataclass(frozen=True)
class HeldBack:
    """What could not be read and has not been made up for since.

    Attributes:
        persons: Those to whom nothing is applied until their basic data come.
        rows: Messages and rows, by why they could not be read.
        nobodys: How many of these name no subject, so that no person is held back for them.
    """

    persons: int
    rows: dict[str, int]
    nobodys: int


@dataclass(frozen=True)
class OneRowRule:
    """Rows of which a person has at most one.

    Attributes:
        condition: SQL over a row `r` that stands.
        slots: Group → what it fills; empty where the whole table is one.
        columns: Columns within which there is one.
    """

    condition: str
    slots: dict[str, str]
    columns: tuple[str, ...] = ()


def unknown_things(database: Database) -> tuple[Unknown, ...]:
    """Everything that this version does not know, groups first, the most frequent first."""
    found = _rows(
        database,
        "select kind, tietoryhma, name, rows from register.unknown_seen "
        "order by array_position(array['group', 'field', 'code'], kind), rows desc, "
        "tietoryhma, name",
    )
    return tuple(Unknown(*row) for row in found)


def refresh_requests(database: Database) -> dict[str, int]:
    """Persons whose basic data are to be asked for anew, by reason; a person may have several."""
    return dict(
        _rows(
            database,
            "select reason, count(*) from register.refresh_request group by reason order by reason",
        )
    )


def last_anomalies(database: Database) -> dict[str, int]:
    """Rows that did not fit, by kind, in the histories that the last publication folded."""
    found = _rows(
        database, "select anomalies from register.publication order by publication_id desc limit 1"
    )
    return dict(sorted(found[0][0].items())) if found else {}


def held_back(database: Database) -> HeldBack:
    """What is in quarantine, without what an answer or a later baseline has told since."""
    rows = _rows(database, render("held_back.sql"))
    return HeldBack(
        persons=refresh_requests(database).get("quarantine", 0),
        rows={reason: number for reason, number, _ in rows},
        nobodys=sum(nobodys for _, _, nobodys in rows),
    )


def open_twice(database: Database, catalogue: Catalogue = CATALOGUE) -> dict[str, int]:
    """Table → persons with two rows where there can be one, as known now; reads whole tables."""
    found = {}
    for table in catalogue.tables.values():
        rules = one_row_rules(table, catalogue)
        if rules:
            statement = render("open_twice.sql", table=table.name, rules=rules)
            found[table.name] = _rows(database, statement)[0][0]
    return {name: persons for name, persons in found.items() if persons}


def one_row_rules(table: Table, catalogue: Catalogue) -> list[OneRowRule]:
    """Which rows of a table a person has at most one of, as the catalogue says."""
    if table.name == OTHER_GROUP:
        return []
    if table.parts:
        return [OneRowRule("true", {})]
    clear = "r.withheld is not true" if table.maskable else "true"
    groups = [group for group in catalogue.groups_of(table.name) if group.is_known]
    single = {group.name: group.slot for group in groups if not group.key}
    latest = {group.name: group.slot for group in groups if group.one_open}
    rules = [
        OneRowRule(clear, single),
        OneRowRule(
            f"{clear} and r.valid_to is null and ({table.open_when})", latest, table.one_open_by
        ),
    ]
    return [rule for rule in rules if rule.slots]


def _rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()
