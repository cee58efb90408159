"""Changing relations between children and adults on both sides, and telling both.

An event says what happens to the child's relations as `Edit`s; the other side's follow from it.
Keep out which events there are (`guardianship.py`, `parenthood.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from vtj_pipeline.sandbox import family_rows as f
from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.family_state import Guardianship, Parenthood
from vtj_pipeline.sandbox.kinship import find, in_scope, is_about, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.world import World

R = TypeVar("R", Guardianship, Parenthood)
Told = dict["Person", list["Row"]]
_CONTEXT_SHARE = 0.3


class Step(NamedTuple, Generic[R]):
    """One row in each sibling group: what happened, the whole relation, and what stands."""

    attribute: str
    relation: R
    standing: tuple[R, ...] = ()
    changed: f.Changed | None = None


class Edit(NamedTuple, Generic[R]):
    """What happens to one relation: `old` becomes `new`, either may be missing, told by steps."""

    old: R | None
    new: R | None
    steps: tuple[Step[R], ...]


@dataclass(frozen=True)
class Tie(Generic[R]):
    """How a kind of relation is held and told on the side of the child and on the other."""

    child_groups: tuple[str, ...]
    other_groups: tuple[str, ...]
    of_child: Callable[[Person], tuple[R, ...]]
    of_other: Callable[[Person], tuple[R, ...]]
    keep: Callable[[Person, tuple[R, ...]], None]
    keep_other: Callable[[Person, tuple[R, ...]], None]
    row: Callable[[str, R, Step[R] | None, bool], Row]
    key: Callable[[R], tuple[object, ...]]

    def carry_out(
        self, world: World, child: Person, edits: Sequence[Edit[R]], *, apart: bool = False
    ) -> Told:
        """Change both sides of the relations of a child and return the rows by person.

        Args:
            world: Where the others are found.
            child: Whose relations change.
            edits: What happens, in the order in which it is told.
            apart: Whether the rows of the first step of an edit come in all sibling groups before
                those of the second, with other rows between, rather than group by group.
        """
        mirrored: dict[Person, list[Edit[R]]] = {}
        for edit in edits:
            tie = edit.old or edit.new
            other = None if tie is None else find(world, tie.other)
            if other is not None:
                mirror = self._mirrored(world, child, other, edit)
                mirrored.setdefault(other, []).extend(mirror)
        told: Told = {child: self._rows(child, edits, of_child=False, apart=apart)}
        self.keep(child, _edited(self.of_child(child), edits))
        for other, own in mirrored.items():
            if own:
                told[other] = self._rows(other, own, of_child=True, apart=apart)
                self.keep_other(other, _edited(self.of_other(other), own))
        return told

    def everyone_in_scope(self, world: World, child: Person, relation: R) -> bool:
        """Whether the product has both sides, so that both hear of a row that goes."""
        other = find(world, relation.other)
        return in_scope(world, child) and (other is None or in_scope(world, other))

    def _mirrored(self, world: World, child: Person, other: Person, edit: Edit[R]) -> list[Edit[R]]:
        """Return the other side of an edit; none where the other side does not hold it."""
        held = {
            self.key(one): one for one in self.of_other(other) if is_about(world, one.other, child)
        }
        fresh = snapshot(child)
        old = None if edit.old is None else held.get(self.key(edit.old))
        if edit.old is not None and old is None:
            return []
        stub = fresh if old is None else old.other
        new = None if edit.new is None else edit.new._replace(other=stub)
        steps = tuple(
            step._replace(
                relation=step.relation._replace(other=stub),
                standing=tuple(
                    held.get(self.key(s), s._replace(other=fresh)) for s in step.standing
                ),
            )
            for step in edit.steps
        )
        return [Edit(old, new, steps)]

    def _rows(
        self, person: Person, edits: Sequence[Edit[R]], *, of_child: bool, apart: bool
    ) -> list[Row]:
        """Return the rows of one side; `of_child` where the related person is the child."""
        groups = self.other_groups if of_child else self.child_groups
        steps = [step for edit in edits for step in edit.steps]
        if not apart:
            return [self._told(group, step, of_child) for group in groups for step in steps]
        found: list[Row] = []
        for step in steps:
            if found:
                found += context(person)
            found += [self._told(group, step, of_child) for group in groups]
        return found

    def _told(self, group: str, step: Step[R], of_child: bool) -> Row:
        standing = [self.row(group, one, None, of_child) for one in step.standing]
        row = self.row(group, step.relation, step, of_child)
        return r.said(step.attribute, row, standing)


def _edited(held: tuple[R, ...], edits: Sequence[Edit[R]]) -> tuple[R, ...]:
    kept = list(held)
    for edit in edits:
        if edit.old is None:
            kept += [] if edit.new is None else [edit.new]
        elif edit.old in kept:
            place = kept.index(edit.old)
            kept[place : place + 1] = [] if edit.new is None else [edit.new]
    return tuple(kept)


def context(person: Person) -> list[Row]:
    """Return the name as a row that did not change, where there is one."""
    if person.first_names is None or person.last_name is None:
        return []
    row = r.name_row(person.first_names, person.last_name, person.name_since)
    return [r.said("LISATIETO", row)]


def tell_all(world: World, *tellings: Told) -> None:
    """Tell each person in one message what several changes say, now and then with context."""
    messages: Told = {}
    for told in tellings:
        for person, rows in told.items():
            messages.setdefault(person, []).extend(rows)
    for person, rows in messages.items():
        more = context(person) if world.rng.random() < _CONTEXT_SHARE else []
        world.tell(person, person.municipality, [*rows, *more])


def _keep_guardians(person: Person, relations: tuple[Guardianship, ...]) -> None:
    person.guardians = relations


def _keep_dependants(person: Person, relations: tuple[Guardianship, ...]) -> None:
    person.dependants = relations


def _keep_parents(person: Person, relations: tuple[Parenthood, ...]) -> None:
    person.family = person.family._replace(parents=relations)


def _keep_children(person: Person, relations: tuple[Parenthood, ...]) -> None:
    person.family = person.family._replace(children=relations)


def _guardianship(
    group: str, relation: Guardianship, step: Step[Guardianship] | None, of_child: bool
) -> Row:
    del of_child
    return f.guardianship_row(group, relation, None if step is None else step.changed)


def _parenthood(
    group: str, relation: Parenthood, step: Step[Parenthood] | None, of_child: bool
) -> Row:
    row = f.parenthood_row(group, relation, of_child=of_child)
    if step is not None and group.endswith("_SUPPEA"):
        return {**row, **f.narrow_change(relation)}
    return row


GUARDIANSHIP: Tie[Guardianship] = Tie(
    f.GUARDIAN_GROUPS,
    f.DEPENDANT_GROUPS,
    lambda person: person.guardians,
    lambda person: person.dependants,
    _keep_guardians,
    _keep_dependants,
    _guardianship,
    lambda one: (one.kind, one.since),
)
PARENTHOOD: Tie[Parenthood] = Tie(
    f.PARENT_GROUPS,
    f.CHILD_GROUPS,
    lambda person: person.family.parents,
    lambda person: person.family.children,
    _keep_parents,
    _keep_children,
    _parenthood,
    lambda one: (one.quality, one.since),
)
