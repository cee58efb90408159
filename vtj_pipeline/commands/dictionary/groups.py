"""What the data dictionary says of a group: one short sentence for each rule of the catalogue.

Add a sentence when the catalogue's model gets a rule. Keep out the rules themselves (`catalogue/`)
and the page (`data-dictionary.md.jinja`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vtj_pipeline.catalogue.model import OTHER_GROUP, RELATED, VALIDITY, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vtj_pipeline.catalogue import Catalogue, Column, Field, Table, Tietoryhma

CODE_LISTS = {
    "municipality": "municipality codes, table `reference.municipalities`",
    "language": "language codes, table `reference.languages`",
    "country": "country codes, file `vtj_pipeline/reference/countries.csv`",
}
_NAME = re.compile(r"\w+")
_IN_BRACES = re.compile(r"\{/?([^}]+)\}")
_THE_OTHER = "the other person (by identity code; without one, by names and date of birth)"


def code(text: str) -> str:
    """Text as code, in a cell of a Markdown table too."""
    return f"`{text}`".replace("|", "\\|")


def codes(names: tuple[str, ...] | list[str]) -> str:
    """A list of names as code."""
    return ", ".join(code(name) for name in names)


def known_values(column: Column) -> str:
    """What values a column can have, as far as they are known; empty where they are free."""
    if column.code_list is not None:
        return f"Code list: {CODE_LISTS[column.code_list]}."
    return f"Known values: {codes(column.codes)}." if column.codes else ""


def finnish_fields(catalogue: Catalogue, table: Table, column: Column) -> str:
    """The source's fields that a column of a table holds; empty where the register makes it.

    The days of validity have another name in nearly every group, so they are read from the groups.
    """
    name, is_precision = re.subn("_precision$", "", column.name)
    if column not in VALIDITY:
        return code(column.finnish) if column.finnish else ""
    groups = catalogue.groups_of(table.name)
    days = [group.start if name == "valid_from" else group.end for group in groups]
    fields = dict.fromkeys(day.removeprefix("/") for day in days if day is not None)
    part = ".tarkkuus" if is_precision else ""
    return codes([field + part for field in fields]) or "none: the source does not tell it"


@dataclass(frozen=True)
class GroupEntry:
    """A group, as the page tells it.

    Attributes:
        catalogue: Where its table and its siblings stand.
        group: The group.
    """

    catalogue: Catalogue
    group: Tietoryhma

    @property
    def table(self) -> Table:
        """The table that its rows fold into."""
        return self.catalogue.tables[self.group.table]

    @property
    def cardinality(self) -> str:
        """How many rows a person has."""
        if self.group.whole_list is not None:
            return f"many: {self._whole_list}"
        if self.group.part is not None:
            return (
                f"one: the person has one row in {code(self.table.name)}, and this group is its "
                f"part {code(self.group.part)}"
            )
        return "many" if self.group.key else "one: the person has at most one"

    @property
    def _whole_list(self) -> str:
        text = (
            f"the source gives one row with the whole list {code(str(self.group.whole_list))}, "
            "of which each element is a row here"
        )
        if self.group.list_may_be_empty:
            text += "; an empty list is one row that names nobody"
        if self.group.removal_keeps_list:
            text += "; a removal (POISTETTU) shows the list that remains"
        return text

    @property
    def key(self) -> str:
        """How a row is known again when the source tells of it a second time."""
        if not self.group.key:
            return "nothing but the person is needed"
        return ", ".join(self._key_part(part) for part in self.group.key)

    def _key_part(self, part: str) -> str:
        if part != RELATED:
            return code(part)
        if self.group.table == OTHER_GROUP:
            return f"{code(str(self.group.related))}: {_THE_OTHER}"
        return _THE_OTHER

    @property
    def ending(self) -> str:
        """What the source's last day means, and what else ends a row."""
        if not self.table.has_validity:
            text = "the table has no days of validity; a row ends when the source replaces or "
            text += "removes it"
        elif self.group.end is None:
            text = "the source gives no last day"
        elif self.group.end_is_inclusive:
            text = f"{code(self._path(self.group.end))} is the last day on which it was so, "
            text += "`valid_to` the day after it"
        else:
            text = f"{code(self._path(self.group.end))} is the first day on which it was no longer "
            text += "so, and so is `valid_to`"
        if self.group.one_open:
            text += "; an open row also ends where a later one of its kind begins, told or not"
        return text

    @property
    def extract(self) -> str:
        """What a fresh extract of the person does to rows that it does not list."""
        if self.group.sweeps:
            return "ends the open rows of this group that it does not list"
        return "ends nothing: rows that it does not list stay"

    @cached_property
    def siblings(self) -> tuple[Tietoryhma, ...]:
        """The groups that can tell the same fact, this one among them, best first."""
        if self.group.rank is None:
            return ()
        others = self.catalogue.groups_of(self.group.table)
        ranked = [one for one in others if one.rank is not None and _can_agree(one, self.group)]
        return tuple(sorted(ranked, key=lambda one: one.rank or 0))

    @property
    def precedence(self) -> str:
        """Which group is shown where several tell the same fact."""
        if len(self.siblings) < 2:  # itself and another one
            return "no other group tells the same"
        same = ", ".join(self._key_part(part) for part in self.table.fact)
        return (
            f"rank {self.group.rank}. Where several groups tell the same fact, the first of "
            f"{codes([one.name for one in self.siblings])} is shown. The same fact: equal {same}"
        )

    @property
    def withheld(self) -> str:
        """What the source holds back of a person under an order of non-disclosure."""
        if self.group.withheld_fields:
            return codes(self.group.withheld_fields)
        if self.group.is_location:
            return "nothing; it tells a location all the same, so views hide it as they hide others"
        return "nothing"

    @property
    def only(self) -> str:
        """Which rows are folded, where not all are."""
        return "; ".join(
            f"{code(name)} is {' or '.join(code(value) for value in values)}"
            for name, values in self.group.only.items()
        )

    @cached_property
    def mapping(self) -> tuple[tuple[str, str], ...]:
        """Register column ← Finnish field path, in the table's order."""
        return tuple(self._mapping())

    def _mapping(self) -> Iterator[tuple[str, str]]:
        if self.group.table == OTHER_GROUP:
            yield "payload", codes([field.name for field in self.group.fields])
            return
        days = {"valid_from": self.group.start, "valid_to": self.group.end}
        for column in self.table.value_columns:
            day = days.get(column.name.removesuffix("_precision"))
            if column.name in self.group.columns:
                yield column.name, self._source(self.group.columns[column.name])
            elif day is not None:
                part = ".tarkkuus" if column.name.endswith("_precision") else ""
                yield column.name, self._source(day + part)

    def _source(self, source: str) -> str:
        if source.startswith("'") and source.count("'") == 2:  # a constant
            return f"always {code(source.strip(chr(39)))}"
        if "{" in source:
            return f"made of {code(_IN_BRACES.sub(lambda m: self._path(m[1]), source))}"
        aliases = () if source.endswith(".tarkkuus") else self.group.field(source).aliases
        return code(self._path(source)) + (f" (also spelled {codes(aliases)})" if aliases else "")

    def _path(self, path: str) -> str:
        """The path from the row: through the list, where the group is one."""
        if self.group.whole_list is None or path.startswith("/"):
            return path.removeprefix("/")
        return f"{self.group.whole_list}[].{path}"

    @property
    def unused(self) -> tuple[str, ...]:
        """Fields of the group that no column holds."""
        told = {word for _, source in self.mapping for word in _NAME.findall(source)}
        return tuple(field.name for field in self._fields if field.name not in told)

    @property
    def _fields(self) -> tuple[Field, ...]:
        """The fields that could be columns: of the row, or of a whole list's elements too."""
        if self.group.whole_list is None:
            return self.group.fields
        others = tuple(f for f in self.group.fields if f.name != self.group.whole_list)
        return others + tuple(f for f in self.group.row_fields if f.kind != Kind.OBJECT)


def _can_agree(one: Tietoryhma, other: Tietoryhma) -> bool:
    """Whether rows of two groups can be the same fact: no constant column keeps them apart."""
    constants = [
        {name: value for name, value in group.columns.items() if value.startswith("'")}
        for group in (one, other)
    ]
    shared = constants[0].keys() & constants[1].keys()
    return all(constants[0][name] == constants[1][name] for name in shared)
