"""The data model of the catalogue: fields, groups, register tables.

Add a property here only when a rule of the source needs it. Keep out the entries themselves
(`groups/`, `tables/`) and what is made from them (`events/`, `register/`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

OTHER_GROUP = "other_group"
IDENTITY_CODE = "identity_code"
RELATED = "related"
"""In a key or a fact: the related person, by code, else by names and birth date (contract §3.6)."""
UNCHANGED = "\uffff"
"""What the reader of old files writes where a blank field leaves what stood, as the surname in a
change of given names. It is no character, so that the source calls nobody so."""


class Kind(StrEnum):
    """The shapes of a field in the source's JSON (contract §3.0)."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    PARTIAL_DATE = "partial_date"
    LOCALIZED = "localized"
    TEXT_LIST = "text_list"
    OBJECT = "object"
    OBJECT_LIST = "object_list"


@dataclass(frozen=True)
class Field:
    """One field of a group, named exactly as the source names it.

    Attributes:
        name: The JSON key.
        kind: Its shape.
        fields: The fields of the object, or of a list's elements.
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
        finnish: The source's field, or the Finnish term of the register, for the column comment.
        description: What the value means.
        codes: The values that are known, where the source gives one of a closed list.
        code_list: Or the official list that they come from: municipality, country or language.
    """

    name: str
    type: str
    finnish: str
    description: str
    codes: tuple[str, ...] = ()
    code_list: str | None = None


VALIDITY = (
    Column("valid_from", "date", "alkupv", "First day on which it was so."),
    Column("valid_from_precision", "text", "alkupv.tarkkuus", "day, month, year or unknown."),
    Column("valid_to", "date", "loppupv", "First day on which it was no longer so; null = open."),
    Column("valid_to_precision", "text", "loppupv.tarkkuus", "day, month, year or unknown."),
)


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
        open_when: SQL condition on the table's columns, besides validity: the row is in force.
            Sweeps end only rows that are (design §7.2).
        fact: What tells that rows of sibling groups are the same fact: columns, `RELATED`, or SQL
            over columns. Of one fact only the row of the best `Tietoryhma.rank` is shown.
        one_open_by: Columns within which at most one row of a `one_open` group is open.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    has_validity: bool = False
    maskable: bool = False
    parts: tuple[str, ...] = ()
    open_when: str = "true"
    fact: tuple[str, ...] = ()
    one_open_by: tuple[str, ...] = ()

    @property
    def value_columns(self) -> tuple[Column, ...]:
        """The table's own columns and its validity columns, in DDL order."""
        return self.columns + (VALIDITY if self.has_validity else ())

    @property
    def names_a_person(self) -> bool:
        """Whether its rows are about another person too (`related_identity_code`)."""
        return any(column.name == "related_identity_code" for column in self.columns)


@dataclass(frozen=True)
class Tietoryhma:
    """One information group of the source.

    Attributes:
        name: Exactly as the source names it.
        finnish: The term that an official of the register would use.
        description: What a row tells, in English.
        fields: Its fields (contract §3). Empty where they are not known: such rows stay whole in
            `other_group`.
        table: The register table it folds into.
        columns: Table column → source. A source is a field path (`katunimi.fi`, `syntymapv`,
            `syntymapv.tarkkuus`, `huoltaja.etunimet`), a constant in single quotes, or SQL over
            fields in braces (`{voimassaolo} = 'AKTIIVI'`). With `whole_list`, a path is one of an
            element; a leading slash (`/alkupv`) makes it one of the row around the list.
        key: What tells one row of the person's from another (contract §3, "Key"): columns,
            `RELATED`, or SQL over columns; in `other_group`, field paths. Empty where the person
            has at most one.
        related: The field that holds the related person, for `RELATED`.
        start: Field that holds the first day.
        end: Field that holds the last day.
        end_is_inclusive: Whether the row still held on the day in `end` (contract §3.0).
        part: The part of the table that this group carries, for tables with parts.
        sweeps: Whether a snapshot that mentions the group ends the open rows it does not list.
        rank: Among sibling groups that tell the same fact, the smallest wins; None = no siblings.
        one_open: Whether an open row ends where a later one of the same kind begins, told or not.
        whole_list: The field whose elements are the rows: the group is one row with a list.
        list_may_be_empty: Whether an empty list still is one row, with what stands around it.
        removal_keeps_list: Whether POISTETTU shows the list that remains, not the one removed.
        only: Fields that must have one of these values for the row to be folded; the other rows
            go to `other_group`.
        may_be_unchanged: Columns in which `UNCHANGED` leaves what stood.
        withheld_fields: What the source leaves out under protection (contract §7.2).
        is_location: Whether a row tells where the person is or was, or can be reached.
        protects: The field that is true while the row protects its person, and is taken for true
            where it is missing. Such a row is applied even where its message is held back.
        source: Where the facts come from.
    """

    name: str
    finnish: str
    description: str
    fields: tuple[Field, ...] = ()
    table: str = OTHER_GROUP
    columns: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    related: str | None = None
    start: str | None = None
    end: str | None = None
    end_is_inclusive: bool = True
    part: str | None = None
    sweeps: bool = True
    rank: int | None = None
    one_open: bool = False
    whole_list: str | None = None
    list_may_be_empty: bool = False
    removal_keeps_list: bool = False
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)
    may_be_unchanged: tuple[str, ...] = ()
    withheld_fields: tuple[str, ...] = ()
    is_location: bool = False
    protects: str | None = None
    source: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the fields of the group are known."""
        return bool(self.fields)

    @property
    def family(self) -> str:
        """The table, and the constants that split it: rows that can follow one another."""
        if self.table == OTHER_GROUP:
            return self.name
        constants = [value.strip("'") for value in self.columns.values() if value.startswith("'")]
        return ".".join([self.table, *constants])

    @property
    def slot(self) -> str:
        """The rows that one sweep covers: the family, for siblings each group on its own."""
        return self.family if self.rank is None else f"{self.family}.{self.name}"

    @cached_property
    def row_fields(self) -> tuple[Field, ...]:
        """The fields that one register row is made of: the list's elements for a whole list."""
        if self.whole_list is None:
            return self.fields
        return next(f.fields for f in self.fields if f.name == self.whole_list)

    def field(self, path: str) -> Field:
        """The field at a path of names (`huoltaja.syntymapv`); parts of a value are no fields.

        Raises:
            KeyError: the group has no such field.
        """
        fields = self.fields if path.startswith("/") else self.row_fields
        found: Field | None = None
        for name in path.removeprefix("/").split("."):
            if found is not None and found.kind in (Kind.LOCALIZED, Kind.PARTIAL_DATE):
                break
            found = next((one for one in fields if one.name == name), None)
            if found is None:
                msg = f"{self.name} has no field {path}"
                raise KeyError(msg)
            fields = found.fields
        assert found is not None
        return found


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All groups and tables that one version of the program knows; equal only to itself.

    Attributes:
        groups: By name.
        tables: By name; `OTHER_GROUP` and `IDENTITY_CODE` among them.
    """

    groups: dict[str, Tietoryhma]
    tables: dict[str, Table]

    def groups_of(self, table: str) -> tuple[Tietoryhma, ...]:
        """The groups that fold into a table, in catalogue order."""
        return tuple(group for group in self.groups.values() if group.table == table)
