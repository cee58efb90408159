"""The register's checks, on the real assets: what they find, what they say, what they never say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import dagster as dg
import orjson
import pytest

from vtj_pipeline.commands import query
from vtj_pipeline.landing import Storage
from vtj_pipeline.orchestration.assets.register import EVENTS_KEY, events_asset, register_assets
from vtj_pipeline.orchestration.checks import (
    ANOMALIES,
    CHECKED,
    ONE_CURRENT_ROW,
    QUARANTINE,
    UNKNOWN,
    register_checks,
)
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.publication_check import PLAUSIBLE
from vtj_pipeline.postgres import Database
from vtj_pipeline.register.guard import FEW
from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox.identity_codes import compose
from vtj_pipeline.sandbox.noise import UNKNOWN_FIELD, UNKNOWN_GROUP
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.builders import START, Bench, Row, basic, day, message, row
from vtj_pipeline_tests.deploy.operating import status_fields
from vtj_pipeline_tests.end_to_end.homes import identity_codes
from vtj_pipeline_tests.orchestration.parsed import share_manifest

pytestmark = pytest.mark.slow

OCTOBER = date(2026, 10, 1)
NOISY = SandboxOptions(persons=150, days=30, seed=9, start=OCTOBER, activity=60.0)
WARNING = {UNKNOWN, QUARANTINE, ANOMALIES, ONE_CURRENT_ROW}
ALL = WARNING | {PLAUSIBLE}
HOME = row("KOTIKUNTA", "LISATTY", kuntakoodi="091", kuntaanMuuttopv=day("2020-01-01"))
SEX = row("SUKUPUOLI", "LISATTY", sukupuoli="MIES")


@dataclass
class Site:
    """Answers that land by hand, and the real assets to the right of them."""

    bench: Bench
    deployment: Deployment
    instance: dg.DagsterInstance

    def publish(self) -> tuple[dict[str, dg.AssetCheckEvaluation], dict[str, Any]]:
        """Materialise and check; the evaluations by name and the metadata of `person`."""
        result = dg.materialize(
            [
                events_asset(self.deployment, [], []),
                register_assets(self.deployment),
                register_checks(self.deployment),
            ],
            instance=self.instance,
        )
        [person] = [
            event.materialization
            for event in result.get_asset_materialization_events()
            if event.asset_key == CHECKED
        ]
        checks = {one.check_name: one for one in result.get_asset_check_evaluations()}
        assert set(checks) == ALL
        severe = {name for name, one in checks.items() if one.severity.name != "WARN"}
        assert severe == {PLAUSIBLE}
        return checks, {name: value.value for name, value in person.metadata.items()}

    def logged(self) -> str:
        """Everything that the instance keeps."""
        return "\n".join(
            record.to_json()
            for run in self.instance.get_runs()
            for record in self.instance.all_logs(run.run_id)
        )


def subscription(**more: Any) -> Subscription:
    return Subscription(
        name="test",
        product="municipality",
        start_date=OCTOBER,
        baseline="perustiedot-vko",
        **{"municipalities": ("091", "297"), **more},
    )


@pytest.fixture
def site(ready_database: Database, storage: Storage, settings: Settings) -> Iterator[Site]:
    home = share_manifest(settings.home)
    ours = Settings(home=home, person_key=settings.person_key, postgres_url=ready_database.url)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Site(
            Bench(ready_database, storage, ours), Deployment(ours, (subscription(),)), instance
        )


def failed(checks: dict[str, dg.AssetCheckEvaluation]) -> set[str]:
    return {name for name, one in checks.items() if not one.passed}


def shown(check: dg.AssetCheckEvaluation) -> dict[str, Any]:
    return {name: value.value for name, value in check.metadata.items()}


def unknown_names(check: dg.AssetCheckEvaluation) -> dict[tuple[Any, ...], Any]:
    """(kind, group, name) → rows, as the check's table has them."""
    records = [record.data for record in check.metadata["unknown"].records]
    return {(r["kind"], r["tietoryhma"], r["name"]): r["rows"] for r in records}


def land_life(site: Site, **noise: float) -> list[list[Row]]:
    """A month of a sandbox after its baseline; the messages that landed."""
    sandbox = Sandbox(replace(NOISY, **noise))
    sandbox.advance_to(OCTOBER)
    own = subscription(municipalities=tuple(sorted(sandbox.world.area)))
    site.deployment = replace(site.deployment, subscriptions=(own,))
    cursor = sandbox.cursor_of_day(OCTOBER)
    people = sandbox.weekly_copy(municipalities=None, codes=sandbox.in_scope_codes())
    site.bench.land(people["perustiedot"], cursor=cursor, kind="baseline", extraction_date=OCTOBER)
    sandbox.advance_to(NOISY.first_clock)
    pages: list[tuple[int, list[Row] | bytes]] = []
    while True:
        answer = sandbox.changes(cursor)
        pages.append((cursor, answer["muutokset"]))
        cursor = answer["viimeisinKirjausavain"]
        if answer["ajanTasalla"]:
            break
    site.bench.land_pages(pages)
    return [messages for _, messages in pages if isinstance(messages, list)]


def test_every_check_says_what_to_do(site: Site) -> None:
    specs = list(register_checks(site.deployment).check_specs)
    assert {spec.name for spec in specs} == WARNING
    specs += register_assets(site.deployment).check_specs
    assert {spec.name for spec in specs} == ALL
    for spec in specs:
        assert "What to do:" in (spec.description or "")
        assert spec.blocking == (spec.name == PLAUSIBLE)


def test_a_publication_that_is_refused_fails_its_check_and_the_run(site: Site) -> None:
    codes = [compose(date(1970, 1, 1 + n // 20), "-", 900 + n % 20) for n in range(2 * FEW)]
    elsewhere = {**HOME, "kuntakoodi": "837"}
    site.bench.land(
        [basic(code, elsewhere) for code in codes], kind="baseline", extraction_date=OCTOBER
    )
    result = dg.materialize(
        [
            events_asset(site.deployment, [], []),
            register_assets(site.deployment),
            register_checks(site.deployment),
        ],
        instance=site.instance,
        raise_on_error=False,
    )
    assert not result.success
    [refused] = result.get_asset_check_evaluations()
    assert (refused.check_name, refused.passed) == (PLAUSIBLE, False)
    assert (refused.severity.name, refused.blocking) == ("ERROR", True)
    assert f"{2 * FEW} of them live outside" in (refused.description or "")
    made = {event.asset_key for event in result.get_asset_materialization_events()}
    assert made == {EVENTS_KEY}
    assert site.bench.query("select count(*) from register.publication") == [(0,)]
    assert identity_codes(site.logged()) == []


def test_nothing_to_look_at_passes(site: Site) -> None:
    assert failed(site.publish()[0]) == set()
    site.bench.land([basic("A", HOME, SEX)], kind="baseline", extraction_date=OCTOBER)
    checks, metadata = site.publish()
    assert failed(checks) == set()
    assert metadata["unknown_rows"] == 0
    assert metadata["anomalies"] == metadata["refresh_requests"] == {}


def test_unknown_groups_and_fields_of_a_noisy_feed_are_listed(site: Site) -> None:
    pages = land_life(site, unknown_groups=0.2, unknown_fields=0.1)
    told = [r for messages in pages for m in messages for r in m["tietoryhmat"]]
    groups = sum(r["tietoryhma"] == UNKNOWN_GROUP for r in told)
    fields = Counter(r["tietoryhma"] for r in told if UNKNOWN_FIELD in r)
    assert groups and len(fields) > 3
    expected = {("group", UNKNOWN_GROUP, None): groups} | {
        ("field", group, UNKNOWN_FIELD): rows for group, rows in fields.items()
    }
    checks, metadata = site.publish()
    assert unknown_names(checks[UNKNOWN]) == expected
    assert f"group {UNKNOWN_GROUP} ({groups:,} rows)" in (checks[UNKNOWN].description or "")
    assert metadata["unknown_rows"] == sum(expected.values())
    assert UNKNOWN in failed(checks)
    # Nothing new, and still the same to look at.
    again, metadata = site.publish()
    assert metadata["publication"] == "nothing new"
    assert unknown_names(again[UNKNOWN]) == expected


def test_unknown_codes_of_a_noisy_feed_are_listed_without_the_codes(site: Site) -> None:
    land_life(site, unknown_codes=0.5)
    checks, _ = site.publish()
    names = unknown_names(checks[UNKNOWN])
    assert names and {kind for kind, _, _ in names} == {"code"}
    stands = site.bench.query(
        "select source_group, count(*) from register.foreign_identity_code "
        "where recorded_to is null and country_code = '989' group by source_group"
    )
    assert stands
    for group, rows in stands:
        assert names["code", group, "valtiokoodi"] == rows
    assert "989" not in f"{names}{checks[UNKNOWN].description}"


def test_what_cannot_be_read_is_listed_until_an_answer_comes(site: Site) -> None:
    land_life(site, malformed=0.1)
    checks, metadata = site.publish()
    assert QUARANTINE in failed(checks)
    found = shown(checks[QUARANTINE])
    rows = site.bench.query("select count(*) from register.quarantine")[0][0]
    assert metadata["quarantined"] == rows
    assert 0 < found["rows"] <= rows
    assert found["rows"] == sum(found["reasons"].values())
    assert found["persons"] == metadata["refresh_requests"]["quarantine"] > 0


def test_an_answer_settles_quarantine_and_anomaly(site: Site) -> None:
    unknown_row = row("KOTIKUNTA", "POISTETTU", kuntakoodi="297", kuntaanMuuttopv=day("2020-01-01"))
    site.bench.land([basic(p, HOME) for p in "AB"], kind="baseline", extraction_date=OCTOBER)
    site.bench.land(
        [
            message("A", "2026-10-05T08:00:00Z", unknown_row),
            {**message("B", "2026-10-05T08:00:00Z"), "tietoryhmat": None},
        ]
    )
    checks, metadata = site.publish()
    assert failed(checks) == {QUARANTINE, ANOMALIES}
    assert shown(checks[QUARANTINE])["persons"] == shown(checks[QUARANTINE])["rows"] == 1
    assert shown(checks[ANOMALIES]) == {"persons": 1, "kinds": {"unknown row removed": 1}}
    assert metadata["anomalies"] == {"unknown row removed": 1}
    assert metadata["refresh_requests"] == {"anomaly": 1, "quarantine": 1}
    site.bench.land(
        [basic(p, HOME) for p in "AB"],
        kind="refresh",
        cursor=START + 500,
        extraction_date=date(2026, 10, 8),
    )
    checks, metadata = site.publish()
    assert failed(checks) == set()
    assert metadata["refresh_requests"] == {}


def test_a_message_of_nobody_stays_until_a_later_baseline_is_whole(site: Site) -> None:
    site.bench.land([{"muutospv": "2026-10-05T08:00:00Z", "tietoryhmat": []}])
    checks, _ = site.publish()
    assert failed(checks) == {QUARANTINE}
    assert shown(checks[QUARANTINE])["rows_of_nobody"] == 1
    connection = site.bench.database.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger.baseline_round (subscription, run_id, completed_at) "
            "values ('test', 'test', now())"
        )
    connection.close()
    assert failed(site.publish()[0]) == set()


def test_two_open_homes_of_a_person_are_seen(site: Site) -> None:
    other = {**HOME, "kuntakoodi": "297"}
    site.bench.land([message("A", "2026-10-05T08:00:00Z", HOME, other)])
    site.bench.land([message("B", "2026-10-05T08:00:00Z", HOME)], cursor=START + 200)
    checks, _ = site.publish()
    assert failed(checks) == {ONE_CURRENT_ROW, ANOMALIES}
    assert shown(checks[ONE_CURRENT_ROW])["persons"] == {"home_municipality": 1}


@pytest.mark.parametrize(
    ("granted", "stands"),
    [("all", 1), (("SUKUPUOLI",), 1), (("SUKUPUOLI", "KOTIKUNTA"), 0)],
)
def test_only_a_list_that_names_a_group_gives_its_absence_a_meaning(
    site: Site, granted: Any, stands: int
) -> None:
    site.deployment = replace(
        site.deployment, subscriptions=(subscription(granted_groups=granted),)
    )
    site.bench.land([message("A", "2026-10-01T08:00:00Z", HOME, SEX)])
    site.bench.land(
        [basic("A", SEX)], kind="refresh", cursor=START + 500, extraction_date=date(2026, 10, 8)
    )
    site.publish()
    assert len(site.bench.current("home_municipality", "municipality_code")) == stands
    assert len(site.bench.current("sex", "sex")) == 1


def test_neither_checks_nor_metadata_tell_of_a_person(site: Site) -> None:
    land_life(site, unknown_groups=0.2, unknown_fields=0.2, unknown_codes=0.5, malformed=0.1)
    site.publish()
    logged = site.logged()
    assert UNKNOWN_FIELD in logged
    assert identity_codes(logged) == []
    names = site.bench.query(
        "select distinct last_name from register.name where length(last_name) > 5"
    )
    assert names
    assert [name for (name,) in names if name in logged] == []


def test_the_status_tells_the_same(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "load_deployment", lambda: site.deployment)
    query.run_status(as_json=True)
    empty = json.loads(capsys.readouterr().out)
    assert empty["refresh_requests"] == empty["anomalies"] == empty["unknown"] == []
    wrong = row("KOTIKUNTA", "POISTETTU", kuntakoodi="297", kuntaanMuuttopv=day("2020-01-01"))
    site.bench.land(
        [message("A", "2026-10-05T08:00:00Z", wrong, row(UNKNOWN_GROUP, "LISATTY", arvo=1))]
    )
    site.publish()
    query.run_status(as_json=True)
    told = orjson.loads(capsys.readouterr().out)
    assert told["refresh_requests"] == [
        {"reason": "anomaly", "persons": 1},
        {"reason": "new_in_scope", "persons": 1},
    ]
    assert told["anomalies"] == [{"kind": "unknown row removed", "rows": 1}]
    assert told["unknown"] == [
        {"kind": "group", "tietoryhma": UNKNOWN_GROUP, "name": None, "rows": 1}
    ]
    documented = status_fields()
    for part in ("refresh_requests", "anomalies", "unknown"):
        assert set(told[part][0]) == documented[part]
    query.run_status(as_json=False)
    assert "reason anomaly, persons 1" in capsys.readouterr().out
