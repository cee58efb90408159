"""What a baseline would ask: its units, and what they cost in calls, time and euros.

Add another way to divide a baseline here. Keep out the asking (`baseline.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vtj_pipeline.errors import PermanentError, UnreadableAnswer
from vtj_pipeline.landing.asking import in_parts
from vtj_pipeline.landing.pages import asked_hash
from vtj_pipeline.source.messages import BASIC_DATA, WEEKLY_COPY, NotTheEnvelope, codes_of

if TYPE_CHECKING:
    from vtj_pipeline.landing.tombstones import Tombstones
    from vtj_pipeline.postgres import Connection
    from vtj_pipeline.privacy import PersonKey
    from vtj_pipeline.source import SourceClient, Subscription

_logger = logging.getLogger(__name__)
# DVV's price list: euros a person, and the number of persons above which the next are cheaper.
EUROS = 0.011
EUROS_ABOVE = 0.006
CHEAPER_ABOVE = 2_900_000
# Until calls have been measured: the pace of a known client (contract §1.4).
SECONDS_A_CALL = 2.0


@dataclass(frozen=True)
class Unit:
    """What one call asks for: municipalities of the weekly copy, codes, or everybody.

    Attributes:
        name: Tells one unit from another and nothing of whom it is about.
        codes: Code → the person_id that it has on its own.
    """

    name: str
    municipalities: tuple[str, ...] = ()
    codes: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of_codes(cls, codes: Sequence[str], key: PersonKey) -> Unit:
        """The unit of some codes; a hash of one code alone could be undone by trying them all."""
        ids = {code: str(key.person_id_of(code)) for code in codes}
        return cls(asked_hash(tuple(ids.values())), codes=ids)


@dataclass(frozen=True)
class BaselinePlan:
    """What a baseline is about to ask.

    Attributes:
        calls: Calls for basic data; of delivered files, batches.
        persons: Persons known beforehand; None where the source chooses them.
        euros: The most that they can cost; of persons that the source chooses it is not known.
        seconds: An estimate.
    """

    subscription: str
    calls: int
    persons: int | None
    euros: float
    seconds: float

    @property
    def said(self) -> str:
        """One line for a person."""
        persons = "persons as the source chooses" if self.persons is None else f"{self.persons:,}"
        minutes = self.seconds / 60
        time = f"{self.seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min"
        price = "price not known" if self.persons is None else f"at most {self.euros:.2f} euros"
        return (
            f"baseline of {self.subscription}: {self.calls:,} calls, "
            f"{persons}{' persons' if self.persons is not None else ''}, about {time}, {price}"
        )

    def check(self, ceiling: float) -> None:
        """Stop above the ceiling.

        Raises:
            PermanentError: the persons would cost more.
        """
        _logger.info("Planned %s", self.said)
        check_euros(f"baseline of {self.subscription}", self.persons, self.euros, ceiling)


def check_euros(what: str, persons: int | None, euros: float, ceiling: float) -> None:
    """Stop before the first call for basic data that would cost more than the ceiling.

    Raises:
        PermanentError: it would; the message begins with `what`.
    """
    if euros > ceiling:
        msg = (
            f"The {what} asks for {persons} persons, which can cost {euros:.2f} euros; "
            f"VTJ_BASELINE_MAX_EUROS allows {ceiling:.2f}. No basic data was asked for. Raise the "
            "ceiling if that is meant."
        )
        raise PermanentError(msg)


def price(persons: int) -> float:
    """What the basic data of so many persons cost, in euros (contract §5)."""
    return EUROS * min(persons, CHEAPER_ABOVE) + EUROS_ABOVE * max(persons - CHEAPER_ABOVE, 0)


def plan_of(
    subscription: Subscription, units: Sequence[Unit], connection: Connection, at_once: int
) -> BaselinePlan:
    """What asking for these units takes."""
    persons = sum(len(unit.codes) for unit in units) if any(u.codes for u in units) else None
    purpose = BASIC_DATA if subscription.baseline == "perustiedot" else WEEKLY_COPY
    return BaselinePlan(
        subscription.name,
        calls=len(units),
        persons=persons,
        euros=price(persons or 0),
        seconds=_seconds_a_call(connection, subscription.name, purpose) * len(units) / at_once,
    )


def units_of(
    subscription: Subscription, client: SourceClient, key: PersonKey, erased: Tombstones
) -> list[Unit]:
    """Everything that a baseline asks for; nobody by code who was erased for ever.

    Raises:
        VtjError: the source must be asked who there is, and does not answer.
    """
    if subscription.identity_codes_file is not None:
        codes = list(subscription.identity_codes())
    elif subscription.baseline == "perustiedot-vko":
        return [
            Unit(asked_hash((code,)), municipalities=(code,))
            for code in subscription.municipalities
        ] or [Unit(asked_hash(None))]
    else:
        codes = _residents(subscription, client)
    return [Unit.of_codes(part, key) for part in in_parts(erased.still_listed(codes))]


def _residents(subscription: Subscription, client: SourceClient) -> list[str]:
    """The codes of the municipalities' residents, from the weekly copy.

    Who moved in since its extraction comes with the changes, which start earlier than that.
    """
    codes: set[str] = set()
    for municipality in subscription.municipalities:
        answer = client.weekly_copy(municipalities=[municipality], groups=["KOTIKUNTA"])
        try:
            codes.update(codes_of(answer.body))
        except NotTheEnvelope as error:
            msg = (
                f"{answer.purpose} was answered with something that is not the agreed JSON: "
                f"{error}. Nothing landed; report this to the source's support."
            )
            raise UnreadableAnswer(msg) from None
    return sorted(codes)


def _seconds_a_call(connection: Connection, subscription: str, purpose: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "select avg(c.seconds) from (select seconds from ledger.source_call where "
            "subscription = %s and purpose = %s and status = 200 order by call_id desc limit 100) "
            "as c",
            (subscription, purpose),
        )
        row = cursor.fetchone()
    # No transaction stays open while the source is waited for.
    connection.rollback()
    return float(row[0]) if row and row[0] is not None else SECONDS_A_CALL
