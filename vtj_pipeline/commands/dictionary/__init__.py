"""`vtj-pipeline dictionary`: the data dictionary and what dbt is told, written from the catalogue.

Add a file here when another one follows from the catalogue alone. Keep out what the files say: of
groups (`groups.py`), of tables that are not folded (`unfolded.py`, `ledger.py`), and its layout
(`*.jinja`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.catalogue.model import OTHER_GROUP, Column
from vtj_pipeline.commands.dictionary.groups import (
    GroupEntry,
    code,
    finnish_fields,
    known_values,
)
from vtj_pipeline.commands.dictionary.ledger import ledger_tables
from vtj_pipeline.commands.dictionary.unfolded import unfolded_tables
from vtj_pipeline.commands.output import say
from vtj_pipeline.errors import PermanentError, SettingsError
from vtj_pipeline.register.ddl import all_columns
from vtj_pipeline.templates import template_files

if TYPE_CHECKING:
    from jinja2 import Environment, Template

    from vtj_pipeline.catalogue import Catalogue
    from vtj_pipeline.commands.dictionary.ddl import Described

PAGE = Path("docs/data-dictionary.md")
SOURCES = Path("dbt/models/sources.yml")
TABLES = Path("dbt/macros/register_tables.sql")
COMMAND = "vtj-pipeline dictionary"
_PRECISION = "_precision"


def run_dictionary(output: Path | None, *, check: bool) -> None:
    """Write the files, or check that those in place are current.

    Raises:
        PermanentError: with `check`, a file is missing or not current.
        SettingsError: no `output` was given, and there is no repository.
    """
    root = output or repository()
    made = files()
    stale = [path for path, text in made.items() if _present(root / path) != text]
    if check and stale:
        names = " and ".join(str(path) for path in stale)
        msg = f"Not as the catalogue says: {names}. Run `{COMMAND}` and commit what it writes."
        raise PermanentError(msg)
    for path, text in made.items():
        if path in stale:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8", newline="\n")
        say(f"{root / path}: {'written' if path in stale else 'is current'}")


def files(catalogue: Catalogue = CATALOGUE) -> dict[Path, str]:
    """What each file says, by its path in the repository."""
    return {PAGE: page(catalogue), SOURCES: sources(catalogue), TABLES: tables(catalogue)}


def page(catalogue: Catalogue = CATALOGUE) -> str:
    """The data dictionary, in Markdown."""
    groups = {name: GroupEntry(catalogue, group) for name, group in catalogue.groups.items()}
    return _template("data-dictionary.md.jinja").render(
        command=COMMAND,
        tables=list(catalogue.tables.values()),
        columns={
            table.name: [(c, finnish_fields(catalogue, table, c)) for c in all_columns(table)]
            for table in catalogue.tables.values()
        },
        groups=groups,
        feeding={
            name: [groups[group.name] for group in catalogue.groups_of(name) if group.is_known]
            for name in catalogue.tables
        },
        unknown=[entry for entry in groups.values() if not entry.group.is_known],
        unfolded=unfolded_tables(),
        other_group=OTHER_GROUP,
    )


def sources(catalogue: Catalogue = CATALOGUE) -> str:
    """The tables of register and ledger as dbt is told of them, in YAML."""
    folded = [
        (table.name, table.description, [_described(column) for column in all_columns(table)])
        for table in catalogue.tables.values()
    ]
    register = {
        "name": "register",
        "description": (
            "The register, made from the messages of the population information system. Finnish "
            "names in",
            "brackets are the source's own; docs/data-dictionary.md tells more.",
        ),
        "tables": [*_unfolded(unfolded_tables()), *folded],
    }
    ledger = {
        "name": "ledger",
        "description": (
            "What was asked of the source and what came. Counts, cursors and keyed hashes; no "
            "answer is here.",
        ),
        "tables": _unfolded(ledger_tables()),
    }
    return _template("sources.yml.jinja").render(command=COMMAND, sources=[register, ledger])


def tables(catalogue: Catalogue = CATALOGUE) -> str:
    """The register's folded tables as a macro, for views that ask the same of each of them."""
    told = [
        {
            "name": table.name,
            "columns": [column.name for column in table.value_columns],
            "dates": [
                column.name.removesuffix(_PRECISION)
                for column in table.value_columns
                if column.name.endswith(_PRECISION)
            ],
            "has_validity": table.has_validity,
            "maskable": table.maskable,
            "one_row": bool(table.parts),
        }
        for table in catalogue.tables.values()
    ]
    return _template("register_tables.sql.jinja").render(command=COMMAND, tables=told)


def repository() -> Path:
    """The folder of the checkout that this package, or the working directory, stands in.

    Raises:
        SettingsError: neither is a checkout.
    """
    for folder in (Path(__file__).resolve().parents[3], Path.cwd()):
        if (folder / "pyproject.toml").is_file() and (folder / "dbt/dbt_project.yml").is_file():
            return folder
    msg = (
        "The files are kept in the repository, and neither the program nor the current directory "
        f"is in one. Say with --output where {PAGE} and {SOURCES} are to be written."
    )
    raise SettingsError(msg)


def _present(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def _unfolded(tables: list[Described]) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    return [
        (table.name, table.description, [(c.name, c.type, c.description) for c in table.columns])
        for table in tables
    ]


def _described(column: Column) -> tuple[str, str, str]:
    """A column as dbt shows it; what it means stands as in the database's own comment."""
    finnish = f" ({column.finnish})" if column.finnish else ""
    values = f" Known values: {', '.join(column.codes)}." if column.codes else ""
    return column.name, column.type, f"{column.description}{finnish}{values}"


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@cache
def _environment() -> Environment:
    environment = template_files(
        "vtj_pipeline.commands.dictionary", ".", keep_trailing_newline=True
    )
    environment.filters.update(code=code, values=known_values, quoted=_quoted)
    return environment


def _template(name: str) -> Template:
    return _environment().get_template(name)
