"""The sandbox in memory: a clock, the journal up to it, and answers in the source's shapes.

The server puts these answers on HTTP; tests may call them directly. Add an endpoint's answer here.
Keep out HTTP and chance.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.journal import Entry, Journal
from vtj_pipeline.sandbox.life import live
from vtj_pipeline.sandbox.options import SandboxOptions
from vtj_pipeline.sandbox.places import load_places
from vtj_pipeline.sandbox.population import first_population, open_maker
from vtj_pipeline.sandbox.truth import Person, censor
from vtj_pipeline.sandbox.world import World

MOST_CODES = 1000
DEFAULT_ACCOUNT = "mutpT1x"


@dataclass(frozen=True)
class Account:
    """A product: its credentials, and whether protected persons' homes are masked."""

    password: str
    is_censored: bool


# The demo accounts of the real sandbox service (contract §1.3).
ACCOUNTS = {"mutpT1": Account("pwd", False), "mutpT1x": Account("pwd", True)}


class RequestRefusedError(SandboxError):
    """The request breaks a rule of the interface: the server answers 400."""


class Sandbox:
    """A population that lives day by day, and the source's answers about it."""

    def __init__(self, options: SandboxOptions) -> None:
        """Build the population and let it live until `options.first_clock`.

        Raises:
            SandboxError: The wellbeing area is not known.
        """
        self.options = options
        self._maker = open_maker(load_places(), options.wellbeing_area)
        rng = Random(f"{options.seed}:population")
        self._base = first_population(
            self._maker, rng, options.persons, options.protected_share, options.start
        )
        self._base_codes = frozenset(self._maker.used)
        self._begin()
        self.advance_to(options.first_clock)

    def _begin(self) -> None:
        self._maker.used = set(self._base_codes)
        persons = [person.copy() for person in self._base]
        self._world = World(self._maker, persons, self.options.whole_country, self.options.start)
        self._journal = Journal(self.options.start, self.options.page_size)

    @property
    def today(self) -> date:
        """The sandbox's current day, Europe/Helsinki; nothing of it has happened yet."""
        return self._world.day

    @property
    def municipalities(self) -> tuple[str, ...]:
        """Codes of the product's municipalities."""
        return self._maker.area

    def advance_to(self, day: date) -> None:
        """Set the clock to the start of a day, forward or back; every day happens the same again.

        Raises:
            SandboxError: The day is before the sandbox's first day.
        """
        if day < self.options.start:
            msg = f"The sandbox's clock was set to {day}; its first day is {self.options.start}."
            raise SandboxError(msg)
        if day < self.today:
            self._begin()
        options = self.options
        while self.today < day:
            live(
                self._world,
                self._journal,
                seed=options.seed,
                persons=options.persons,
                activity=options.activity,
            )

    def cursor_of_day(self, day: date) -> int:
        """Return the cursor after which `changes` gives all entries of a day (contract §2.1)."""
        return self._journal.cursor_of(day)

    def changes(
        self, cursor: int, codes: Collection[str] | None = None, account: str = DEFAULT_ACCOUNT
    ) -> dict[str, Any]:
        """Return one page of `muutokset` after a cursor (contract §2.2).

        Args:
            cursor: The last `viimeisinKirjausavain` received.
            codes: Only messages under these codes; None for the whole product.
            account: Whose product, one of `ACCOUNTS`.

        Raises:
            RequestRefusedError: The journal no longer keeps the entries after the cursor.
        """
        kept = self.options.retention_days
        if kept is not None and cursor < self.cursor_of_day(self.today - timedelta(days=kept)):
            msg = (
                f"viimeisinKirjausavain is older than the {kept} days that are kept;"
                " load the basic data again."
            )
            raise RequestRefusedError(msg)
        censored = ACCOUNTS[account].is_censored
        page = self._journal.read(cursor, frozenset(codes) if codes is not None else None)
        return {
            "viimeisinKirjausavain": page.cursor,
            "muutokset": [_message(entry, censored) for entry in page.entries],
            "ajanTasalla": page.caught_up,
        }

    def basic_data(
        self,
        codes: Sequence[str],
        groups: Collection[str] | None = None,
        account: str = DEFAULT_ACCOUNT,
    ) -> dict[str, Any]:
        """Return `perustiedot` of the persons found under active codes (contract §2.3).

        Raises:
            RequestRefusedError: No codes, or more than 1000.
        """
        if not 1 <= len(codes) <= MOST_CODES:
            msg = f"hetulista had {len(codes)} codes; give 1 to {MOST_CODES}."
            raise RequestRefusedError(msg)
        found = self._found(codes)
        return {"perustiedot": self._answer(found, groups, account), "ajanTasalla": True}

    def weekly_copy(
        self,
        municipalities: Collection[str] | None = None,
        codes: Sequence[str] | None = None,
        groups: Collection[str] | None = None,
        account: str = DEFAULT_ACCOUNT,
    ) -> dict[str, Any]:
        """Return `perustiedot-vko`: as `basic_data`, also by home municipality (contract §2.4).

        `poimintapv` is the current day: the copy shows the state at its start.
        """
        found = self._scope() if codes is None else self._found(codes)
        if municipalities is not None:
            wanted = frozenset(municipalities)
            found = (person for person in found if person.municipality in wanted)
        return {
            "perustiedot": self._answer(found, groups, account),
            "ajanTasalla": True,
            "poimintapv": self.today.isoformat(),
        }

    def in_scope_codes(self, account: str = DEFAULT_ACCOUNT) -> list[str]:
        """Return the active codes of all persons in an account's product, dead ones too."""
        if account not in ACCOUNTS:
            msg = f"There is no account {account}; use one of {sorted(ACCOUNTS)}."
            raise SandboxError(msg)
        return [person.code for person in self._scope()]

    def counts(self) -> dict[str, Any]:
        """Return counts for tests and people: persons by state, messages, the newest cursor."""
        scope = list(self._scope())
        return {
            "today": self.today.isoformat(),
            "persons": len(self._world.persons),
            "in_scope": len(scope),
            "living_in_scope": sum(not person.is_dead for person in scope),
            "protected_in_scope": sum(person.is_protected for person in scope),
            "messages": len(self._journal.entries),
            "newest_cursor": self._journal.last_key,
            "municipalities": list(self.municipalities),
        }

    def _scope(self) -> Iterable[Person]:
        return (person for person in self._world.persons if self._world.in_scope(person))

    def _found(self, codes: Sequence[str]) -> Iterable[Person]:
        known = self._world.by_code
        persons = (known[code] for code in dict.fromkeys(codes) if code in known)
        return (person for person in persons if self._world.in_scope(person))

    def _answer(
        self, persons: Iterable[Person], groups: Collection[str] | None, account: str
    ) -> list[dict[str, Any]]:
        censored = ACCOUNTS[account].is_censored
        wanted = frozenset(groups) if groups is not None else None
        absent = self.options.mask_absent_groups
        return [
            {
                "henkilotunnus": person.code,
                "tietoryhmat": list(
                    person.shown(censored=censored, groups=wanted, mask_absent=absent)
                ),
            }
            for person in persons
        ]


def _message(entry: Entry, censored: bool) -> dict[str, Any]:
    rows = censor(entry.rows) if censored and entry.is_hidden else list(entry.rows)
    return {"henkilotunnus": entry.code, "muutospv": entry.when, "tietoryhmat": rows}
