"""The sandbox without a server: its clock, and the answers of the four calls.

Keep out HTTP (`server.py`) and the form of requests (`requests.py`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.accounts import CENSORED, Account, make_accounts
from vtj_pipeline.sandbox.life import live_day
from vtj_pipeline.sandbox.options import SandboxOptions
from vtj_pipeline.sandbox.world import first_world

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date

    from vtj_pipeline.sandbox.person_state import Person

Answer = dict[str, Any]

MOST_CODES = 1000
_FARTHEST = timedelta(days=3653)
_CHUNK = 500
_NO_CODES = "The product is by personal identity code: hetulista is missing."


class NotPermittedError(SandboxError):
    """The account's product is not for what was asked; the server answers 403."""


class Sandbox:
    """A stand-in for the source: the register at the start of the clock's day, and its journal.

    The journal holds what happened before the start of that day, Europe/Helsinki. Persons' truth
    and the journal are made together, so `perustiedot` never says what no message told.
    """

    def __init__(self, options: SandboxOptions) -> None:
        """Make the first population and live to `options.first_clock`."""
        self.options = options
        self._copy: Sandbox | None = None
        self._begin()
        self.advance_to(options.first_clock)

    def _begin(self) -> None:
        self.world = first_world(self.options)
        self.today = self.options.start
        self.accounts: dict[str, Account] = make_accounts(self.options, self.world.reference)

    def advance_to(self, day: date) -> None:
        """Set the clock. Forward lives the days between; backward begins anew, with equal days.

        Raises:
            SandboxError: the day is before the start or more than ten years after it.
        """
        if not self.options.start <= day <= self.options.start + _FARTHEST:
            msg = (
                f"The clock was asked to show {day}: give {self.options.start} or up to ten years "
                "later."
            )
            raise SandboxError(msg)
        if day < self.today:
            self._begin()
        while self.today < day:
            live_day(self.world, self.today)
            self.today += timedelta(days=1)

    def newest_cursor(self) -> int:
        """Return `kirjausavain` without a date: the newest key (contract §9 #4)."""
        return self.world.journal.last_key

    def cursor_of_day(self, day: date) -> int:
        """Return `kirjausavain/{pvm}`: the cursor after which the messages of a day come."""
        return self.world.journal.cursor_of(day)

    def changes_body(
        self, cursor: int, codes: Iterable[str] | None = None, account: str = CENSORED
    ) -> bytes:
        """Return the JSON of one page of `muutokset` (contract §2.2).

        Raises:
            CursorTooOldError: the journal no longer reaches back to the cursor.
            SandboxError: the account's product needs codes and none came.
        """
        product = self.accounts[account].product
        if codes is None and product.kind == "identity_codes":
            raise SandboxError(_NO_CODES)
        page = self.world.journal.read(cursor, product, None if codes is None else set(codes))
        return b'{"viimeisinKirjausavain":%d,"muutokset":[%b],"ajanTasalla":%b}' % (
            page.cursor,
            b",".join(page.messages),
            b"true" if page.caught_up else b"false",
        )

    def changes(
        self, cursor: int, codes: Iterable[str] | None = None, account: str = CENSORED
    ) -> Answer:
        """Return one page of `muutokset` as parsed JSON."""
        return _parsed(self.changes_body(cursor, codes, account))

    def basic_data_body(
        self,
        codes: Iterable[str],
        groups: Iterable[str] | None = None,
        account: str = CENSORED,
    ) -> bytes:
        """Return the JSON of `perustiedot`: unknown persons are left out (contract §2.3)."""
        people = self._people(codes, account)
        wanted = None if groups is None else frozenset(groups)
        shown = b",".join(self.shown(person, wanted, account) for person in people)
        caught_up = b"true" if self.options.basic_data_caught_up else b"false"
        return b'{"perustiedot":[%b],"ajanTasalla":%b}' % (shown, caught_up)

    def basic_data(
        self,
        codes: Iterable[str],
        groups: Iterable[str] | None = None,
        account: str = CENSORED,
    ) -> Answer:
        """Return `perustiedot` as parsed JSON."""
        return _parsed(self.basic_data_body(codes, groups, account))

    def check_weekly(
        self,
        municipalities: Collection[str] | None = None,
        codes: Collection[str] | None = None,
        groups: Collection[str] | None = None,
        account: str = CENSORED,
    ) -> None:
        """Refuse a `perustiedot-vko` that the account's product is not for.

        Raises:
            NotPermittedError: municipalities of a product by code, or outside the product's.
            SandboxError: neither codes nor municipalities of a product by code.
        """
        del groups
        product = self.accounts[account].product
        if product.kind == "identity_codes":
            if municipalities is not None:
                msg = "The product is by personal identity code: it has no permit for kuntakoodit."
                raise NotPermittedError(msg)
            if codes is None:
                raise SandboxError(_NO_CODES)
        strict = self.options.outside_area == "forbidden" and product.kind == "municipality"
        if strict and not product.municipalities.issuperset(municipalities or ()):
            msg = "The product has no permit for some of the kuntakoodit."
            raise NotPermittedError(msg)

    def weekly_chunks(
        self,
        municipalities: Collection[str] | None = None,
        codes: Collection[str] | None = None,
        groups: Collection[str] | None = None,
        account: str = CENSORED,
    ) -> Iterator[bytes]:
        """Yield the JSON of `perustiedot-vko` piece by piece.

        Without codes: everyone of the product, or those of them with a home in the municipalities
        that the request names. With codes: these persons of it (contract §2.4). `poimintapv` is
        the clock's day, or by option the last Monday, whose state is told then.

        Raises:
            NotPermittedError, SandboxError: as `check_weekly` has it.
        """
        self.check_weekly(municipalities, codes, groups, account)
        source = self._weekly_source()
        people = source.members_of(municipalities, codes, account)
        wanted = None if groups is None else frozenset(groups)
        yield b'{"poimintapv":"%b","perustiedot":[' % self._copy_date(source.today).encode()
        limit, first, caught_up = self.options.copy_limit, True, True
        shown: Iterator[bytes] = (source.shown(person, wanted, account) for person in people)
        if limit is not None:
            told = list(islice(shown, limit + 1))
            shown, caught_up = iter(told[:limit]), len(told) <= limit
        while chunk := list(islice(shown, _CHUNK)):
            yield (b"" if first else b",") + b",".join(chunk)
            first = False
        yield b'],"ajanTasalla":%b}' % (b"true" if caught_up else b"false")

    def members_of(
        self, municipalities: Collection[str] | None, codes: Collection[str] | None, account: str
    ) -> Iterator[Person]:
        """Yield the persons that a request for basic data without limits reaches."""
        homes = None if municipalities is None else frozenset(municipalities)
        people = self._people(codes, account) if codes is not None else self._members(account)
        for person in people:
            if homes is None or person.municipality in homes:
                yield person

    def _members(self, account: str) -> Iterator[Person]:
        product = self.accounts[account].product
        return (person for person in self.world.people if product.holds(person, self.today))

    def _weekly_source(self) -> Sandbox:
        """Return the sandbox whose state the weekly copy tells.

        Equal options give equal lives, so the state of a day that has passed is that of another
        sandbox whose clock stands there.
        """
        if self.options.weekly_copy == "live":
            return self
        monday = max(self.options.start, self.today - timedelta(days=self.today.weekday()))
        if self._copy is None:
            self._copy = Sandbox(replace(self.options, clock=monday, weekly_copy="live"))
        self._copy.advance_to(monday)
        return self._copy

    def _copy_date(self, day: date) -> str:
        """Return `poimintapv` in the form that the options want (§9 #22)."""
        if self.options.copy_date == "instant":
            return f"{day.isoformat()}T00:00:00.000Z"
        if self.options.copy_date == "finnish":
            return f"{day.day}.{day.month}.{day.year}"
        return day.isoformat()

    def weekly_copy(
        self,
        municipalities: Collection[str] | None = None,
        codes: Collection[str] | None = None,
        groups: Collection[str] | None = None,
        account: str = CENSORED,
    ) -> Answer:
        """Return `perustiedot-vko` as parsed JSON."""
        return _parsed(b"".join(self.weekly_chunks(municipalities, codes, groups, account)))

    def in_scope_codes(self, account: str = CENSORED) -> list[str]:
        """Return the active codes of everyone of the account's product.

        Those whose home is withheld, and the dead whose home was not closed, are among them
        (§9 #17). Of a product by code nobody is, unless a request says so.
        """
        return [person.code for person in self._members(account)]

    def counts(self) -> dict[str, int]:
        """Return how many persons and entries there are; no personal data."""
        people, area = self.world.people, self.world.area
        inside = [person for person in people if person.municipality in area]
        return {
            "persons": len(people),
            "in_scope": len(inside),
            "in_scope_dead": sum(not person.is_alive for person in inside),
            "in_scope_protected": sum(person.is_protected for person in inside),
            "journal_entries": len(self.world.journal.entries),
        }

    def _people(self, codes: Iterable[str], account: str) -> list[Person]:
        product, found = self.accounts[account].product, []
        anyone = product.kind == "identity_codes" or self.options.named_persons == "anyone"
        for code in dict.fromkeys(codes):
            person = self.world.by_code.get(code)
            if person is None and self.options.old_codes_answer:
                person = self.world.by_old_code.get(code)
            if person is not None and (anyone or product.holds(person, self.today)):
                found.append(person)
        return found

    def shown(self, person: Person, groups: frozenset[str] | None, account: str) -> bytes:
        """Return a person's basic data as JSON, in the groups asked for and granted."""
        product = self.accounts[account].product
        rows = self.world.rows_of(person, censored=product.censored)
        for allowed in (groups, product.groups):
            if allowed is not None:
                rows = [row for row in rows if row["tietoryhma"] in allowed]
        told = self.world.oddities.told(person, self.world.spelling.rows(rows))
        return orjson.dumps({"henkilotunnus": person.code, "tietoryhmat": told})


def _parsed(body: bytes) -> Answer:
    answer: Answer = orjson.loads(body)
    return answer
