"""Asset checks of landing: whether anything may be missing, and how near the source's limit it is.

They read the ledger alone, and note there what is proven, and so can run every morning although
nothing landed in the night; that is what they are for. Add a check here, and say in its description
what to do when it fails. Keep out how it is found out (`landing/proof.py`, `landing/answered.py`)
and personal data.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.landing import (
    WHOLE_PERSON,
    completeness,
    create_ledger,
    newest_volume,
    open_left_out,
    prove_and_note,
    ranges,
)
from vtj_pipeline.landing.changes import KEPT_DAYS
from vtj_pipeline.landing.proof import ERROR_DAYS, WARN_DAYS
from vtj_pipeline.landing.volumes import ENOUGH, WEEKS
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.checks import selected
from vtj_pipeline.postgres import running_database

if TYPE_CHECKING:
    from vtj_pipeline.landing import Completeness, Proof, Volume
    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.source import Subscription

CHAIN = "chain_of_cursors"
AGE = "cursor_age"
COMPLETE = "every_day_has_landed"
VOLUME = "usual_volume"
ANSWERED = "answers_are_whole"
_SHOWN = 20
_DESCRIPTIONS = {
    CHAIN: (
        "Fails when changes may be missing: a day did not land to its end, or begins in the "
        "source's journal behind where the days before it ended. What to do: materialise the days "
        "that it names (vtj-pipeline run changes FROM TO) while the source keeps them, "
        f"{KEPT_DAYS} days; later take the baseline again (vtj-pipeline run baseline "
        "--fetch-again), which makes up for every break before it."
    ),
    AGE: (
        f"Fails when the cursor that the unbroken chain reaches is {WARN_DAYS} days old, and as an "
        f"error at {ERROR_DAYS}: the source keeps changes for {KEPT_DAYS} days. What to do: see "
        "why the nightly run fails or is off, and materialise the missing days of daily_changes."
    ),
    COMPLETE: (
        "Fails when a day from the subscription's first one until yesterday has not landed whole "
        "and nothing else holds its changes. It counts the days after the last landed one, which "
        "chain_of_cursors cannot know of, and tells those that the source still keeps "
        f"({KEPT_DAYS} days) from those that it does not. What to do: materialise the days to be "
        "fetched (vtj-pipeline run changes FROM TO); for days that are too late take the baseline "
        "again (vtj-pipeline run baseline --fetch-again): what happened in them stays unknown, how "
        "things stand does not. A day that the days beside it reach over, or that a later baseline "
        "made up for, fails nothing."
    ),
    VOLUME: (
        "Fails when the newest landed day has far more or far fewer messages than is usual for its "
        f"weekday: against the median of the last {WEEKS} such days, holidays left out, by more "
        "than half and by more than these days differ among themselves. It is silent until "
        f"{ENOUGH} such days are there, where messages are few, and for a day that was landed "
        "before the day before it. What to do: few: see whether the source tells of a disturbance, "
        "whether credentials or permit have changed (vtj-pipeline doctor), and fetch the day again "
        "(fetch_again). Many: a turn of the year, a change of municipalities or another bulk "
        "update explains it; if none does, see which groups came, and ask the source's support "
        "before you trust them."
    ),
}
_ANSWERED = (
    "Fails when the source left out persons that it was asked for by code, or groups that every "
    "person has, and no later answer had them. Nobody is deleted for it. What to do: run "
    "person_refresh, which asks for the persons again after a week; see whether the codes are "
    "right and the permit still covers these persons and groups; then ask the source's support. "
    "Who it is tells ledger.not_answered, by person_id."
)


def landing_checks(
    deployment: Deployment, subscription: Subscription
) -> list[dg.AssetChecksDefinition]:
    """The checks of a subscription's `daily_changes` and `baseline_snapshot`."""
    changes = dg.AssetKey(deployment.key(subscription.name, "daily_changes"))
    baseline = dg.AssetKey(deployment.key(subscription.name, "baseline_snapshot"))

    @dg.multi_asset_check(
        name=f"{subscription.name}__chain_checks",
        specs=[
            dg.AssetCheckSpec(name, asset=changes, description=text)
            for name, text in _DESCRIPTIONS.items()
        ],
        can_subset=True,  # else the UI does not let them be executed by hand
    )
    @guarded
    def chain_checks() -> Iterable[dg.AssetCheckResult]:
        with running_database(deployment.settings) as database:
            create_ledger(database)
            today = deployment.today
            proof = prove_and_note(database, subscription, today)
            volume = newest_volume(database, proof)
        results = [
            _chain(changes, proof),
            _age(changes, proof, subscription, deployment.clock()),
            _complete(changes, completeness(proof, subscription.start_date, today)),
            _volume(changes, volume),
        ]
        yield from selected(results)

    @dg.asset_check(asset=baseline, name=ANSWERED, description=_ANSWERED)
    @guarded
    def answers_are_whole() -> dg.AssetCheckResult:
        with running_database(deployment.settings) as database:
            create_ledger(database)
            return _answered(open_left_out(database, subscription.name))

    return [chain_checks, answers_are_whole]


def cursor_days(proof: Proof, subscription: Subscription, now: datetime) -> float:
    """How many days old the cursor is that a subscription's unbroken chain reaches."""
    age = proof.age(now)
    if age is None:
        # As long as nothing has landed, the first day's changes grow old at the source.
        age = max(now - datetime.combine(subscription.start_date, time(), HELSINKI), timedelta())
    return age.total_seconds() / 86_400


def _chain(asset: dg.AssetKey, proof: Proof) -> dg.AssetCheckResult:
    breaks = proof.open_breaks
    listed = "; ".join(one.said for one in breaks[:_SHOWN])
    more = f"; and {len(breaks) - _SHOWN} more" if len(breaks) > _SHOWN else ""
    last = proof.anchor.day if proof.anchor else None
    return dg.AssetCheckResult(
        passed=proof.is_unbroken,
        asset_key=asset,
        check_name=CHAIN,
        severity=dg.AssetCheckSeverity.ERROR,
        description=listed + more or f"Unbroken: {proof.days:,} days, until {last or 'none yet'}.",
        metadata={
            "days": dg.MetadataValue.int(proof.days),
            "breaks": dg.MetadataValue.int(len(breaks)),
            "breaks_made_up_for": dg.MetadataValue.int(len(proof.breaks) - len(breaks)),
            "days_behind": dg.MetadataValue.int(proof.behind),
            "cursor": dg.MetadataValue.text(str(proof.anchor.cursor) if proof.anchor else "none"),
            "last_proven_run": dg.MetadataValue.text(
                proof.anchor.run_id if proof.anchor else "none"
            ),
        },
    )


def _age(
    asset: dg.AssetKey, proof: Proof, subscription: Subscription, now: datetime
) -> dg.AssetCheckResult:
    days = cursor_days(proof, subscription, now)
    return dg.AssetCheckResult(
        passed=days < WARN_DAYS,
        asset_key=asset,
        check_name=AGE,
        severity=(
            dg.AssetCheckSeverity.ERROR if days >= ERROR_DAYS else dg.AssetCheckSeverity.WARN
        ),
        description=(
            f"{days:.1f} days, of the {KEPT_DAYS} that the source keeps"
            + (" (nothing has landed yet)." if proof.anchor is None else ".")
        ),
        metadata={"days": dg.MetadataValue.float(round(days, 2))},
    )


def _complete(asset: dg.AssetKey, found: Completeness) -> dg.AssetCheckResult:
    said = [
        f"{len(days):,} {kind}: {_days(days)}"
        for kind, days in (
            ("days to fetch", found.to_fetch),
            ("days that the source no longer keeps", found.too_late),
        )
        if days
    ]
    whole = f"{len(found.whole):,} of {found.days:,} days have landed whole"
    made_up = f", {len(found.made_up_for):,} are made up for" if found.made_up_for else ""
    return dg.AssetCheckResult(
        passed=not said,
        asset_key=asset,
        check_name=COMPLETE,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(said) or f"{whole}{made_up}.",
        metadata={
            "days": dg.MetadataValue.int(found.days),
            "whole": dg.MetadataValue.int(len(found.whole)),
            "made_up_for": dg.MetadataValue.int(len(found.made_up_for)),
            "to_fetch": dg.MetadataValue.int(len(found.to_fetch)),
            "too_late": dg.MetadataValue.int(len(found.too_late)),
        },
    )


def _days(days: Iterable[date]) -> str:
    listed = ranges(days)
    more = f" and {len(listed) - _SHOWN} more stretches" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more


def _volume(asset: dg.AssetKey, found: Volume) -> dg.AssetCheckResult:
    if found.usual is None:
        said = f"{found.day or 'No day'} is not judged: {found.why_not}."
    else:
        said = (
            f"{found.messages:,} messages on {found.day}, {found.day:%A}; usual are "
            f"{found.usual:,.0f}, and from {found.lowest:,.0f} to {found.highest:,.0f} is no news."
        )
    metadata: dict[str, dg.MetadataValue] = {
        "messages": dg.MetadataValue.int(found.messages),
        "days_compared": dg.MetadataValue.int(found.compared),
    }
    if found.usual is not None:
        metadata["usual"] = dg.MetadataValue.float(found.usual)
    return dg.AssetCheckResult(
        passed=found.is_usual,
        asset_key=asset,
        check_name=VOLUME,
        severity=dg.AssetCheckSeverity.WARN,
        description=said,
        metadata=metadata,
    )


def _answered(left_out: dict[str, int]) -> dg.AssetCheckResult:
    persons = left_out.get(WHOLE_PERSON, 0)
    groups = {name: number for name, number in left_out.items() if name != WHOLE_PERSON}
    listed = "".join(f"; {name} of {number:,}" for name, number in groups.items())
    said = f"{persons:,} persons asked for and not answered{listed}."
    return dg.AssetCheckResult(
        passed=not left_out,
        severity=dg.AssetCheckSeverity.WARN,
        description=said if left_out else "Every answer had what it was asked for.",
        metadata={
            "persons": dg.MetadataValue.int(persons),
            "groups": dg.MetadataValue.json(groups),
        },
    )
