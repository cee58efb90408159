"""The sandbox without a server: its clock, and the answers of the four calls.

Keep out HTTP (`server.py`) and the form of requests (`requests.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.accounts import CENSORED, Account, make_accounts
from vtj_pipeline.sandbox.life import live_day
from vtj_pipeline.sandbox.options import SandboxOptions
from vtj_pipeline.sandbox.world import first_world

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from vtj_pipeline.sandbox.person_state import Person

Answer = dict[str, Any]

MOST_CODES = 1000
_FARTHEST = timedelta(days=3653)
_CHUNK = 500


class Sandbox:
    """A stand-in for the source: the register at the start of the clock's day, and its journal.

    The journal holds what happened before the start of that day, Europe/Helsinki. Persons' truth
    and the journal are made together, so `perustiedot` never says what no message told.
    """

    def __init__(self, options: SandboxOptions) -> None:
        """Make the first population and live to `options.first_clock`."""
        self.options = options
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
            msg = "The product is by personal identity code: hetulista is missing."
            raise SandboxError(msg)
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
        shown = b",".join(self._shown(person, wanted, account) for person in people)
        return b'{"perustiedot":[%b],"ajanTasalla":true}' % shown

    def basic_data(
        self,
        codes: Iterable[str],
        groups: Iterable[str] | None = None,
        account: str = CENSORED,
    ) -> Answer:
        """Return `perustiedot` as parsed JSON."""
        return _parsed(self.basic_data_body(codes, groups, account))

    def weekly_chunks(
        self,
        municipalities: Iterable[str] | None = None,
        codes: Iterable[str] | None = None,
        groups: Iterable[str] | None = None,
        account: str = CENSORED,
    ) -> Iterator[bytes]:
        """Yield the JSON of `perustiedot-vko` piece by piece; `poimintapv` is the clock's day.

        Without codes: everyone with a home in the product's municipalities, or in those of them
        that the request names. With codes: these persons of it (contract §2.4).
        """
        product = self.accounts[account].product
        homes = product.municipalities if municipalities is None else frozenset(municipalities)
        people: Iterable[Person] = self.world.people
        if codes is None:
            homes &= product.municipalities
        else:
            people = self._people(codes, account)
        if codes is None or municipalities is not None:
            people = (person for person in people if person.municipality in homes)
        wanted = None if groups is None else frozenset(groups)
        yield b'{"poimintapv":"%b","perustiedot":[' % self.today.isoformat().encode()
        first, chunk = True, []
        for person in people:
            chunk.append(self._shown(person, wanted, account))
            if len(chunk) == _CHUNK:
                yield (b"" if first else b",") + b",".join(chunk)
                first, chunk = False, []
        if chunk:
            yield (b"" if first else b",") + b",".join(chunk)
        yield b'],"ajanTasalla":true}'

    def weekly_copy(
        self,
        municipalities: Iterable[str] | None = None,
        codes: Iterable[str] | None = None,
        groups: Iterable[str] | None = None,
        account: str = CENSORED,
    ) -> Answer:
        """Return `perustiedot-vko` as parsed JSON."""
        return _parsed(b"".join(self.weekly_chunks(municipalities, codes, groups, account)))

    def in_scope_codes(self, account: str = CENSORED) -> list[str]:
        """Return the active codes of everyone with a home in the account's municipalities.

        Those whose home is withheld, and the dead whose home was not closed, are among them
        (§9 #17).
        """
        homes = self.accounts[account].product.municipalities
        return [person.code for person in self.world.people if person.municipality in homes]

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
            if person is not None and (anyone or person.municipality in product.municipalities):
                found.append(person)
        return found

    def _shown(self, person: Person, groups: frozenset[str] | None, account: str) -> bytes:
        product = self.accounts[account].product
        rows = self.world.rows_of(person, censored=product.censored)
        for allowed in (groups, product.groups):
            if allowed is not None:
                rows = [row for row in rows if row["tietoryhma"] in allowed]
        return orjson.dumps({"henkilotunnus": person.code, "tietoryhmat": rows})


def _parsed(body: bytes) -> Answer:
    answer: Answer = orjson.loads(body)
    return answer
