"""`vtj-pipeline roles matrix`: which role reads which rows of which view and table, as Markdown.

It follows from the roles, dbt's models, the catalogue and the tables' statements alone, so that it
can be checked without a database; a test holds it against the rights of a real one. Keep out what
the roles are (`privacy/roles/rights.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.commands.dictionary import repository
from vtj_pipeline.commands.dictionary.ddl import described_tables
from vtj_pipeline.commands.dictionary.ledger import ledger_tables
from vtj_pipeline.commands.dictionary.unfolded import unfolded_tables
from vtj_pipeline.commands.output import say
from vtj_pipeline.errors import PermanentError
from vtj_pipeline.privacy import audit_statements
from vtj_pipeline.privacy.roles import ROLES, SCHEMAS, Role

BEGIN = "<!-- vtj-pipeline roles matrix -->"
END = "<!-- end of the matrix -->"
_FOLDERS = ("municipality", "wellbeing_area", "protected", "analyst", "statistics", "quality")
# Views and tables whose rows are counts, codes or a list of the program's own.
_NONE, _ALL, _OWN, _OWNS = "–", "all rows", "own municipalities", "all rows, writes"
_INTERNAL = "timeline"


@dataclass(frozen=True)
class Relation:
    """A view or table, by its names; views of persons are limited to municipalities."""

    schema: str
    name: str
    is_of_persons: bool
    is_view: bool


def run_matrix(check: Path | None) -> None:
    """Print the matrix, or see whether a page has it as it is.

    Raises:
        PermanentError: the page has it not, or not as it is.
    """
    made = matrix()
    if check is None:
        say(made)
        return
    text = check.read_text("utf-8") if check.is_file() else ""
    _, begins, rest = text.partition(f"{BEGIN}\n")
    held, ends, _ = rest.partition(f"\n{END}")
    if not (begins and ends and held.strip() == made.strip()):
        msg = (
            f"{check} has not got the matrix of roles as it is. Put what `vtj-pipeline roles "
            f"matrix` prints between the lines {BEGIN} and {END}."
        )
        raise PermanentError(msg)
    say(f"{check}: is current")


def matrix() -> str:
    """The table, with a row for each view and table of the schemas."""
    head = ["View or table", *(f"`{role.group}`" for role in ROLES)]
    lines = [_row(head), _row(["---"] * len(head))]
    for one in relations():
        cells = [cell(role, one) for role in ROLES]
        lines.append(_row([f"`{one.schema}.{one.name}`", *cells]))
    return "\n".join(lines)


def cell(role: Role, relation: Relation) -> str:
    """Which rows the role reads; every column of them."""
    if not role.may_read(relation.schema, relation.name):
        return _NONE
    if role.owns:
        return _ALL if relation.is_view else _OWNS
    return _OWN if relation.is_of_persons else _ALL


def relations() -> list[Relation]:
    """Every view and table of the schemas that the program keeps."""
    found = sorted(_found(), key=lambda one: (SCHEMAS.index(one.schema), one.name))
    return list(dict.fromkeys(found))


def _found() -> Iterator[Relation]:
    by_municipality = {s for role in ROLES if role.by_municipality for s in role.schemas}
    of_figures = {"statistics", "quality"}
    models = repository() / "dbt" / "models"
    for schema in _FOLDERS:
        for path in models.glob(f"{schema}/*.sql"):
            name = path.stem.removeprefix(f"{schema}_")
            yield Relation(schema, name, schema in by_municipality - of_figures, is_view=True)
            if schema in by_municipality - of_figures:
                yield Relation(_INTERNAL, path.stem, is_of_persons=True, is_view=True)
    for folder in (_INTERNAL, "reference"):
        for path in models.glob(f"{folder}/*.sql"):
            is_view = folder == _INTERNAL and "materialized=" not in path.read_text("utf-8")
            yield Relation(folder, path.stem, folder == _INTERNAL, is_view)
    for path in (repository() / "dbt" / "seeds").glob("*.csv"):
        yield Relation("reference", path.stem, is_of_persons=False, is_view=False)
    tables = {
        "register": [*CATALOGUE.tables, *(one.name for one in unfolded_tables())],
        "ledger": [one.name for one in ledger_tables()],
        "audit": [one.name for one in described_tables("audit", audit_statements(), {})],
        _INTERNAL: ["pseudonym"],
    }
    for schema, names in tables.items():
        for name in names:
            yield Relation(schema, name, is_of_persons=False, is_view=False)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
