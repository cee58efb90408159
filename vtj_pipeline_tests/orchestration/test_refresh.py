"""The refresh in Dagster and on the command line: its place in the night, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.orchestration.build import build_definitions
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.register import refresh_candidates
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.end_to_end.homes import MUNICIPALITIES, Home, identity_codes
from vtj_pipeline_tests.folders import new_home
from vtj_pipeline_tests.orchestration.deployed import Deployed, deployed
from vtj_pipeline_tests.orchestration.parsed import share_manifest
from vtj_pipeline_tests.sandbox.served import sandbox_process

NAME = "area"
REFRESH = dg.AssetKey([NAME, "person_refresh"])
EVENTS = dg.AssetKey(["events", "event_rows"])
LAST = today_in_finland() - timedelta(days=1)
FIRST = LAST - timedelta(days=4)
REQUEST = (
    "insert into register.refresh_request select person_id, '{reason}', timestamptz '2020-01-01' "
    "from (select person_id from register.person order by person_id limit {number}) as p "
    "on conflict do nothing"
)
MEMBERS = (
    f"insert into register.scope_member select '{NAME}', person_id, true, first_recorded, "
    "last_recorded from register.person on conflict do nothing"
)
ASKED = "select count(distinct person_id) from ledger.refresh_asked where was_answered"
PENDING = (
    "select count(*) from ledger.landing_batch where batch_id not in "
    "(select batch_id from register.applied_batch)"
)


def subscription() -> Subscription:
    return Subscription(
        name=NAME,
        product="municipality",
        municipalities=MUNICIPALITIES,
        start_date=FIRST,
        baseline="perustiedot-vko",
    )


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A sandbox whose days are over."""
    over = {"start": FIRST, "clock": LAST + timedelta(days=1)}
    with sandbox_process(persons=300, days=5, activity=20, wellbeing_area="11", **over) as (
        _,
        address,
    ):
        yield address


class Night(Deployed):
    """A deployment whose jobs must succeed."""

    def run(self, job: str, **more: Any) -> dg.ExecuteInProcessResult:
        """Run a job that must succeed."""
        result = self.definitions.resolve_job_def(job).execute_in_process(
            instance=self.instance, **more
        )
        assert result.success
        return result


@pytest.fixture
def night(
    url: str, ready_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Night]:
    home = tmp_path / "home"
    with deployed(Night, subscription(), url, ready_database, home, monkeypatch) as made:
        yield made


def steps(result: dg.ExecuteInProcessResult) -> list[str]:
    return [e.step_key for e in result.all_events if e.is_step_success and e.step_key]


@pytest.mark.slow
def test_the_night_asks_after_it_published(night: Night) -> None:
    night.run(f"{NAME}_baseline")
    night.run("register")
    night.sql(MEMBERS)
    night.sql(REQUEST.format(reason="anomaly", number=7))
    wanted = {one.person_id for one in refresh_candidates(night.database, NAME, LAST)}
    assert len(wanted) >= 7
    result = night.run(f"{NAME}_night", partition_key=LAST.isoformat())
    checks = {"register_checks", f"{NAME}__chain_checks"}
    assert [step for step in steps(result) if step not in checks] == [
        f"{NAME}__daily_changes",
        "events__event_rows",
        "register_tables",
        f"{NAME}__person_refresh",
    ]
    assert checks <= set(steps(result))
    [event] = [e for e in result.get_asset_materialization_events() if e.asset_key == REFRESH]
    metadata = {name: v.value for name, v in event.materialization.metadata.items()}
    assert metadata["asked"] >= metadata["answered"] > 0
    assert metadata["not_answered"] == metadata["asked"] - metadata["answered"]
    assert sum(metadata["reasons"].values()) == metadata["asked"]
    assert identity_codes(str([e.to_json() for e in _logged(night)])) == []
    assert night.sql(PENDING) == [(1,)]

    night.run("register")
    assert night.sql(PENDING) == [(0,)]
    again = night.run(f"{NAME}_refresh")
    assert steps(again) == [f"{NAME}__person_refresh"]
    due = {one.person_id for one in refresh_candidates(night.database, NAME, today_in_finland())}
    assert due & wanted == set()


def _logged(night: Night) -> list[Any]:
    return [
        record
        for run in night.instance.get_runs()
        for record in night.instance.all_logs(run.run_id)
    ]


def test_the_events_run_again_after_a_refresh_that_landed_something(tmp_path: Path) -> None:
    deployment = Deployment(
        Settings(home=share_manifest(tmp_path / "home"), person_key=KEY), (subscription(),)
    )
    definitions = build_definitions(deployment)
    with dg.DagsterInstance.ephemeral() as instance:
        for key in definitions.resolve_asset_graph().get_all_asset_keys():
            if key != REFRESH:
                instance.report_runless_asset_event(dg.AssetMaterialization(key))
        ticks = _Ticks(definitions, instance)
        ticks.next()
        assert ticks.after_refresh("0") <= {EVENTS}
        assert ticks.next() == set()
        assert ticks.after_refresh("7") == {EVENTS}
        assert ticks.next() == set()
        assert ticks.after_refresh("7") == set()
        # As after the night's run, which made the events before the refresh landed.
        instance.report_runless_asset_event(dg.AssetMaterialization(EVENTS))
        assert ticks.after_refresh("8") == {EVENTS}


class _Ticks:
    """The sensor's ticks; tells whether the events are requested."""

    def __init__(self, definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
        self._definitions = definitions
        self._instance = instance
        self._cursor: Any = None

    def next(self) -> set[dg.AssetKey]:
        """What of the events and the refresh the next tick requests."""
        result = dg.evaluate_automation_conditions(
            self._definitions, self._instance, cursor=self._cursor
        )
        self._cursor = result.cursor
        return {key for key in (EVENTS, REFRESH) if result.get_num_requested(key)}

    def after_refresh(self, version: str) -> set[dg.AssetKey]:
        """The same, a refresh of this data version having come before."""
        tags = {"dagster/data_version": version}
        self._instance.report_runless_asset_event(dg.AssetMaterialization(REFRESH, tags=tags))
        return self.next()


def test_the_refresh_reads_the_register_and_the_events_do_not_depend_on_it(
    tmp_path: Path,
) -> None:
    deployment = Deployment(
        Settings(home=share_manifest(tmp_path / "home"), person_key=KEY), (subscription(),)
    )
    graph = build_definitions(deployment).resolve_asset_graph()
    assert graph.get(REFRESH).parent_keys == {dg.AssetKey(["register", "person"])}
    assert graph.get(REFRESH).automation_condition is None
    assert REFRESH not in graph.get(EVENTS).parent_keys


@pytest.mark.slow
def test_the_command_lands_and_publishes(url: str) -> None:
    account = {"VTJ_API_USERNAME": ACCOUNT[0], "VTJ_API_PASSWORD": ACCOUNT[1]}
    home = Home(new_home(), {"VTJ_API_URL": url, **account})
    home.path.mkdir(mode=0o755)
    municipalities = ", ".join(f'"{code}"' for code in MUNICIPALITIES)
    (home.path / "subscriptions.toml").write_text(
        f'[[subscription]]\nname = "{NAME}"\nproduct = "municipality"\n'
        f"municipalities = [{municipalities}]\nstart_date = {FIRST}\n"
        'baseline = "perustiedot-vko"\n',
        "utf-8",
    )
    with home.served():
        home.run("run", "baseline")
        home.run("run", "register")
        _write(home, MEMBERS, REQUEST.format(reason="new_in_scope", number=5))
        output = home.run("run", "refresh", "--subscription", NAME)
        assert "new_in_scope 5" in output and "answered, 0 not" in output
        assert identity_codes(output) == []
        ((asked,),) = home.rows(ASKED)
        assert asked >= 5
        assert home.rows(PENDING) == [(0,)]
        assert "nobody to ask for" in home.run("run", "refresh")


def _write(home: Home, *statements: str) -> None:
    with running_database(Settings(home=home.path)) as database:
        connection = database.connect()
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()
