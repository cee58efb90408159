"""What stops a publication: it would take too many persons away, or brings the wrong ones.

Absence is never deletion, and so nothing that the source does as it should makes a large part of
the register vanish in one publication. A wrong subscriptions file, code list or permit does, and so
does a source that answers for another product. Such a publication is refused inside its
transaction: readers go on seeing what stood. Add a rule here only if a publication that breaks it
must not be seen by anybody; all else is a check that warns (`orchestration/checks.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vtj_pipeline.errors import PublicationRefused
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

    from vtj_pipeline.postgres import Cursor as PlainCursor
    from vtj_pipeline.settings import Settings

FEW = 50
"""Persons who may go, or come from elsewhere, in any publication: of few a share tells nothing."""
ELSEWHERE = 0.9
"""A product by home municipality whose new persons live elsewhere to this share is another one."""
_MEMBERS = (
    "select 'persons in the scope of ' || subscription, count(*) from register.scope_member "
    "where is_member group by subscription"
)


@dataclass(frozen=True)
class Limits:
    """What a publication may do.

    Attributes:
        max_loss: The largest share of the persons who stand that may go.
        last_publication: Number of the last publication, 0 if there is none.
        accepted_after: The publication after this one may do anything; None: none may.
    """

    max_loss: float
    last_publication: int
    accepted_after: int | None

    @classmethod
    def of(cls, settings: Settings, last_publication: int) -> Limits:
        """The limits that the settings give to the publication after this one."""
        return cls(
            settings.publication_max_loss_percent / 100,
            last_publication,
            settings.accept_publication_after,
        )

    @property
    def is_accepted(self) -> bool:
        """Whether somebody has looked at the refusal of this very publication and said yes."""
        return self.accepted_after == self.last_publication

    def may_go(self, persons: int) -> float:
        """How many of so many persons may go."""
        return max(FEW, self.max_loss * persons)

    def refuse(self, found: str, to_do: str) -> None:
        """Refuse the publication, unless it was accepted.

        Raises:
            PublicationRefused: it was not.
        """
        if self.is_accepted:
            return
        msg = (
            f"A publication was begun and refused, and nothing was written: {found} {to_do} If it "
            "is right all the same, let this one publication pass: publish once with "
            f"VTJ_ACCEPT_PUBLICATION_AFTER={self.last_publication}."
        )
        raise PublicationRefused(msg)


def require_no_loss(before: Mapping[str, int], lost: Mapping[str, int], limits: Limits) -> None:
    """Refuse where too large a share of those who stood went.

    Args:
        before: How many persons stood, by what of them did.
        lost: How many of these went.
        limits: How many may.

    Raises:
        PublicationRefused: more went.
    """
    too_many = [
        f"{number:,} of {before[what]:,} {what} ({number / before[what]:.1%})"
        for what, number in sorted(lost.items())
        if number > limits.may_go(before[what])
    ]
    if too_many:
        limits.refuse(
            f"it would take away {' and '.join(too_many)}, and {limits.max_loss:.0%} may go at "
            "once (VTJ_PUBLICATION_MAX_LOSS_PERCENT).",
            "See that the subscriptions file, the code list, granted_groups, the credentials and "
            "VTJ_API_URL are those that they should be, put right what is not, and publish again.",
        )


def members(cursor: PlainCursor) -> dict[str, int]:
    """How many persons are in the scope of each subscription."""
    cursor.execute(_MEMBERS)
    return dict(cursor.fetchall())


def lost_members(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """How many fewer there are, by what of them stood."""
    return {what: number - after.get(what, 0) for what, number in before.items()}


class Guard:
    """Looks before and after the rows of one publication are written, in its transaction.

    Args:
        cursor: Of the publication; the temporary table `touched` is made.
        everyone: Whether everybody is touched.
        limits: What it may do.
    """

    def __init__(self, cursor: Cursor, limits: Limits, *, everyone: bool) -> None:
        self._cursor = cursor
        self._limits = limits
        self._everyone = everyone
        self._before: dict[str, int] = {}

    def look(self) -> None:
        """See what stands of the touched persons, before anything is written.

        Of those whom the new events are about and who do not stand there is nothing to see.
        """
        self._before = self._standing(everyone=self._everyone)
        self._cursor.execute(render("guard/told_before.sql", everyone=self._everyone))
        self._cursor.execute("analyze pg_temp.told_before")

    def judge(self) -> None:
        """See what stands afterwards.

        Raises:
            PublicationRefused: it must not be seen.
        """
        # Nobody can go from where nobody was; a first publication is large.
        if any(number > FEW for number in self._before.values()):
            self._require_no_loss()
        self._require_own_persons()

    def _require_no_loss(self) -> None:
        after = self._standing(everyone=self._everyone)
        lost = lost_members(self._before, after)
        # More stand than were looked at: only where too many of these went is it asked how many.
        if any(number > self._limits.may_go(self._before[what]) for what, number in lost.items()):
            whole = after if self._everyone else self._standing(everyone=True)
            before = {what: whole.get(what, 0) + number for what, number in lost.items()}
            require_no_loss(before, lost, self._limits)

    def _standing(self, *, everyone: bool) -> dict[str, int]:
        self._cursor.execute(render("guard/standing.sql", everyone=everyone))
        rows = self._cursor.fetch_arrow_table().to_pylist()
        return {row["what"]: row["persons"] for row in rows}

    def _require_own_persons(self) -> None:
        self._cursor.execute(render("guard/newly_told.sql", everyone=self._everyone))
        for row in self._cursor.fetch_arrow_table().to_pylist():
            persons, outside = row["persons"], row["outside"]
            if outside > max(FEW, ELSEWHERE * persons):
                self._limits.refuse(
                    f"subscription {row['subscription']} tells of {persons:,} persons for the "
                    f"first time, and {outside:,} of them live outside its municipalities.",
                    "See that its credentials are those of this product, that VTJ_API_URL is the "
                    "right environment, and that its municipalities are all in the subscriptions "
                    "file.",
                )
