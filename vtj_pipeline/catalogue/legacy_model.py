"""The data model of the old files' layouts: heads, fields, groups.

Keep out the layouts themselves (`legacy.py`) and what runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, pairwise

ATTRIBUTES = {
    "0": "LISATIETO",
    "1": "LISATTY",
    "3": "MUUTETTU",
    "4": "POISTETTU",
    "5": "KORJATTAVA",
    "6": "KORJATTU",
}
"""Attribute digit → `muutosattribuutti`."""
HEAD = (("subject", 11), ("event", 3), ("registered", 8), ("type", 1), ("role", 1), ("groups", 2))
"""What stands before the first bar of a record: names and widths."""
HEAD_LENGTH = sum(width for _, width in HEAD)
MOST_LINE = 2000
"""Characters that a line has at most; what does not fit goes on in a line of type J."""
UNTIL_FURTHER_NOTICE = "99990000"


class LegacyKind(StrEnum):
    """What a fixed-width field holds."""

    TEXT = "text"
    DATE = "date"
    CODE = "code"


@dataclass(frozen=True, eq=False)
class LegacyField:
    """One field of a group.

    Attributes:
        name: Ours; what a rule asks for it by.
        width: Characters.
        kind: What it holds.
        path: Where its value stands in the interface's row; empty: it has no place there.
        values: Value in the file → in the interface, for a list of codes; a value that is not in it
            is left out of the row. Empty: as it is.
        none: What stands for nothing, besides blanks.
    """

    name: str
    width: int
    kind: LegacyKind = LegacyKind.TEXT
    path: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    none: str = ""

    @property
    def nothing(self) -> str:
        """The field as it is written where there is nothing to tell."""
        if self.kind is LegacyKind.DATE:
            return "0" * self.width
        return (self.none or "").ljust(self.width)


@dataclass(frozen=True, eq=False)
class LegacyLayout:
    """One group of fixed-width fields.

    Attributes:
        code: Its three digits.
        finnish: What the service called it.
        fields: In order, without gaps, after the code and the attribute digit.
        tietoryhma: The interface's group that it leads to; empty for a refining group.
        into: For a refining group: code of the group that it refines → where in that one's row.
        mask: Field → how its text begins, or is, where the whole row is withheld: it is only by
            content that such a row can be told. Empty: it never is.
    """

    code: str
    finnish: str
    fields: tuple[LegacyField, ...]
    tietoryhma: str = ""
    into: Mapping[str, str] = field(default_factory=dict)
    mask: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def length(self) -> int:
        """Characters between two bars."""
        return 4 + sum(one.width for one in self.fields)

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where each field begins and ends in a group."""
        ends = [*accumulate((one.width for one in self.fields), initial=4)]
        return tuple(pairwise(ends))
