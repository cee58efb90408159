"""The data dictionary and dbt's sources are what the catalogue says, and leave nothing out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from vtj_pipeline.catalogue import CATALOGUE, Table, Tietoryhma
from vtj_pipeline.commands import dictionary
from vtj_pipeline.commands.dictionary import (
    PAGE,
    SOURCES,
    TABLES,
    page,
    run_dictionary,
    sources,
)
from vtj_pipeline.commands.dictionary.groups import GroupEntry
from vtj_pipeline.errors import PermanentError, SettingsError
from vtj_pipeline.postgres import Database
from vtj_pipeline.register.ddl import all_columns
from vtj_pipeline_tests.pins import ROOT

MADE_HERE = {"row_id", "person_id", "related_person_id"}
_TABLES = pytest.mark.parametrize("table", CATALOGUE.tables.values(), ids=lambda t: t.name)
_GROUPS = pytest.mark.parametrize("group", CATALOGUE.groups.values(), ids=lambda g: g.name)


def section(heading: str) -> str:
    """What stands under a heading of the page, up to the next heading."""
    _, found, rest = page().partition(f"\n{heading}\n")
    assert found, f"the page has no {heading}"
    return re.split(r"\n#+ ", rest)[0]


def cells(text: str) -> list[list[str]]:
    """The rows of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines
    ]


def described() -> dict[str, dict[str, str]]:
    """Schema.table → column → description, as dbt is told."""
    return {
        f"{source['schema']}.{table['name']}": {
            column["name"]: column["description"] for column in table["columns"]
        }
        for source in yaml.safe_load(sources())["sources"]
        for table in source["tables"]
    }


def test_the_committed_files_are_current() -> None:
    run_dictionary(ROOT, check=True)


def test_what_was_written_is_current_until_somebody_edits_it(tmp_path: Path) -> None:
    run_dictionary(tmp_path, check=False)
    run_dictionary(tmp_path, check=True)
    for path in (PAGE, SOURCES, TABLES):
        written = (tmp_path / path).read_text("utf-8")
        (tmp_path / path).write_text(written + "\n", "utf-8")
        with pytest.raises(PermanentError, match=str(path)):
            run_dictionary(tmp_path, check=True)
        assert (tmp_path / path).read_text("utf-8") == written + "\n"
        run_dictionary(tmp_path, check=False)
        assert (tmp_path / path).read_text("utf-8") == written


def test_a_check_that_fails_ends_with_one_and_one_sentence(tmp_path: Path) -> None:
    ended = subprocess.run(
        [
            str(Path(sys.executable).with_name("vtj-pipeline")),
            *("dictionary", "--check", "--output", str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("error: ") and "Run `vtj-pipeline dictionary`" in line
    assert list(tmp_path.iterdir()) == []


def test_outside_a_repository_the_folder_must_be_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dictionary, "__file__", str(tmp_path / "a/b/c/d/e.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="--output"):
        run_dictionary(None, check=False)
    monkeypatch.chdir(ROOT)
    run_dictionary(None, check=True)


@_TABLES
def test_every_column_is_there_with_its_finnish_field_or_why_it_has_none(table: Table) -> None:
    rows = cells(section(f"### {table.name}"))
    assert [row[0] for row in rows] == [f"`{column.name}`" for column in all_columns(table)]
    for row, column in zip(rows, all_columns(table), strict=True):
        _, kind, finnish, meaning = row
        assert (kind, bool(meaning)) == (column.type, True)
        if column.name in MADE_HERE:
            assert finnish == "none: made here"
        else:
            assert finnish.startswith("`") or finnish == "none: the source does not tell it", row


@_TABLES
def test_a_column_that_a_group_fills_is_mapped_from_its_field(table: Table) -> None:
    if table.name == "other_group":
        return
    mapped = {
        row[0].strip("`")
        for group in CATALOGUE.groups_of(table.name)
        for row in cells(section(f"#### {group.name}"))
        if row[1]
    }
    untold = {
        row[0].strip("`")
        for row in cells(section(f"### {table.name}"))
        if row[2] == "none: the source does not tell it"
    }
    assert mapped | untold == {column.name for column in table.value_columns}


@_GROUPS
def test_every_group_is_on_the_page(group: Tietoryhma) -> None:
    assert group.name in section("## Groups")
    if not group.is_known:
        assert f"`{group.name}`" in section("## Groups whose fields are not known")
        return
    told = section(f"#### {group.name}")
    for text in (group.description, f"Source: {group.source}.", *group.withheld_fields):
        assert text in told
    for field in group.fields:
        assert re.search(rf"\b{field.name}\b", told), field.name


def test_every_link_leads_to_a_heading() -> None:
    headings = re.findall(r"^#+ (.+)$", page(), re.MULTILINE)
    anchors = [heading.lower().replace(" ", "-") for heading in headings]
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", page())) <= set(anchors)


@pytest.mark.parametrize(
    ("group", "siblings"),
    [
        ("LAPSI", ["LAPSI", "PERHESUHDE", "LAPSI_SUPPEA"]),
        ("VANHEMPI_SUPPEA", ["VANHEMPI", "PERHESUHDE", "VANHEMPI_SUPPEA"]),
        ("HUOLTAJA_SUPPEA", ["HUOLTAJA", "HUOLTAJA_SUPPEA", "HUOLTAJA_RAJOITETTU"]),
        ("KOTIKUNTA", []),
    ],
)
def test_siblings_are_the_groups_that_can_tell_the_same(group: str, siblings: list[str]) -> None:
    entry = GroupEntry(CATALOGUE, CATALOGUE.groups[group])
    assert [one.name for one in entry.siblings] == siblings


def test_dbt_is_told_of_every_table_and_column_that_the_database_has(
    ready_database: Database,
) -> None:
    connection = ready_database.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select table_schema || '.' || table_name, column_name "
                "from information_schema.columns where table_schema in ('register', 'ledger')"
            )
            there = set(cursor.fetchall())
    finally:
        connection.close()
    told = {(table, column) for table, columns in described().items() for column in columns}
    assert told == there


def test_every_column_says_what_it_means() -> None:
    bare = [(t, c) for t, columns in described().items() for c, text in columns.items() if not text]
    assert bare == [], "say it in vtj_pipeline/commands/dictionary/{unfolded,ledger}.py"
