"""`vtj-pipeline demo`: the main job from the source to the views, on synthetic persons.

Every step is the command that production uses. Keep out special ways that only a demo takes.
"""

from __future__ import annotations

import csv
import os
import time
from datetime import date, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.local_source import (
    DemoState,
    read_demo_state,
    set_clock,
    source_at_hand,
    write_demo_state,
)
from vtj_pipeline.commands.output import formatted, note, say
from vtj_pipeline.commands.query import answer
from vtj_pipeline.commands.run import Session, land_changes, opened, publish
from vtj_pipeline.errors import SettingsError
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.jobs import baseline_job_name
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import load_settings

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings

NAME = "pohjois_savo"
_DONE = (
    "select (select count(*) from ledger.baseline_round where completed_at is not null) as rounds, "
    "(select count(distinct partition_day) from ledger.landing_batch where completes_partition "
    "and kind = 'change') as days, "
    "(select count(*) from ledger.landing_batch as b where not exists (select 1 from "
    "register.applied_batch as a where a.batch_id = b.batch_id)) as pending, "
    "to_regclass('statistics.population') is not null as has_views"
)
POPULATION = (
    "select municipality_name_fi as municipality, count(*) as residents "
    "from municipality.resident where municipality_name_fi is not null "
    "group by municipality_name_fi order by residents desc, municipality limit 6"
)


def run_demo(persons: int, days: int) -> None:
    """Set everything up, do the main job, show what came of it.

    Raises:
        SettingsError: a real source is named, which a demo must not ask.
    """
    started = time.perf_counter()
    settings = load_settings()
    if settings.api_url is not None:
        msg = (
            "The demo was asked for and VTJ_API_URL names a source. The demo brings its own: unset "
            "VTJ_API_URL, or use `run baseline` and `run changes`."
        )
        raise SettingsError(msg)
    state = _prepare(settings, persons, days)
    with running_database(settings) as database:
        create_ledger(database)
        create_register(database)
        if _is_done(database, state):
            note("Everything is done already; nothing was changed.")
        else:
            _work(settings, database, state)
        _show(database, state)
    note(f"The demo took {time.perf_counter() - started:.1f} s.")
    note("See it in the Dagster UI:  uv run vtj-pipeline dev")


def _prepare(settings: Settings, persons: int, days: int) -> DemoState:
    state = read_demo_state(settings.home)
    if state is None:
        start = today_in_finland() - timedelta(days=days)
        state = DemoState(persons=persons, start=start.isoformat(), days=days)
        write_demo_state(settings.home, state)
    path = settings.home / "subscriptions.toml"
    if not path.is_file():
        municipalities = ", ".join(f'"{code}"' for code in _municipalities(state.wellbeing_area))
        path.write_text(
            "# Written by `vtj-pipeline demo`.\n[[subscription]]\n"
            f'name = "{NAME}"\nproduct = "municipality"\nmunicipalities = [{municipalities}]\n'
            f'start_date = {state.start}\nbaseline = "perustiedot-vko"\n',
            "utf-8",
        )
    return state


def _municipalities(area: str) -> list[str]:
    text = files("vtj_pipeline.reference").joinpath("municipality_wellbeing_area.csv")
    rows = csv.DictReader(text.read_text("utf-8").splitlines())
    return [
        row["municipality_code"]
        for row in rows
        if row["wellbeing_area_code"] == area and not row["valid_to"]
    ]


def _is_done(database: Database, state: DemoState) -> bool:
    (found,) = answer(database, _DONE).to_pylist()
    return bool(
        found["rounds"]
        and found["days"] >= state.days
        and not found["pending"]
        and found["has_views"]
    )


def _work(settings: Settings, database: Database, state: DemoState) -> None:
    note(
        f"{state.persons:,} synthetic persons, baseline of {state.first_day}, "
        f"changes of {state.days} days until {state.last_day}; state in {settings.home}"
    )
    # Read from the SQL it would take a third of the demo's time.
    os.environ.setdefault("VTJ_COLUMN_LINEAGE", "false")
    with source_at_hand(settings, clock=state.first_day) as url, opened(database) as ready:
        assert url is not None
        ready.run("baseline", baseline_job_name(NAME))
        set_clock(url, state.last_day + timedelta(days=1))
        _land_days(ready, state.first_day, state.last_day)
        publish(ready)
        ready.run("views and their tests", "views")


def _land_days(ready: Session, first: date, last: date) -> None:
    (subscription,) = ready.deployment.subscriptions
    land_changes(ready, subscription, first, last, fetch_again=False)


def _show(database: Database, state: DemoState) -> None:
    ago = min(10, state.days)
    known = state.last_day - timedelta(days=ago - 1)
    say("\nPopulation by municipality now, the largest six:")
    say(formatted(answer(database, POPULATION), "table"))
    say(f"\nThe same as known {ago} days ago (set vtj.recorded_at = '{known} 00:00+02'):")
    before = (f"set local vtj.recorded_at = '{known} 00:00+02'",)
    say(formatted(answer(database, POPULATION, before=before), "table"))
    say(f"\nWho moved in on {state.last_day}:")
    query = (
        "select count(*) as moved_in from municipality.mover "
        f"where direction = 'in' and moved_on = date '{state.last_day}'"
    )
    say(formatted(answer(database, query), "table") + "\n")
