"""The words of an alarm of asset checks. Keep out when it is due (`failed_checks.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from vtj_pipeline.alarms import Alarm, Severity

if TYPE_CHECKING:
    from dagster import AssetCheckSpec

    from vtj_pipeline.orchestration.alarms.links import Links

TO_DO = "What to do:"
_LISTED = 20
_NOTHING = "Nothing."
_ELSEWHERE = "Open the check in the UI: it shows how many rows failed and the test's SQL."
_MANY = "Open them in the UI. Where many fail at once, see first whether a run failed."


@dataclass(frozen=True)
class Checked:
    """What a check found when it ran last.

    Attributes:
        spec: The check as it is defined.
        record: Dagster's number of the evaluation.
        run_id: The run that it was part of.
        at: When.
        severity: ERROR or WARN if it failed; OK if it passed.
        said: What it said, if it is one of ours.
        counts: Its numbers, if it is one of ours; of others how many rows failed.
    """

    spec: AssetCheckSpec
    record: int
    run_id: str
    at: datetime
    severity: Severity
    said: str
    counts: Mapping[str, float]

    @property
    def name(self) -> str:
        """Asset and check."""
        return f"{self.spec.asset_key.to_user_string()} {self.spec.name}"


def alarm_of(group: Sequence[Checked], times: Sequence[int], links: Links) -> Alarm:
    """The alarm of checks that all fail, or that all pass again.

    Args:
        group: The checks, the worst first.
        times: The how-maniest time each is told in this state.
        links: Addresses in the UI.
    """
    if len(group) == 1:
        return _one(group[0], times[0], links)
    return _many(group, times, links)


def _one(one: Checked, times: int, links: Links) -> Alarm:
    is_over = one.severity is Severity.OK
    failed = "Check still fails" if times > 1 else "Check failed"
    return Alarm(
        kind="check_passes" if is_over else "check_failed",
        severity=one.severity,
        title=f"{'Check passes again' if is_over else failed}: {one.name}",
        what=one.said or ("It passes." if is_over else "It failed."),
        where=f"asset {one.spec.asset_key.to_user_string()}, check {one.spec.name}",
        to_do=_NOTHING if is_over else _to_do(one.spec),
        at=one.at,
        incidents=(_incident(one),),
        key=_key(one, times),
        counts=one.counts,
        link=links.check(one.spec.key),
        run_id=one.run_id,
    )


def _many(group: Sequence[Checked], times: Sequence[int], links: Links) -> Alarm:
    is_over = group[0].severity is Severity.OK
    more = f"; and {len(group) - _LISTED} more" if len(group) > _LISTED else ""
    listed = "; ".join(f"{one.severity} {one.name}" for one in group[:_LISTED])
    severities = [one.severity for one in group]
    return Alarm(
        kind="check_passes" if is_over else "check_failed",
        severity=group[0].severity,
        title=f"{len(group)} checks {'pass again' if is_over else 'fail'}",
        what=listed + more,
        where="several assets",
        to_do=_NOTHING if is_over else _MANY,
        at=max(one.at for one in group),
        incidents=tuple(map(_incident, group)),
        key="\n".join(map(_key, group, times)),
        counts={str(kind): severities.count(kind) for kind in Severity if kind in severities},
        link=links.checks(),
    )


def _incident(one: Checked) -> str:
    return f"check/{one.name}"


def _key(one: Checked, times: int) -> str:
    return f"{_incident(one)}/{one.record}/{one.severity}/{times}"


def _to_do(spec: AssetCheckSpec) -> str:
    return (spec.description or "").partition(TO_DO)[2].strip() or _ELSEWHERE
