"""Accounts and what their products may see (contract §5, §7.2).

Add an account or a kind of product here. Keep out HTTP (`server.py`) and the membership that the
journal remembers (`journal.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.reference_data import ABROAD, NO_HOME

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from vtj_pipeline.sandbox.options import SandboxOptions
    from vtj_pipeline.sandbox.person_state import Person
    from vtj_pipeline.sandbox.reference_data import Reference

UNCENSORED, CENSORED = "mutpT1", "mutpT1x"
BY_CODE, BY_CODE_CENSORED = "mutpH1", "mutpH1x"
TAILORED, TAILORED_CENSORED = "mutpR1", "mutpR1x"
NARROW = "mutpS1x"
PASSWORD = "pwd"  # noqa: S105  # the public demonstration password (contract §1.3)

CALLS = ("kirjausavain", "muutokset", "perustiedot", "perustiedot-vko")
NARROW_GROUPS = (
    "HENKILOTUNNUS_KORJAUS",
    "HENKILON_NIMI",
    "SYNTYMAPAIVA",
    "KUOLINPAIVA",
    "TURVAKIELTO",
    "KOTIKUNTA",
)
_NO_MUNICIPALITY = (ABROAD, *NO_HOME)
_LIVED_YEARS = 11

Kind = Literal["municipality", "identity_codes", "tailored"]


class Condition(NamedTuple):
    """Whom a tailored product is about: by age in full years, by home municipality, or both.

    Attributes:
        from_age: The least age.
        to_age: The greatest age; None is any.
        municipalities: Home municipalities; None is the whole country.
    """

    from_age: int = 0
    to_age: int | None = None
    municipalities: frozenset[str] | None = None

    def holds(self, person: Person, day: date) -> bool:
        """Whether the condition holds on a day; the dead keep the age that they reached."""
        home = person.municipality
        if home is None or home in _NO_MUNICIPALITY:
            return False
        if self.municipalities is not None and home not in self.municipalities:
            return False
        if person.death is not None and person.death.is_dead and person.death.day is not None:
            day = min(day, person.death.day)
        age = person.age(day)
        return self.from_age <= age and (self.to_age is None or age <= self.to_age)

    def may_turn(self, age: int) -> bool:
        """Whether a birthday can change what holds while a sandbox lives: ten years at most."""
        ends = (self.from_age,) if self.to_age is None else (self.from_age, self.to_age + 1)
        return any(end > 0 and 0 <= end - age <= _LIVED_YEARS for end in ends)


@dataclass(frozen=True)
class Product:
    """What a customer has agreed on with DVV.

    Attributes:
        kind: `municipality` gives everyone with a home in `municipalities`; a request that names
            codes gets those of them. `identity_codes` gives anyone whom the request names.
            `tailored` gives everyone for whom `condition` holds.
        municipalities: Codes of the municipalities.
        censored: Whether the location of protected persons is withheld.
        groups: The groups that are granted; None grants all.
        calls: The calls that are permitted.
        condition: Of a tailored product.
    """

    kind: Kind
    municipalities: frozenset[str] = frozenset()
    censored: bool = True
    groups: frozenset[str] | None = None
    calls: tuple[str, ...] = CALLS
    condition: Condition | None = None

    def holds(self, person: Person, day: date) -> bool:
        """Whether a person is of the product on a day; nobody is of a product by code."""
        if self.condition is not None:
            return self.condition.holds(person, day)
        return person.municipality in self.municipalities


@dataclass(frozen=True)
class Account:
    """A user id, its password, and its product."""

    name: str
    password: str
    product: Product


def tailored_condition(options: SandboxOptions, reference: Reference) -> Condition:
    """Return the condition of the tailored accounts.

    Raises:
        SandboxError: the options name a municipality that does not exist.
    """
    named = options.tailored_municipalities
    unknown = [code for code in named if code not in reference.municipalities]
    if unknown:
        msg = f"Sandbox option tailored_municipalities: there is no municipality {unknown[0]}."
        raise SandboxError(msg)
    return Condition(options.tailored_from_age, options.tailored_to_age, frozenset(named) or None)


def make_accounts(options: SandboxOptions, reference: Reference) -> dict[str, Account]:
    """Return the accounts of a sandbox by name.

    Raises:
        SandboxError: the options grant groups to an account that does not exist.
    """
    area = frozenset(reference.area(options.wellbeing_area))
    condition = tailored_condition(options, reference)
    censored = options.censoring
    products = {
        UNCENSORED: Product("municipality", area, censored=False),
        CENSORED: Product("municipality", area, censored=censored),
        BY_CODE: Product("identity_codes", censored=False),
        BY_CODE_CENSORED: Product("identity_codes", censored=censored),
        TAILORED: Product("tailored", censored=False, condition=condition),
        TAILORED_CENSORED: Product("tailored", censored=censored, condition=condition),
        NARROW: Product(
            "municipality",
            area,
            censored=censored,
            groups=frozenset(NARROW_GROUPS),
            calls=CALLS[:3],
        ),
    }
    for name, groups in options.granted_groups:
        products[name] = replace(_known(products, name), groups=frozenset(groups))
    return {name: Account(name, PASSWORD, product) for name, product in products.items()}


def _known(products: dict[str, Product], name: str) -> Product:
    if name not in products:
        msg = f"Groups were granted to {name!r}: the accounts are {', '.join(products)}."
        raise SandboxError(msg)
    return products[name]


def read_granted(texts: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read `ACCOUNT=GROUP,GROUP` as often as it is given.

    Raises:
        SandboxError: a text is not of that form.
    """
    found = []
    for text in texts:
        name, sign, groups = text.partition("=")
        listed = tuple(one for one in groups.split(",") if one)
        if not (name and sign and listed):
            msg = f"Granted groups were given as {text!r}: write ACCOUNT=GROUP,GROUP."
            raise SandboxError(msg)
        found.append((name, listed))
    return tuple(found)
