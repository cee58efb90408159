"""Alarms of asset checks: when one fails, fails worse, fails still, and passes again.

What each check found last is held against what a notifier has told, so that nothing depends on
seeing every evaluation. A failure that was over before anybody looked is not told. Keep out the
words (`check_alarms.py`) and what checks look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.storage.asset_check_execution_record import (
    COMPLETED_ASSET_CHECK_EXECUTION_RECORD_STATUSES as COMPLETED,
)

from vtj_pipeline.alarms import Due, Memory, Severity
from vtj_pipeline.orchestration.alarms.check_alarms import TO_DO, Checked, alarm_of

if TYPE_CHECKING:
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

    from vtj_pipeline.orchestration.alarms.links import Links

# More at once are one alarm, the worst first.
_APART = 5
_FAILED_ROWS = "dagster_dbt/failed_row_count"


def last_checked(
    instance: dg.DagsterInstance, specs: Sequence[dg.AssetCheckSpec]
) -> dict[str, Checked]:
    """What each check found last, by asset and check; those that have never run are left out."""
    by_key = {spec.key: spec for spec in specs}
    storage = instance.event_log_storage
    found = {}
    latest = storage.get_latest_asset_check_execution_by_key(list(by_key))
    for key, record in latest.items():
        # Of a check that is planned or under way counts what it found before.
        done = [record] if record.status in COMPLETED else _before(instance, key)
        # Dagster asks for any of the names on any of the assets.
        if done and key in by_key:
            checked = _checked(by_key[key], done[0])
            found[checked.name] = checked
    return found


def _before(
    instance: dg.DagsterInstance, key: dg.AssetCheckKey
) -> Sequence[AssetCheckExecutionRecord]:
    return instance.event_log_storage.get_asset_check_execution_history(
        key, limit=1, status=COMPLETED
    )


def _checked(spec: dg.AssetCheckSpec, record: AssetCheckExecutionRecord) -> Checked:
    evaluation = record.evaluation
    assert evaluation is not None
    assert record.event is not None
    is_ours = TO_DO in (spec.description or "")
    severity = Severity.OK if evaluation.passed else Severity[evaluation.severity.name]
    return Checked(
        spec,
        record.id,
        record.run_id,
        datetime.fromtimestamp(record.event.timestamp, UTC),
        severity,
        (evaluation.description or "") if is_ours else "",
        _counts(evaluation.metadata, is_ours=is_ours),
    )


def _counts(metadata: Mapping[str, dg.MetadataValue[Any]], *, is_ours: bool) -> dict[str, float]:
    numbers = {
        name: one.value
        for name, one in metadata.items()
        if isinstance(one, dg.IntMetadataValue | dg.FloatMetadataValue) and one.value is not None
    }
    if is_ours:
        return numbers
    return {"rows": numbers[_FAILED_ROWS]} if _FAILED_ROWS in numbers else {}


def failed_checks(
    checks: Mapping[str, Checked],
    now: datetime,
    repeat: timedelta,
    links: Links,
    memory: Memory | None,
) -> Iterator[Due]:
    """What a notifier has to tell of the checks, the worst first.

    Its memory has an entry for each check that it has told as failed: how severely, when, and how
    often.

    Args:
        checks: What each check found last (`last_checked`).
        now: The present moment.
        repeat: How long after it was told a failure that stays is told again.
        links: Addresses in the UI.
        memory: What the notifier has told.
    """
    told: dict[str, Any] = {name: one for name, one in (memory or {}).items() if name in checks}
    # It forgets checks that are no more, and a new notifier has told nothing yet.
    yield Due(None, dict(told))
    failed = [one for name, one in checks.items() if _is_due(one, told.get(name), now, repeat)]
    failed.sort(key=lambda one: (one.severity is not Severity.ERROR, one.name))
    over = [one for name, one in checks.items() if one.severity is Severity.OK and name in told]
    for group in _groups(failed):
        times = [_times(told.get(one.name), one) for one in group]
        for one, number in zip(group, times, strict=True):
            entry = {"severity": one.severity.value, "told_at": now.isoformat(), "times": number}
            told[one.name] = entry
        yield Due(alarm_of(group, times, links), dict(told))
    for group in _groups(over):
        for one in group:
            del told[one.name]
        yield Due(alarm_of(group, [1] * len(group), links), dict(told))


def _is_due(one: Checked, told: Mapping[str, Any] | None, now: datetime, repeat: timedelta) -> bool:
    if one.severity is Severity.OK:
        return False
    if told is None or told["severity"] != one.severity.value:
        return True
    return now - datetime.fromisoformat(told["told_at"]) >= repeat


def _times(told: Mapping[str, Any] | None, one: Checked) -> int:
    """The how-maniest time it will be told as failed so severely."""
    return told["times"] + 1 if told and told["severity"] == one.severity.value else 1


def _groups(checks: list[Checked]) -> list[list[Checked]]:
    return [[one] for one in checks] if len(checks) <= _APART else [checks]
