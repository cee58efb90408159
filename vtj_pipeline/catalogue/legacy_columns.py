"""Which columns of the register the old files can fill, read off the layouts and the catalogue.

What both roads can say is all that can be compared. Keep out comparisons (`register/handover.py`).
"""

from __future__ import annotations

import re
from functools import cache

from vtj_pipeline.catalogue.groups import CATALOGUE
from vtj_pipeline.catalogue.legacy import FROM_LEGACY, LAYOUTS

# What a rule makes and no field of its own tells (`rules.py`).
_BY_RULE = {
    "KUOLINPAIVA": ("kuollut",),
    "TURVAKIELTO": ("turvakieltoAktiivinen",),
}
_FIELDS = re.compile(r"\{(\w+)\}")
_VALIDITY = (("valid_from", "start"), ("valid_to", "end"))
# Told of a related person only where that one has no identity code.
OF_NAMELESS = (
    "related_first_names",
    "related_last_name",
    "related_birth_date",
    "related_birth_date_precision",
    "related_sex",
    "related_citizenship_code",
)
# The files name rights and places of living by codes of their own.
_OTHER_CODES = ("rights", "living")


@cache
def carried_columns(name: str) -> tuple[str, ...]:
    """The columns that the files can fill of a group's table, validity among them, in order."""
    group = CATALOGUE.groups[name]
    paths = _paths(name)
    columns = [
        column
        for column, source in group.columns.items()
        if column not in _OTHER_CODES and _is_carried(source, paths)
    ]
    for column, side in _VALIDITY:
        field = getattr(group, side)
        if field is not None and field.removeprefix("/") in paths:
            columns += [column, f"{column}_precision"]
    return tuple(columns)


@cache
def left_out_columns(name: str) -> tuple[str, ...]:
    """The columns of a group's table that the interface fills and the files cannot."""
    group = CATALOGUE.groups[name]
    dated = [column for column, side in _VALIDITY if getattr(group, side) is not None]
    return tuple(one for one in (*group.columns, *dated) if one not in carried_columns(name))


def left_out_groups() -> tuple[str, ...]:
    """The groups of the interface that the files cannot carry, in catalogue order."""
    return tuple(name for name in CATALOGUE.groups if name not in FROM_LEGACY)


def _is_carried(source: str, paths: frozenset[str]) -> bool:
    if source.startswith("'"):
        return True
    inner = _FIELDS.findall(source)
    if inner:
        return all(one in paths for one in inner)
    return source.removeprefix("/").removesuffix(".tarkkuus") in paths


@cache
def _paths(name: str) -> frozenset[str]:
    """Everything that stands in a row made of the files."""
    found = set(_BY_RULE.get(name, ()))
    own = [one for one in LAYOUTS if one.tietoryhma == name]
    codes = {one.code for one in own}
    found |= {field.path for one in own for field in one.fields if field.path}
    for _ in range(2):
        for one in LAYOUTS:
            for owner, into in one.into.items():
                if owner in codes and into:
                    codes.add(one.code)
                    inner = [field.path for field in one.fields if field.path]
                    found |= {*inner, *(f"{into}.{path}" for path in inner), into}
    return frozenset(found)
