"""Tables and their comments, read from the statements that make them.

Keep out what their columns mean (`unfolded.py`, `ledger.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vtj_pipeline.catalogue.model import Column

_TABLE = r"^create table {}\.(\w+) \((.*?)^\);"
_COMMENT = r"^comment on table {}\.(\w+) is\s+((?:'(?:[^']|'')*'\s*)+);"
_COLUMN = re.compile(
    r"^ +(?!primary\b|unique\b|check\b|foreign\b|constraint\b)(\w+) (\w+(?: \[\])?)", re.M
)
_LITERAL = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True)
class Described:
    """A table that is not folded.

    Attributes:
        name: Its name in its schema.
        description: Its comment in the database.
        columns: Its columns; the meaning is empty where nobody wrote one.
    """

    name: str
    description: str
    columns: tuple[Column, ...]


def described_tables(
    schema: str, ddl: str, meaning: Mapping[str, Mapping[str, str]]
) -> list[Described]:
    """Every table of a schema, in the order of the statements.

    Args:
        schema: Its name.
        ddl: The statements.
        meaning: Table → column → what it means.
    """
    comments = {
        name: "".join(_LITERAL.findall(text)).replace("''", "'")
        for name, text in _found(_COMMENT, schema, ddl)
    }
    tables = []
    for name, body in _found(_TABLE, schema, ddl):
        kinds = dict(_COLUMN.findall(body))
        meanings = meaning.get(name, {})
        columns = tuple(
            Column(column, kind.replace(" ", ""), "", meanings.get(column, ""))
            for column, kind in kinds.items()
        )
        tables.append(Described(name, comments.get(name, ""), columns))
    return tables


def _found(pattern: str, schema: str, ddl: str) -> list[tuple[str, ...]]:
    return re.findall(pattern.format(schema), ddl, re.M | re.S)
