"""`vtj-pipeline dictionary`: the data dictionary and dbt's sources, written from the catalogue.

Add a file here when another one follows from the catalogue alone. Keep out what the files say: of
groups (`groups.py`), of tables that are not folded (`unfolded.py`), and its layout (`*.jinja`).
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
from vtj_pipeline.commands.dictionary.unfolded import unfolded_tables
from vtj_pipeline.commands.output import say
from vtj_pipeline.errors import PermanentError, SettingsError
from vtj_pipeline.register.ddl import all_columns
from vtj_pipeline.templates import template_files

if TYPE_CHECKING:
    from jinja2 import Environment, Template

    from vtj_pipeline.catalogue import Catalogue

PAGE = Path("docs/data-dictionary.md")
SOURCES = Path("dbt/models/sources.yml")
COMMAND = "vtj-pipeline dictionary"


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
    return {PAGE: page(catalogue), SOURCES: sources(catalogue)}


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
    """The register's tables as dbt is told of them, in YAML."""
    folded = [
        (table.name, table.description, [_described(column) for column in all_columns(table)])
        for table in catalogue.tables.values()
    ]
    others = [
        (table.name, table.description, [(c.name, c.type, c.description) for c in table.columns])
        for table in unfolded_tables()
    ]
    return _template("sources.yml.jinja").render(command=COMMAND, tables=[*others, *folded])


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
