"""The scan at the end of a session: nobody's code, name or street where no person may be.

Looked at is what the program wrote under the folders of the tests, and what stands in the tables of
Dagster and of the ledger. Persons may be in landing, events, the register and the views alone.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import psycopg2
from psycopg2 import sql

from vtj_pipeline.postgres.database import DAGSTER_SCHEMA
from vtj_pipeline.sandbox.identity_codes import check_character
from vtj_pipeline_tests.pins import ROOT

REFERENCE = ROOT / "vtj_pipeline" / "reference"
LISTS = {"surnames.csv": ("name",), "street_names.csv": ("name_fi", "name_sv")}
# Shorter ones are syllables of other words, and of random text.
_SHORTEST = 6
# Where persons belong.
_NOT_LOOKED_AT = ("landing", "events", "pg")
# Of Dagster, as it is in a database of its own or beside the register, and of the ledger.
_SCHEMAS = ("public", DAGSTER_SCHEMA, "ledger")
# What tests give the program to read: code lists.
_GIVEN = ("codes.txt",)
_TEXT = (".py", ".sql", ".md", ".yml", ".csv", ".json", ".toml")
# A word of its own, or behind the escaped end of a line: parts of identifiers look like it, too.
_CODE = re.compile(
    rb"(?:(?<![0-9A-Za-z])|(?<=\\[nrt]))"
    rb"([0-9]{6})[-+ABCDEFYXWVU]([0-9]{3})([0-9A-Y])(?![0-9A-Za-z])"
)


def leaks_in_homes(folders: Iterable[Path]) -> list[str]:
    """What the program has written of persons under these folders, as sentences.

    Args:
        folders: Where tests made homes (`VTJ_HOME`) and kept what the program said.
    """
    files = [str(file) for folder in folders for file in _looked_at(folder)]
    return [f"{count} x {what} in {file}" for (file, what), count in _found(files).items()]


def leaks_in_databases(server: str) -> list[str]:
    """The same of the tables of Dagster and of the ledger in every database of a server."""
    told = []
    for name in _databases(server):
        url = server.replace("/postgres?", f"/{name}?")
        with tempfile.TemporaryDirectory() as folder:
            files = [str(file) for file in _written_out(url, Path(folder))]
            for (file, what), count in _found(files).items():
                told.append(f"{count} x {what} in {Path(file).name} of database {name}")
    return told


def leaks_in_text(text: bytes) -> Counter[str]:
    """What kinds of personal data a text holds, and how often."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        return Counter({what: count for (_, what), count in _found([file.name]).items()})


def _found(files: list[str]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for file in files:
        codes = sum(map(_is_code, _CODE.finditer(Path(file).read_bytes())))
        if codes:
            found[file, "a personal identity code"] += codes
    for what, words in _needles().items():
        for file, count in _grepped(files, words):
            found[file, what] += count
    return found


def _is_code(match: re.Match[bytes]) -> bool:
    is_day = 1 <= int(match[1][:2]) <= 31 and 1 <= int(match[1][2:4]) <= 12
    return is_day and check_character((match[1] + match[2]).decode()) == match[3].decode()


def _grepped(files: list[str], words: str) -> Iterator[tuple[str, int]]:
    if not files:
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as list_of_words:
        list_of_words.write(words)
        list_of_words.flush()
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as list_of_files:
            list_of_files.write("\0".join(files))
            list_of_files.flush()
            done = subprocess.run(
                [
                    "xargs", "--null", f"--arg-file={list_of_files.name}",
                    "grep", "--text", "--fixed-strings", "--word-regexp", "--count",
                    "--with-filename", "--null", f"--file={list_of_words.name}",
                ],
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                capture_output=True,
                text=True,
            )  # fmt: skip
    assert done.stderr == "", done.stderr
    for line in done.stdout.splitlines():
        file, _, count = line.partition("\0")
        if int(count):
            yield file, int(count)


@cache
def _needles() -> dict[str, str]:
    """The sandbox's names that are no words of the program, as text and as JSON writes them."""
    own = set()
    for file in _own_files():
        own |= set(re.findall(r"\w+", file.read_text("utf-8", errors="ignore")))
    needles = {}
    for name, columns in LISTS.items():
        with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
            words = {row[column] for row in csv.DictReader(file) for column in columns}
        kept = sorted(word for word in words - own if len(word) >= _SHORTEST)
        assert len(kept) > 300, name
        written = {form for word in kept for form in (word, json.dumps(word)[1:-1])}
        needles[f"a name of {name}"] = "\n".join(sorted(written)) + "\n"
    return needles


def _own_files() -> Iterator[Path]:
    for folder in ("vtj_pipeline", "dbt", "docs"):
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in _TEXT and file.name not in (*LISTS, "given_names.csv"):
                yield file


def _looked_at(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if one not in _NOT_LOOKED_AT]
        for name in files:
            file = Path(place) / name
            if name not in _GIVEN and file.is_file() and not file.is_symlink():
                yield file


def _databases(server: str) -> list[str]:
    connection = psycopg2.connect(server)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select datname from pg_database where datallowconn")
            return [name for (name,) in cursor.fetchall()]
    finally:
        connection.close()


def _written_out(url: str, folder: Path) -> Iterator[Path]:
    """The rows of Dagster's and the ledger's tables as files, one a table."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select table_schema, table_name from information_schema.tables "
                "where table_schema in %s and table_type = 'BASE TABLE'",
                (_SCHEMAS,),
            )
            for schema, table in cursor.fetchall():
                file = folder / f"{schema}.{table}"
                statement = sql.SQL("select t.* from {} as t").format(sql.Identifier(schema, table))
                cursor.execute(statement)
                with file.open("wb") as output:
                    for row in cursor:
                        output.writelines(b"%s\n" % _as_bytes(value) for value in row)
                yield file
    finally:
        connection.close()


def _as_bytes(value: object) -> bytes:
    if isinstance(value, memoryview):
        try:
            return zlib.decompress(value)  # as Dagster keeps its snapshots
        except zlib.error:
            return bytes(value)
    return str(value).encode()
