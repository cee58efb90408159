"""What a sandbox is made of: its size, its seed, its first day and its switches.

Add a switch here when an assumption about the source (contract §9) should be tried the other way.
Keep out anything that runs.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from vtj_pipeline.errors import SandboxError


@dataclass(frozen=True)
class SandboxOptions:
    """The options of one sandbox; two sandboxes with equal options answer alike, byte by byte.

    Attributes:
        persons: Residents of the area on the first day. About a fifth more live outside it.
        days: Days of life; the clock first stands at `start` + `days`.
        seed: The only source of chance.
        start: The first day of life, Europe/Helsinki.
        wellbeing_area: Code of the wellbeing area whose municipalities are the product.
        page_size: Messages in one answer of `muutokset`, at most (contract §9 #6).
        activity: Multiplies every yearly rate of events.
        protected_share: Part of the first population under a protection order.
        retention_days: Days that the journal is kept for reading; None keeps all (§9 #9).
        mask_absent_groups: Whether a whole answer about a protected person masks all 16 location
            groups, as the source does (§7.2), or only those the person has. Change messages mask
            only what exists, `KOTIKUNTA` and the permanent address. So an order begun in the feed
            leaves, for a person without a postal address, a withheld postal row in `perustiedot`
            that no message told of. That is the one known difference between the two.
        whole_country: Whether every person of the sandbox belongs to the product. Then nobody
            enters or leaves it by moving.
    """

    persons: int = 20_000
    days: int = 35
    seed: int = 1
    start: date = date(2026, 1, 1)
    wellbeing_area: str = "11"
    page_size: int = 500
    activity: float = 1.0
    protected_share: float = 0.004
    retention_days: int | None = None
    mask_absent_groups: bool = True
    whole_country: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be built, naming the option."""
        limits = {"persons": 1, "days": 0, "page_size": 1, "activity": 0.0, "protected_share": 0.0}
        for name, least in limits.items():
            if getattr(self, name) < least:
                msg = f"Sandbox option {name} was {getattr(self, name)}; give {least} or more."
                raise SandboxError(msg)
        if self.protected_share > 1:
            msg = "Sandbox option protected_share is a share: give 0 to 1."
            raise SandboxError(msg)
        if self.retention_days is not None and self.retention_days < 1:
            msg = "Sandbox option retention_days must be 1 or more, or left out."
            raise SandboxError(msg)

    @property
    def first_clock(self) -> date:
        """The day on which the clock stands when the sandbox opens."""
        return self.start + timedelta(days=self.days)
