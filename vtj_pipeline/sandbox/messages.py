"""The messages about one change, as each kind of product gets it.

Add a way in which products are told differently here. Keep out what changed (`events/`) and when it
is written (`world.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vtj_pipeline.sandbox import rows as r
from vtj_pipeline.sandbox.journal import Variants, written
from vtj_pipeline.sandbox.masking import MASKED_FIELDS, history_changes, mask_changes
from vtj_pipeline.sandbox.residence_rows import closing_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from random import Random

    from vtj_pipeline.sandbox.options import SandboxOptions
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.rows import Row
    from vtj_pipeline.sandbox.spelling import Spelling

_CLOSING_FIELDS = ("loppupv", "kunnastaPoisMuuttopv")


class Letter(NamedTuple):
    """What every message of one change says on the outside."""

    code: str
    moment: str
    spelling: Spelling

    def message(self, rows: Sequence[Row]) -> bytes:
        """Return one message as JSON."""
        told = self.spelling.rows(rows)
        message = {"henkilotunnus": self.code, "muutospv": self.moment, "tietoryhmat": told}
        return written(message)

    def both(self, plain: Sequence[Row], censored: Sequence[Row] | None) -> Variants:
        """Return the two variants of a message; they are one object where they are alike."""
        body = self.message(plain)
        if censored is plain:
            return Variants(body, body)
        return Variants(body, None if censored is None else self.message(censored))


def is_quiet(person: Person, rows: Sequence[Row], options: SandboxOptions) -> bool:
    """Whether the options keep this change from censored accounts: a protected move (§9 #15)."""
    if options.protected_moves != "silent" or not person.is_protected:
        return False
    groups = {row["tietoryhma"] for row in rows}
    return "TURVAKIELTO" not in groups and bool(groups & MASKED_FIELDS.keys())


def leaving_variants(
    letter: Letter, person: Person, rows: Sequence[Row], options: SandboxOptions
) -> Variants | None:
    """Return the last message about somebody who leaves a product, where it is another (§9 #3)."""
    told_where = person.is_protected and options.protected_mover_out == "told"
    bare = options.moving_out == "without-address"
    if not (told_where or bare):
        return None
    plain = [row for row in rows if not (bare and _is_new_place(row))]
    if not person.is_protected:
        return letter.both(plain, plain)
    censored = [*mask_changes(plain), *history_changes(plain)]
    if told_where:
        homes = [row for row in rows if row["tietoryhma"] == r.HOME]
        others = [row for row in censored if row["tietoryhma"] != r.HOME]
        censored = [*homes, *others]
    return letter.both(plain, censored)


def _is_new_place(row: Row) -> bool:
    group = row["tietoryhma"]
    located = group in MASKED_FIELDS and group != r.HOME
    return (located or group == r.BOOKKEEPING) and not _ends_something(row)


def standing_rows(rng: Random, person: Person, both_spellings: bool) -> list[Row]:
    """Return one or two rows of a person that stand, told again as MUUTETTU or LISATIETO."""
    known = [r.birth_row(person.born, person.born_precision)]
    known.append(r.single("SUKUPUOLI", sukupuoli=person.sex))
    if person.first_names is not None and person.last_name is not None:
        known.append(r.name_row(person.first_names, person.last_name, person.name_since))
    if person.home is not None:
        known.append(r.home_row(person.home, both_spellings=both_spellings))
    if person.address is not None:
        known.append(r.address_row(person.address))
    first = int(rng.random() * len(known))
    count = 1 if rng.random() < 0.5 else 2
    chosen = known[first : first + count]
    return [r.said("LISATIETO" if rng.random() < 0.4 else "MUUTETTU", row) for row in chosen]


def whole_rows(
    person: Person,
    rows: Iterable[Row],
    rows_of: Callable[[Person, bool], list[Row]],
    *,
    censored: bool,
) -> list[Row]:
    """All groups as LISATTY, then what the change and the time since the start ended.

    A product that had the person before, and was told nothing since, could not end the rows that
    it holds without the closing rows.
    """
    standing = rows_of(person, censored)
    hidden = censored and person.is_protected
    ended = [row for row in rows if _ends_something(row)]
    if hidden:
        ended += history_changes(ended)
    ended += closing_rows(person)
    ended += [r.said("MUUTETTU", r.dwelling_row(one)) for one in person.past_addresses]
    ended += [r.said("MUUTETTU", r.address_row(one)) for one in person.past_addresses]
    ended += [r.said("MUUTETTU", r.postal_row(one)) for one in person.past_postals]
    whole = [r.said("LISATTY", row) for row in standing]
    for row in ended:
        plain = {name: value for name, value in row.items() if name != "muutosattribuutti"}
        told = row["muutosattribuutti"] == "MUUTETTU" and plain in standing
        if told or row in whole:
            continue
        if not (hidden and row["tietoryhma"] in MASKED_FIELDS):
            whole.append(row)
    return whole


def _ends_something(row: Row) -> bool:
    attribute = row["muutosattribuutti"]
    if attribute == "MUUTETTU":
        return any(name in row for name in _CLOSING_FIELDS)
    return attribute in ("POISTETTU", "KORJATTAVA", "KORJATTU", "LISATIETO")
