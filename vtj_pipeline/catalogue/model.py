"""The data model of the catalogue: fields, groups, register tables.

Add a property here only when a rule of the source needs it. Keep out the entries themselves
(`groups.py`, `tables.py`) and what is made from them (`events/`, `register/`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Kind(StrEnum):
    """The shapes of a field in the source's JSON (contract §3.0)."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    PARTIAL_DATE = "partial_date"
    LOCALIZED = "localized"
    TEXT_LIST = "text_list"
    OBJECT_LIST = "object_list"


@dataclass(frozen=True)
class Field:
    """One field of a group, named exactly as the source names it.

    Attributes:
        name: The JSON key.
        kind: Its shape.
        fields: The fields of an element, for `Kind.OBJECT_LIST`.
        aliases: Other spellings of the key that the source has used (contract §8 #1).
    """

    name: str
    kind: Kind = Kind.TEXT
    fields: tuple[Field, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a register table.

    Attributes:
        name: English snake_case.
        type: The PostgreSQL type: text, integer, boolean, date or jsonb.
        finnish: The Finnish term of the register, for the column comment.
        description: What the value means.
    """

    name: str
    type: str
    finnish: str
    description: str


@dataclass(frozen=True)
class Table:
    """One folded table of the register.

    Attributes:
        name: Its name in the schema `register`.
        description: What one row is.
        columns: Its own columns; identity, validity and recording are added to every table.
        has_validity: Whether rows carry `valid_from` and `valid_to` with their precisions.
        maskable: Whether a row can be withheld under protection, and so has `withheld`.
        parts: For a table with one row a person at any time: the groups' parts that are carried
            forward side by side. Empty for a table of keyed rows.
        open_when: SQL condition on the table's columns: the row is in force. Sweeps end only
            rows that are (design §7.2).
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    has_validity: bool = False
    maskable: bool = False
    parts: tuple[str, ...] = ()
    open_when: str = "valid_to is null"

    @property
    def value_columns(self) -> tuple[Column, ...]:
        """The table's own columns and its validity columns, in DDL order."""
        return self.columns + (VALIDITY if self.has_validity else ())


VALIDITY = (
    Column("valid_from", "date", "alkupv", "First day on which it was so."),
    Column("valid_from_precision", "text", "alkupv.tarkkuus", "day, month, year or unknown."),
    Column("valid_to", "date", "loppupv", "First day on which it was no longer so; null = open."),
    Column("valid_to_precision", "text", "loppupv.tarkkuus", "day, month, year or unknown."),
)


@dataclass(frozen=True)
class Tietoryhma:
    """One information group of the source.

    Attributes:
        name: Exactly as the source names it.
        description: What a row tells, in English.
        fields: Its fields (contract §3).
        table: The register table it folds into.
        columns: Table column → source. A source is a field path (`katunimi.fi`,
            `syntymapv`, `syntymapv.tarkkuus`), or a constant in single quotes.
        key: Columns that tell one row of the person's from another (contract §3, "Key"); empty
            where the person has at most one.
        start: Field that holds the first day.
        end: Field that holds the last day.
        end_is_inclusive: Whether the row still held on the day in `end` (contract §3.0).
        part: The part of the table that this group carries, for tables with parts.
        sweeps: Whether a snapshot that mentions the group ends the open rows it does not list.
        whole_list: The field whose elements are the rows: the group is one row with a list.
        only: Fields that must have one of these values for the row to be folded.
        withheld_fields: What the source leaves out under protection (contract §7.2).
        source: Where the facts come from.
    """

    name: str
    description: str
    fields: tuple[Field, ...]
    table: str
    columns: dict[str, str]
    key: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    end_is_inclusive: bool = True
    part: str | None = None
    sweeps: bool = True
    whole_list: str | None = None
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)
    withheld_fields: tuple[str, ...] = ()
    source: str = ""

    @property
    def slot(self) -> str:
        """The family of rows that one sweep covers: the table, and the constant that splits it."""
        constants = [value.strip("'") for value in self.columns.values() if value.startswith("'")]
        return ".".join([self.table, *constants])

    @cached_property
    def row_fields(self) -> tuple[Field, ...]:
        """The fields that one register row is made of: the list's elements for a whole list."""
        if self.whole_list is None:
            return self.fields
        return next(f.fields for f in self.fields if f.name == self.whole_list)

    def field(self, name: str) -> Field:
        """The field of that name among `row_fields`.

        Raises:
            KeyError: the group has no such field.
        """
        for candidate in self.row_fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)


@dataclass(frozen=True)
class Catalogue:
    """All groups and tables that one version of the program knows.

    Attributes:
        groups: By name.
        tables: By name; `OTHER_GROUP` and `IDENTITY_CODE` among them.
    """

    groups: dict[str, Tietoryhma]
    tables: dict[str, Table]

    def groups_of(self, table: str) -> tuple[Tietoryhma, ...]:
        """The groups that fold into a table, in catalogue order."""
        return tuple(group for group in self.groups.values() if group.table == table)


OTHER_GROUP = "other_group"
IDENTITY_CODE = "identity_code"
