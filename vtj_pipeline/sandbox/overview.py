"""What the page for people shows: accounts, persons worth trying, the journal of the last day.

Add a person worth trying to `_KINDS`. Keep out the page itself (`page.html`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox.identity_codes import check_character
from vtj_pipeline.sandbox.kinship import ADULT
from vtj_pipeline.sandbox.reference_data import ABROAD, NO_HOME

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from vtj_pipeline.sandbox.accounts import Account, Product
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.simulation import Sandbox
    from vtj_pipeline.sandbox.world import World

    Fits = Callable[[World, Person], bool]

_LISTED = 3


def overview(sandbox: Sandbox) -> dict[str, Any]:
    """Return the state of a sandbox for people; all persons in it are made up."""
    return {
        "today": sandbox.today.isoformat(),
        "start": sandbox.options.start.isoformat(),
        "municipalities": sorted(sandbox.world.area),
        "counts": sandbox.counts(),
        "accounts": [_account(one) for one in sandbox.accounts.values()],
        "persons": _persons(sandbox.world),
        "journal": _journal(sandbox),
    }


def _account(account: Account) -> dict[str, Any]:
    product = account.product
    return {
        "name": account.name,
        "password": account.password,
        "product": product.kind,
        "whom": _whom(product),
        "censored": product.censored,
        "groups": None if product.groups is None else sorted(product.groups),
        "calls": list(product.calls),
    }


def _whom(product: Product) -> str:
    if product.kind == "identity_codes":
        return "anyone whom the request names in hetulista"
    condition = product.condition
    if condition is None:
        return f"everyone at home in {_listed(product.municipalities)}"
    ages = f"{condition.from_age} years or older"
    if condition.to_age is not None:
        ages = f"{condition.from_age} to {condition.to_age} years old"
    where = "the whole country"
    if condition.municipalities is not None:
        where = _listed(condition.municipalities)
    return f"everyone {ages} at home in {where}"


def _listed(codes: Collection[str]) -> str:
    first, more = sorted(codes)[:_LISTED], len(codes) - _LISTED
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")


def _journal(sandbox: Sandbox) -> dict[str, Any]:
    """Return the newest day of the journal: the clock's day has not been lived yet."""
    journal = sandbox.world.journal
    day = max(journal.day_keys, default=None)
    told = {} if day is None else dict(journal.told_of[day].most_common())
    return {
        "day": None if day is None else day.isoformat(),
        "cursor": None if day is None else sandbox.cursor_of_day(day),
        "before": None if day is None else sandbox.cursor_of_day(day - timedelta(days=1)),
        "newest_cursor": sandbox.newest_cursor(),
        "messages": sum(told.values()),
        "events": told,
    }


def _persons(world: World) -> list[dict[str, str]]:
    """Return the first person of each kind, in one pass over the population."""
    wanted, found = dict(_KINDS), {}
    for person in world.people:
        for what, fits in list(wanted.items()):
            if fits(world, person):
                found[what] = person.code
                del wanted[what]
                break
        if not wanted:
            break
    return [{"code": found[what], "what": what} for what in _KINDS if what in found]


def _lives_here(world: World, person: Person) -> bool:
    return world.in_area(person) and person.protection is None


_KINDS: dict[str, Fits] = {
    "Under a protection order: location groups are masked for accounts with censoring":
        lambda w, p: w.in_area(p) and p.is_protected,
    "Protection order that has ended": lambda w, p: w.in_area(p) and p.protection is not None
        and not p.is_protected,
    "Dead, the home not closed": lambda w, p: not p.is_alive and p.municipality in w.area,
    "Moved within Finland after the journal began":
        lambda w, p: _lives_here(w, p) and bool(p.past_addresses) and p.address is not None,
    "Code changed: an earlier one is known": lambda w, p: _lives_here(w, p) and bool(p.old_codes),
    "Newborn without a name":
        lambda w, p: w.in_area(p) and p.first_names is None and p.age(w.day) < 1,
    "Child with a guardian who has no code":
        lambda w, p: w.in_area(p) and p.age(w.day) < ADULT
        and any(one.other.code is None for one in p.guardians),
    "Child with two guardians":
        lambda w, p: w.in_area(p) and p.age(w.day) < ADULT and len(p.guardians) == 2,
    "Born in the 1800s: + as separator": lambda w, p: w.in_area(p) and "+" in p.code,
    "Hardly anything is known": lambda w, p: w.in_area(p) and p.language is None,
    "Temporary address as well": lambda w, p: _lives_here(w, p)
        and bool(k.kept(p, k.TEMPORARY_ADDRESS)),
    "Lives in an institution": lambda w, p: _lives_here(w, p) and bool(k.kept(p, k.INSTITUTION)),
    "Home municipality 200: lives abroad": lambda w, p: p.municipality == ABROAD,
    "Home municipality 198 or 199": lambda w, p: p.municipality in NO_HOME,
    "Code with a wrong check character": lambda w, p: w.in_area(p) and not _is_checked(p.code),
    "Married": lambda w, p: _lives_here(w, p) and bool(p.family.marriages)
        and p.family.marriages[-1].is_active,
    "Lives outside the municipalities: only for the accounts by code or by condition":
        lambda w, p: p.lives_in_finland and p.municipality not in w.area,
    "An ordinary resident": _lives_here,
}  # fmt: skip


def _is_checked(code: str) -> bool:
    return check_character(code[:6] + code[7:10]) == code[10]
