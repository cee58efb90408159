"""`vtj-pipeline run …`: one Dagster run a subscription, in the instance that the UI shows.

Keep out what the assets do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.local_source import source_at_hand
from vtj_pipeline.commands.output import note, say, step
from vtj_pipeline.errors import DayNotOver, RegisterError, SettingsError
from vtj_pipeline.landing import plan_baseline
from vtj_pipeline.orchestration.assets.landing import source_of
from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.deployment import Deployment, load_deployment
from vtj_pipeline.orchestration.instance import dagster_instance
from vtj_pipeline.orchestration.jobs import (
    REGISTER_FILES_JOB,
    baseline_job_name,
    changes_job_name,
    reconcile_job_name,
    refresh_job_name,
)
from vtj_pipeline.orchestration.progress import listening
from vtj_pipeline.orchestration.runs import close_abandoned_runs, run_job
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.settings import load_settings

if TYPE_CHECKING:
    import dagster as dg

    from vtj_pipeline.source import Subscription


_NOT_WRITTEN = {
    "nothing published": "nothing has been published yet. First: vtj-pipeline run register.",
    "views behind": (
        "they are made by the views, which do not show the newest publication. Build them, and "
        "start the same again: vtj-pipeline run views."
    ),
    "being erased": (
        "an erasure is not finished. Finish it, and start the same again: vtj-pipeline erase "
        "--resume."
    ),
}


@dataclass(frozen=True)
class Session:
    """A deployment with its database, instance and definitions, ready to run jobs."""

    deployment: Deployment
    database: Database
    instance: dg.DagsterInstance
    definitions: dg.Definitions

    def run(self, title: str, job: str, **more: Any) -> dict[str, dict[str, Any]]:
        """Run a job, showing its progress under a title; returns the assets' metadata."""
        with step(title) as report, listening(report, note):
            return run_job(self.definitions, self.instance, job, deployment=self.deployment, **more)


@contextmanager
def session() -> Iterator[Session]:
    """Open everything that a run needs; the demo's sandbox included where one is due."""
    settings = load_settings()
    with (
        running_database(settings) as database,
        source_at_hand(settings),
        opened(database) as ready,
    ):
        yield ready


@contextmanager
def opened(database: Database) -> Iterator[Session]:
    """The session for the present environment on a database that runs."""
    deployment = load_deployment()
    with dagster_instance(deployment, database) as instance:
        closed = close_abandoned_runs(instance, deployment)
        if closed:
            note(f"{closed} runs whose process is gone were marked as failed.")
        yield Session(deployment, database, instance, build_definitions(deployment))


def chosen(deployment: Deployment, name: str | None) -> tuple[Subscription, ...]:
    """The subscription of that name, or all.

    Raises:
        SettingsError: there is none.
    """
    found = tuple(s for s in deployment.subscriptions if name in (None, s.name))
    if found:
        return found
    file = deployment.settings.subscriptions_file
    known = ", ".join(s.name for s in deployment.subscriptions) or "none"
    msg = (
        f"Subscription {name or '(any)'} was asked for; {file} defines {known}. "
        "Name a subscription that is there, or add it to the file."
    )
    raise SettingsError(msg)


def run_baseline(subscription: str | None, *, fetch_again: bool, only_plan: bool = False) -> None:
    """Land the baseline, or say only what it would take."""
    with session() as ready:
        if only_plan:
            for each in chosen(ready.deployment, subscription):
                with source_of(ready.deployment, each, "baseline", "plan") as (client, database):
                    say(plan_baseline(each, client, database).said)
            return
        for each in chosen(ready.deployment, subscription):
            key = ready.deployment.op(each.name, "baseline_snapshot")
            config = {key: {"config": {"fetch_again": fetch_again}}}
            counts = ready.run(
                f"baseline of {each.name}", baseline_job_name(each.name), config=config
            )
            note(_landed(counts[f"{each.name}/baseline_snapshot"]))


def run_changes(
    first: date, last: date | None, subscription: str | None, *, fetch_again: bool
) -> None:
    """Land the changes of some days.

    Raises:
        DayNotOver: one of the days has not ended in Finland.
        SettingsError: one of them is before the subscription's first day.
    """
    last = last or first
    check_days(first, last)
    with session() as ready:
        for each in chosen(ready.deployment, subscription):
            land_changes(ready, each, first, last, fetch_again=fetch_again)


def land_changes(
    ready: Session, subscription: Subscription, first: date, last: date, *, fetch_again: bool
) -> None:
    """Land the changes of some days of one subscription."""
    if first < subscription.start_date:
        msg = (
            f"The changes of {first} were asked for; subscription {subscription.name} starts on "
            f"{subscription.start_date}. Ask for later days, or move start_date in the "
            "subscriptions file."
        )
        raise SettingsError(msg)
    key = ready.deployment.op(subscription.name, "daily_changes")
    counts = ready.run(
        f"changes of {subscription.name} from {first} to {last}",
        changes_job_name(subscription.name),
        days=(first, last),
        config={key: {"config": {"fetch_again": fetch_again}}},
    )
    note(_landed(counts[f"{subscription.name}/daily_changes"]))


def run_refresh(subscription: str | None) -> None:
    """Ask anew for the persons of whom the register says that it must, and publish the answers."""
    with session() as ready:
        for each in chosen(ready.deployment, subscription):
            counts = ready.run(f"refresh of {each.name}", refresh_job_name(each.name))
            note(_refreshed(counts[f"{each.name}/person_refresh"]))
        # Even if nothing came: an earlier refresh may have landed and not been published.
        publish(ready)


def run_reconcile(subscription: str | None, *, sample: int, seed: int, by: str) -> None:
    """Hold the register against the source's basic data, and publish what repairs it."""
    with session() as ready:
        for each in chosen(ready.deployment, subscription):
            key = ready.deployment.op(each.name, "reconciliation")
            counts = ready.run(
                f"reconciliation of {each.name}",
                reconcile_job_name(each.name),
                config={key: {"config": {"sample": sample, "seed": seed, "by": by}}},
            )
            note(_reconciled(counts[f"{each.name}/reconciliation"]))
        publish(ready)


def check_days(first: date, last: date) -> None:
    """See that a range of days is a range and has ended.

    Raises:
        DayNotOver: it has not.
    """
    today = today_in_finland()
    if last >= today or first > last:
        msg = (
            f"The changes from {first} to {last} were asked for, and today is {today} in Finland. "
            f"Ask for days until {today - timedelta(days=1)}, the first one first."
        )
        raise DayNotOver(msg)


def run_register(*, rebuild: bool) -> None:
    """Publish everything that has landed."""
    with session() as ready:
        publish(ready, rebuild=rebuild)


def publish(ready: Session, *, rebuild: bool = False) -> None:
    """Publish everything that has landed, and say what changed."""
    config = {"register_tables": {"config": {"rebuild": rebuild}}}
    counts = ready.run("register", "register", config=config)
    note(_published(counts))


def _published(counts: dict[str, dict[str, Any]]) -> str:
    events = counts["events/event_rows"]
    person = counts["register/person"]
    if person["publication"] == "nothing new":
        return "  nothing new: everything landed was published before, no row was written"
    # Of persons and scope it is noted, too, when they were last told of: no news about anybody.
    facts = [counts[f"register/{name}"] for name in CATALOGUE.tables]
    rows = {kind: sum(one[kind] for one in facts) for kind in ("inserted", "ended", "removed")}
    return (
        f"  {events['rows']:,} event rows, {person['persons']:,} persons; register rows "
        f"inserted {rows['inserted']:,}, ended {rows['ended']:,}, removed {rows['removed']:,}; "
        f"in quarantine {person['quarantined']:,}"
    )


def run_views() -> None:
    """Build and test the views."""
    with session() as ready:
        ready.run("views", "views")


def run_register_files() -> None:
    """Write the files of the newest publication.

    Raises:
        SettingsError: they are not asked for.
        RegisterError: none could be written; publication and views stand.
    """
    if not load_settings().register_files:
        msg = (
            "The register's files were to be written, and VTJ_REGISTER_FILES is not true: nobody "
            "asked for them. Set it, for the services too, and start the same again."
        )
        raise SettingsError(msg)
    with session() as ready:
        counts = ready.run("register files", REGISTER_FILES_JOB)["register_files/manifest"]
    if counts["outcome"] in _NOT_WRITTEN:
        msg = f"No register files were written: {_NOT_WRITTEN[counts['outcome']]}"
        raise RegisterError(msg)
    note(_written(counts))


def _written(counts: dict[str, Any]) -> str:
    removed = f"{counts['files_removed']:,} files removed"
    if counts["outcome"] == "there before":
        return f"  publication {counts['publication']} had its files; {removed}"
    return (
        f"  publication {counts['publication']}: {counts['tables']} tables, {counts['rows']:,} "
        f"rows in {counts['files']:,} files, of which {counts['new_files']:,} are new "
        f"({counts['new_bytes'] / 1e6:,.1f} MB); {removed}"
    )


def _landed(counts: dict[str, Any]) -> str:
    if counts["calls"] == 0:
        return "  nothing to fetch: landed before"
    return f"  {counts['calls']:,} calls, {counts['answered']:,} persons or messages answered"


def _refreshed(counts: dict[str, Any]) -> str:
    if counts["asked"] == 0:
        return "  nobody to ask for"
    reasons = ", ".join(f"{name} {number:,}" for name, number in counts["reasons"].items())
    return (
        f"  {counts['calls']:,} calls, {counts['asked']:,} persons asked for ({reasons}), "
        f"{counts['answered']:,} answered, {counts['not_answered']:,} not"
    )


def _reconciled(counts: dict[str, Any]) -> str:
    groups = ", ".join(
        f"{name} {one['drifted']:,}"
        for name, one in counts["drift_by_group"].items()
        if one["drifted"]
    )
    return (
        f"  {counts['calls']:,} calls; drift {counts['drifted']:,} of {counts['compared']:,} "
        f"persons compared ({counts['drift_rate']:.4%}){': ' if groups else ''}{groups}; "
        f"{counts['absent']:,} left out by the source, "
        f"{counts['changed_meanwhile']:,} changed meanwhile and not compared"
    )
