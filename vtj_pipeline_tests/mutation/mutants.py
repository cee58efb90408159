"""Each fold rule of the catalogue, changed once: catalogues that are wrong in one place.

Add a rule here when the catalogue gets one. Keep out how a mutant is found out (`hunt.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from vtj_pipeline.catalogue import CATALOGUE, Catalogue, Field, Table, Tietoryhma


@dataclass(frozen=True)
class Mutant:
    """A catalogue that differs in one rule.

    Attributes:
        rule: Which kind of rule was changed.
        name: What was changed: group or table, and how.
        table: The only table that can come out differently.
        catalogue: The catalogue.
        reads_differently: Whether events must be extracted anew.
        group, column, source: For a column that nothing else depends on: what fills it now, None
            if nothing does. Such mutants of a group can be tried together (`bundled`).
    """

    rule: str
    name: str
    table: str
    catalogue: Catalogue
    reads_differently: bool = False
    group: str = ""
    column: str = ""
    source: str | None = None


_SIBLINGS = (
    ("NIMENMUUTOS_LAAJA", "NIMENMUUTOS"),
    ("HUOLTAJA", "HUOLTAJA_SUPPEA"),
    ("HUOLTAJA_SUPPEA", "HUOLTAJA_RAJOITETTU"),
    ("HUOLLETTAVA", "HUOLLETTAVA_SUPPEA"),
    ("HUOLLETTAVA_SUPPEA", "HUOLLETTAVA_RAJOITETTU"),
    ("LAPSI", "PERHESUHDE"),
    ("VANHEMPI", "PERHESUHDE"),
    ("PERHESUHDE", "LAPSI_SUPPEA"),
    ("PERHESUHDE", "VANHEMPI_SUPPEA"),
)
_TELLS_A_PERSON = (
    "related_identity_code",
    "related_first_names",
    "related_last_name",
    "related_birth_date",
)
MakeMutant = Callable[..., Mutant]


def all_mutants() -> list[Mutant]:
    """Every mutant, in the order of the catalogue."""
    found: list[Mutant] = []
    for group in CATALOGUE.groups.values():
        if group.is_known:
            found += _of_group(group)
    for table in CATALOGUE.tables.values():
        found += _of_table(table)
    return found + list(_of_aliases())


def bundled(mutants: Iterable[Mutant]) -> Catalogue:
    """The catalogue with the columns of several mutants of one group changed at once."""
    (name,) = {one.group for one in mutants}
    group = CATALOGUE.groups[name]
    sources = {**group.columns, **{one.column: one.source for one in mutants}}
    columns = {column: source for column, source in sources.items() if source is not None}
    return _with_group(group, columns=columns)


def _with_group(group: Tietoryhma, **changes: object) -> Catalogue:
    changed = replace(group, **changes)
    return replace(CATALOGUE, groups={**CATALOGUE.groups, group.name: changed})


def _with_table(table: Table, **changes: object) -> Catalogue:
    changed = replace(table, **changes)
    return replace(CATALOGUE, tables={**CATALOGUE.tables, table.name: changed})


def _of_group(group: Tietoryhma) -> Iterator[Mutant]:
    def mutant(rule: str, how: str, **changes: object) -> Mutant:
        changed = _with_group(group, **changes)
        return Mutant(rule, f"{group.name}: {how}", group.table, changed)

    for place, element in enumerate(group.key):
        rest = group.key[:place] + group.key[place + 1 :]
        yield mutant("key", f"key without {element}", key=rest)
    table = CATALOGUE.tables[group.table]
    if table.has_validity:
        yield from _of_validity(group, table, mutant)
    if group.rank is not None:
        yield mutant("rank", "no rank", rank=None)
    yield from _of_rank(group)
    yield from _of_rows(group, table, mutant)
    if group.protects:
        # Decided where events are put in order, before any table is folded.
        yield replace(mutant("protects", "no protects", protects=None), reads_differently=True)
    if group.only:
        yield mutant("only", "no only", only={})
    yield from _of_columns(group, table, mutant)


def _of_rows(group: Tietoryhma, table: Table, mutant: MakeMutant) -> Iterator[Mutant]:
    """How a row stands beside the others of its person."""
    if not table.parts:
        yield mutant("sweeps", f"sweeps {not group.sweeps}", sweeps=not group.sweeps)
    if group.whole_list is not None:
        yield from _of_list(group, mutant)
    for part in table.parts:
        if part != group.part:
            yield mutant("part", f"part {part}", part=part)


def _of_validity(group: Tietoryhma, table: Table, mutant: MakeMutant) -> Iterator[Mutant]:
    if group.end is not None:
        inclusive = not group.end_is_inclusive
        yield mutant("end_is_inclusive", f"inclusive {inclusive}", end_is_inclusive=inclusive)
        yield mutant("end", "no end", end=None)
    if group.start is not None:
        yield mutant("start", "no start", start=None)
    if group.start is not None and not table.parts:
        yield mutant("one_open", f"one_open {not group.one_open}", one_open=not group.one_open)


def _of_list(group: Tietoryhma, mutant: MakeMutant) -> Iterator[Mutant]:
    for flag in ("removal_keeps_list", "list_may_be_empty"):
        value = not getattr(group, flag)
        yield mutant(flag, f"{flag} {value}", **{flag: value})
    yield mutant("whole_list", "no whole_list", whole_list=None)


def _of_rank(group: Tietoryhma) -> Iterator[Mutant]:
    """The group's rank exchanged with that of the sibling that tells less."""
    for worse in (less for more, less in _SIBLINGS if more == group.name):
        other = CATALOGUE.groups[worse]
        groups = {
            **CATALOGUE.groups,
            group.name: replace(group, rank=other.rank),
            other.name: replace(other, rank=group.rank),
        }
        name = f"{group.name}: rank exchanged with {other.name}"
        yield Mutant("rank", name, group.table, replace(CATALOGUE, groups=groups))


def _of_columns(group: Tietoryhma, table: Table, mutant: MakeMutant) -> Iterator[Mutant]:
    rules = (*group.key, *table.fact, *table.one_open_by, table.open_when)
    rule_words = {*re.findall(r"\w+", " ".join(rules)), *_TELLS_A_PERSON}
    for column, source in group.columns.items():
        # What tells rows apart, or kinds of rows, must be changed alone.
        alone = source.startswith("'") or column in rule_words
        for new in (None, _another_source(group, table, column)):
            rest = {name: one for name, one in group.columns.items() if name != column}
            if new is None:
                made = mutant("column dropped", f"column {column} dropped", columns=rest)
            elif new != source:
                how = f"column {column} from {new}"
                made = mutant("column exchanged", how, columns={**rest, column: new})
            else:
                continue
            yield made if alone else replace(made, group=group.name, column=column, source=new)


def _another_source(group: Tietoryhma, table: Table, column: str) -> str:
    """Another source of the same type: the next column's, or for a constant another group's.

    The same source where there is no other.
    """
    source = group.columns[column]
    types = {one.name: one.type for one in table.columns}
    if source.startswith("'"):
        others = [one.columns[column] for one in CATALOGUE.groups_of(table.name)]
        return next((other for other in others if other != source), source)
    alike = [
        name
        for name, one in group.columns.items()
        if types[name] == types[column]
        and one.endswith(".tarkkuus") == source.endswith(".tarkkuus")
        and not one.startswith("'")
        and "{" not in one + source
    ]
    if column not in alike:
        return source
    return group.columns[alike[(alike.index(column) + 1) % len(alike)]]


def _of_table(table: Table) -> Iterator[Mutant]:
    def mutant(rule: str, how: str, **changes: object) -> Mutant:
        changed = _with_table(table, **changes)
        return Mutant(rule, f"{table.name}: {how}", table.name, changed)

    if table.open_when != "true":
        yield mutant("open_when", "open_when true", open_when="true")
        yield mutant("open_when", "open_when reversed", open_when=f"not ({table.open_when})")
    for place, element in enumerate(table.fact):
        rest = table.fact[:place] + table.fact[place + 1 :]
        yield mutant("fact", f"fact without {element}", fact=rest)
    for place, element in enumerate(table.one_open_by):
        rest = table.one_open_by[:place] + table.one_open_by[place + 1 :]
        yield mutant("one_open_by", f"one_open_by without {element}", one_open_by=rest)
    if table.maskable:
        yield mutant("maskable", "not maskable", maskable=False)


def _of_aliases() -> Iterator[Mutant]:
    """No group knows one of the other spellings any more."""
    aliases = {
        alias: group.table
        for group in CATALOGUE.groups.values()
        for field in group.fields
        for alias in field.aliases
    }
    for alias in aliases:
        groups = {
            name: replace(group, fields=tuple(_without(group.fields, alias)))
            for name, group in CATALOGUE.groups.items()
        }
        changed = replace(CATALOGUE, groups=groups)
        yield Mutant("alias", f"{alias} unknown", "home_municipality", changed, True)


def _without(fields: Iterable[Field], alias: str) -> Iterator[Field]:
    for field in fields:
        yield replace(field, aliases=tuple(one for one in field.aliases if one != alias))
