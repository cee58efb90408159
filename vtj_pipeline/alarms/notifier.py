"""What every way of telling can do, and telling by all of them.

Keep out the ways themselves (`smtp.py`, `webhook.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from vtj_pipeline.errors import AlarmNotSent

if TYPE_CHECKING:
    from vtj_pipeline.alarms.alarm import Alarm


@dataclass(frozen=True)
class Receipt:
    """What came of an alarm that was taken.

    Attributes:
        said: One line: who took it. No address of a person.
        is_complete: Everybody gets it; if not, `said` tells how many do not.
    """

    said: str
    is_complete: bool = True


class Notifier(Protocol):
    """One way of telling."""

    @property
    def name(self) -> str:
        """Its name, among those that a deployment has."""

    @property
    def target(self) -> str:
        """Where it tells, as may be shown: no secret, no address of a person."""

    def send(self, alarm: Alarm) -> Receipt:
        """Tell it.

        Raises:
            AlarmNotSent: nobody has got it.
        """

    def reach(self) -> None:
        """Go as far as can be without telling anything: connect, encrypt, log in.

        Raises:
            AlarmNotSent: it is not reached.
        """


@dataclass(frozen=True)
class Told:
    """What came of one notifier; either a receipt or an error."""

    notifier: Notifier
    receipt: Receipt | None = None
    error: AlarmNotSent | None = None

    @property
    def is_complete(self) -> bool:
        """Everybody gets it."""
        return self.receipt is not None and self.receipt.is_complete

    @property
    def said(self) -> str:
        """One line for a person."""
        return f"{self.notifier.name}: {self.receipt.said if self.receipt else self.error}"


def tell(notifier: Notifier, alarm: Alarm) -> Told:
    """Tell an alarm by one notifier, whatever comes of it."""
    try:
        return Told(notifier, receipt=notifier.send(alarm))
    except AlarmNotSent as error:
        return Told(notifier, error=error)
    except Exception as error:  # a notifier at fault must not silence the others
        kind = type(error).__name__
    msg = f"{notifier.target} was to be told and the notifier itself failed ({kind}). Report it."
    return Told(notifier, error=AlarmNotSent(msg))


def tell_all(notifiers: Iterable[Notifier], alarm: Alarm) -> tuple[Told, ...]:
    """Tell an alarm by every notifier; what fails does not keep the others from telling it."""
    return tuple(tell(one, alarm) for one in notifiers)
