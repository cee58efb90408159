"""The reconciliation: drift is found, said, repaired as ordinary events, and then gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.local_source import set_clock
from vtj_pipeline.orchestration.assets.reconciliation import DRIFT
from vtj_pipeline.postgres import Database
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.end_to_end.homes import MUNICIPALITIES, identity_codes
from vtj_pipeline_tests.orchestration.deployed import Deployed, deployed
from vtj_pipeline_tests.sandbox.served import sandbox_process

NAME = "area"
LAST = today_in_finland() - timedelta(days=1)
FIRST = LAST - timedelta(days=5)


@pytest.fixture
def url() -> Iterator[str]:
    """A sandbox on its first day."""
    first = {"start": FIRST, "clock": FIRST}
    with sandbox_process(
        persons=300, days=6, activity=40, page_size=10, wellbeing_area="11", **first
    ) as (_, address):
        yield address


class Site(Deployed):
    """A deployment whose days and reconciliations are run one by one."""

    def begin(self) -> None:
        """Take the baseline on the first day, and let the days pass."""
        self.run("baseline")
        set_clock(self.url, LAST + timedelta(days=1))

    def run(self, job: str, **more: Any) -> dg.ExecuteInProcessResult:
        """Run a job that must succeed."""
        name = job if job == "register" else f"{NAME}_{job}"
        result = self.definitions.resolve_job_def(name).execute_in_process(
            instance=self.instance, **more
        )
        assert result.success
        return result

    def days(self, first: int, last: int) -> None:
        """Land a range of days."""
        tags = {
            "dagster/asset_partition_range_start": str(FIRST + timedelta(days=first)),
            "dagster/asset_partition_range_end": str(FIRST + timedelta(days=last)),
        }
        self.run("daily_changes", tags=tags)

    def reconcile(self, **config: Any) -> tuple[dict[str, Any], bool]:
        """Publish, reconcile; the asset's metadata, and whether its check passed."""
        ops = {f"{NAME}__reconciliation": {"config": config}}
        result = self.run("reconcile", run_config={"ops": ops})
        [event] = [
            each.materialization
            for each in result.get_asset_materialization_events()
            if each.asset_key == dg.AssetKey([NAME, "reconciliation"])
        ]
        [check] = [one for one in result.get_asset_check_evaluations() if one.check_name == DRIFT]
        said = json.dumps([each.to_json() for each in self._logged()])
        assert identity_codes(said) == []
        return {name: value.value for name, value in event.metadata.items()}, check.passed

    def _logged(self) -> list[Any]:
        return [
            record
            for run in self.instance.get_runs()
            for record in self.instance.all_logs(run.run_id)
        ]


@pytest.fixture
def site(
    url: str, ready_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    subscription = Subscription(
        name=NAME,
        product="municipality",
        municipalities=MUNICIPALITIES,
        start_date=FIRST,
        baseline="perustiedot-vko",
    )
    home = tmp_path / "home"
    with deployed(Site, subscription, url, ready_database, home, monkeypatch) as made:
        yield made


@pytest.mark.slow
def test_what_was_never_landed_is_drift_and_is_repaired(site: Site) -> None:
    site.begin()
    # Two days in the middle are never landed, so that their changes are lost.
    site.days(0, 1)
    site.days(5, 5)
    found, passed = site.reconcile(by="perustiedot")
    assert not passed
    assert found["members"] == found["compared"] + found["absent"] > 250
    assert 0 < found["drifted"] < found["compared"]
    drifted = {name: one for name, one in found["drift_by_group"].items() if one["drifted"]}
    assert sum(one["drifted"] for one in drifted.values()) >= found["drifted"]
    assert found["drift_rate"] == pytest.approx(found["drifted"] / found["compared"], abs=1e-6)
    # The ledger keeps the same.
    assert site.sql("select compared, drifted, absent from ledger.reconciliation") == [
        (found["compared"], found["drifted"], found["absent"])
    ]
    kept = site.sql("select tietoryhma, drifted from ledger.reconciliation_drift where drifted > 0")
    assert dict(kept) == {name: one["drifted"] for name, one in drifted.items()}
    # The next one publishes what came first, and nothing differs any more.
    again, _ = site.reconcile(by="perustiedot")
    assert (again["drifted"], again["drift_rate"]) == (0, 0)
    assert not any(one["drifted"] for one in again["drift_by_group"].values())
    assert again["compared"] >= found["compared"]


@pytest.mark.slow
def test_a_register_that_is_whole_has_no_drift_and_a_sample_is_the_seeds(site: Site) -> None:
    site.begin()
    site.days(0, 5)
    found, passed = site.reconcile()
    assert (found["drifted"], found["absent"], found["changed_meanwhile"]) == (0, 0, 0)
    assert passed
    # A weekly copy is asked by municipality; a sample by code.
    purposes = dict(
        site.sql(
            "select purpose, count(*) from ledger.source_call where kind = 'reconcile' "
            "group by purpose"
        )
    )
    assert purposes["perustiedot-vko"] == len(MUNICIPALITIES)

    def sampled(seed: int) -> set[str]:
        found, _ = site.reconcile(sample=20, seed=seed, by="perustiedot")
        assert (found["members"], found["compared"], found["drifted"]) == (20, 20, 0)
        [(asked,)] = site.sql(
            "select asked_hash from ledger.call inner join ledger.landing_batch using (batch_id) "
            "where kind = 'reconcile' order by batch_id desc limit 1"
        )
        return {asked}

    assert sampled(1) == sampled(1) != sampled(2)


@pytest.mark.slow
def test_whom_the_source_leaves_out_stays_and_is_asked_for_again(site: Site) -> None:
    site.begin()
    site.days(0, 5)
    site.run("register")
    rows = "select count(*) from register.person"
    before = site.sql(rows)
    # As the source would not find them: a code that nobody has.
    [(person,)] = site.sql(
        "update register.person set identity_code = '010190-999F' where person_id = (select "
        f"person_id from register.scope_member where is_member and subscription = '{NAME}' "
        "order by 1 limit 1) returning person_id::text"
    )
    found, passed = site.reconcile(by="perustiedot")
    assert (found["absent"], found["drifted"], passed) == (1, 0, False)
    assert site.sql(rows) == before
    assert site.sql(
        "select person_id::text, tietoryhma from ledger.not_answered where settled_at is null"
    ) == [(person, "")]
    site.sql("update ledger.not_answered set last_asked_at = last_asked_at - interval '8 days'")
    site.run("refresh")
    asked = site.sql("select person_id::text, reason from ledger.refresh_asked")
    assert [one for one in asked if one[1] == "absent"] == [(person, "absent")]
