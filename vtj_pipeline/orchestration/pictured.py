"""Which views come with a picture: what is asked for it, and how it gets into the run's metadata.

Add a line to `PICTURES` and its query to `sql/`. Keep out how it is drawn (`pictures.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import dagster as dg
import psycopg2

from vtj_pipeline.errors import ViewsError
from vtj_pipeline.orchestration.pictures import (
    Row,
    components_of_change,
    net_migration,
    picture_metadata,
    population_pyramid,
)

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Database


@dataclass(frozen=True)
class Picture:
    """How a view is pictured.

    Attributes:
        query: File in `sql/`: aggregates of the newest period that is over.
        draw: PNG of its rows, of which there is one at least.
        alt: What the picture shows, for who does not see it.
    """

    query: str
    draw: Callable[[Sequence[Row]], bytes]
    alt: str


PICTURES = {
    dg.AssetKey(["statistics", "population"]): Picture(
        "population.sql", population_pyramid, "Population by sex and age, as a pyramid"
    ),
    dg.AssetKey(["statistics", "migration_flow"]): Picture(
        "migration_flow.sql", net_migration, "Net migration by municipality, gains and losses"
    ),
    dg.AssetKey(["statistics", "population_change"]): Picture(
        "population_change.sql", components_of_change, "What made the population change in a month"
    ),
}
# By the name of the output, too, which is all that an asset of several says of itself.
_BY_OUTPUT = {key.to_python_identifier(): picture for key, picture in PICTURES.items()}


def with_pictures(
    events: Iterable[Any], database: Database, within: tuple[str, ...] = ()
) -> Iterator[Any]:
    """The same events; those of a view in `PICTURES` have its picture in their metadata.

    A view without a period that is over has no picture yet.

    Args:
        events: Of dbt, as dagster-dbt tells them.
        database: Where the views are.
        within: What the keys begin with besides their own names.

    Raises:
        ViewsError: the view does not have the columns that the picture is made of.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    for event in events:
        yield _pictured(event, database, within)


def _pictured(event: Any, database: Database, within: tuple[str, ...]) -> Any:
    match event:
        case dg.Output(output_name=name):
            picture = _BY_OUTPUT.get(name.removeprefix("".join(f"{one}__" for one in within)))
        case dg.AssetMaterialization(asset_key=key):
            picture = PICTURES.get(dg.AssetKey(key.path[len(within) :]))
        case _:
            return event
    rows = _rows(picture.query, database) if picture else []
    if picture is None or not rows:
        return event
    metadata = {**event.metadata, "picture": picture_metadata(picture.draw(rows), picture.alt)}
    return event.with_metadata(metadata)


def _rows(query: str, database: Database) -> list[Row]:
    statement = (files(__package__) / "sql" / query).read_text("utf-8")
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except psycopg2.Error as error:
            said = error.diag.message_primary
            msg = f"A picture was asked for by {query} and PostgreSQL refused: {said}."
            raise ViewsError(msg) from error
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
