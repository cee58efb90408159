"""Which faults over HTTP a sandbox shows, how often, and the decision about one request.

A decision depends on the seed, the request and how often that same request has come: the same run
meets the same faults, whatever else goes on at the same time. Add a kind of fault here, its look in
`fault_answers.py`. Keep out HTTP.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.chance import seeded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vtj_pipeline.sandbox.options import SandboxOptions

# In place of the answer.
THROTTLED = ("throttled", "throttled-seconds", "throttled-date")
ERRORS = ("error-json", "error-html", "error-xroad")
LOGIN_PAGE = "login-page"
# The answer, spoiled.
SLOW, CUT, CUT_CHUNKED = "slow", "cut", "cut-chunked"
TRUNCATED, WRONG_TYPE = "truncated", "wrong-type"
SPOILED = (SLOW, CUT, CUT_CHUNKED, TRUNCATED, WRONG_TYPE)
KINDS = (*THROTTLED, *ERRORS, LOGIN_PAGE, *SPOILED)
_USUAL_SHARE = 0.02


def read_faults(text: str) -> dict[str, float]:
    """Read `none`, `all` or `name,name=share`; a name alone has a share of 0.02.

    Raises:
        SandboxError: a name is no fault, a share none, or the shares are more than all.
    """
    if text == "none":
        return {}
    if text == "all":
        return dict.fromkeys(KINDS, _USUAL_SHARE)
    found: dict[str, float] = {}
    for part in text.split(","):
        name, sign, share = part.strip().partition("=")
        try:
            found[name] = float(share) if sign else _USUAL_SHARE
        except ValueError:
            raise _wrong(text) from None
    return checked_shares(found)


def checked_shares(shares: Mapping[str, float]) -> dict[str, float]:
    """Return the shares if they can be met.

    Raises:
        SandboxError: a name is no fault, a share none, or the shares are more than all.
    """
    known = all(name in KINDS for name in shares)
    if not known or not all(0.0 <= share <= 1.0 for share in shares.values()):
        raise _wrong(",".join(f"{name}={share}" for name, share in shares.items()))
    if sum(shares.values()) > 1.0 + 1e-9:
        msg = f"The shares of faults add up to {sum(shares.values()):.2f}: give 1 at most."
        raise SandboxError(msg)
    return {name: share for name, share in shares.items() if share}


def _wrong(text: str) -> SandboxError:
    return SandboxError(
        f"Faults were given as {text!r}: give none, all, or name,name=share with shares from 0 to "
        f"1; the names are {', '.join(KINDS)}."
    )


@dataclass(frozen=True)
class FaultPlan:
    """What is to go wrong.

    Attributes:
        shares: Share of requests by kind of fault.
        most_in_a_row: Faults that the same request meets in a row, at most; the next one is
            answered, so that no client that tries again fails for ever.
        slow_seconds: How long a slow answer takes.
        retry_after_seconds: What `Retry-After` says.
        seed: The only source of chance.
    """

    shares: Mapping[str, float] = field(default_factory=dict)
    most_in_a_row: int = 2
    slow_seconds: float = 0.2
    retry_after_seconds: int = 1
    seed: int = 1


def plan_of(options: SandboxOptions) -> FaultPlan:
    """Return the plan that a sandbox begins with."""
    return FaultPlan(
        read_faults(options.faults),
        options.most_faults_in_a_row,
        options.slow_seconds,
        options.retry_after_seconds,
        options.seed,
    )


class FaultDice:
    """Decides, request by request, and counts what was injected.

    Attributes:
        plan: What is to go wrong.
        requests: Requests so far.
        injected: Faults so far by kind.
    """

    def __init__(self, plan: FaultPlan) -> None:
        """Begin a plan; nothing has been asked yet."""
        self.plan = plan
        self.requests = 0
        self.injected: Counter[str] = Counter()
        self._times: Counter[bytes] = Counter()
        self._in_a_row: Counter[bytes] = Counter()

    def decide(self, request: bytes) -> tuple[str | None, int]:
        """Return the fault that a request meets, if any, and a number that only it has.

        Args:
            request: All that makes the request the same as another one.
        """
        self.requests += 1
        shares = self.plan.shares
        if not shares:
            return None, 0
        name = blake2b(request, digest_size=16).digest()
        self._times[name] += 1
        rng = seeded(self.plan.seed, "fault", name.hex(), self._times[name])
        chance, number = rng.random(), rng.getrandbits(32)
        if self._in_a_row[name] >= self.plan.most_in_a_row:
            self._in_a_row[name] = 0
            return None, number
        for kind, share in shares.items():
            chance -= share
            if chance < 0:
                self._in_a_row[name] += 1
                return kind, number
        self._in_a_row[name] = 0
        return None, number
