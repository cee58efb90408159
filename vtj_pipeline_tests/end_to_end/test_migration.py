"""Coming from the old Muutostietopalvelu, in the order and with the commands of docs/legacy.md."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline_tests.end_to_end.homes import Home, identity_codes, subscriptions_of_area
from vtj_pipeline_tests.folders import new_home
from vtj_pipeline_tests.sandbox.served import sandbox_process

pytestmark = pytest.mark.slow

START, DAYS = date(2026, 8, 3), 40
WORLD = {"persons": 120, "seed": 11, "start": START, "wellbeing_area": "11", "activity": 30}
OLD, LATER = 30, START + timedelta(days=DAYS)
HISTORY = (
    "select count(*) from register.address where recorded_to is not null and recorded_from < '{}'"
)


def options(days: int, **more: object) -> list[str]:
    given = {**WORLD, "days": days, **more}
    return [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]


def test_old_files_and_the_interface_lead_to_one_register(tmp_path: Path) -> None:
    account = {"VTJ_API_USERNAME": ACCOUNT[0], "VTJ_API_PASSWORD": ACCOUNT[1]}
    with sandbox_process(**WORLD, clock=LATER) as (_, url):
        home = Home(new_home(), {"VTJ_API_URL": url, **account})
        home.path.mkdir(mode=0o700)
        # The interface is asked from some days before the last old file on.
        first = START + timedelta(days=OLD - 5)
        (home.path / "subscriptions.toml").write_text(subscriptions_of_area("area", first), "utf-8")
        with home.served():
            said = home.run("sandbox", "export-legacy", *options(DAYS, folder=tmp_path))
            files = sorted(str(one) for one in tmp_path.iterdir())
            said += home.run("run", "legacy", *files)
            assert f"{len(files)} files landed" in said
            assert "in quarantine 0" in said
            said += home.run("run", "register")
            assert home.rows(HISTORY.format(first)) > [(0,)]
            said += home.run("run", "baseline")
            said += home.run("run", "changes", str(first), str(LATER - timedelta(days=1)))
            said += home.run("run", "register")
            report = home.run("legacy", "handover")
            said += report
            assert "| HENKILON_NIMI | " in report
            assert "  0 of 23 groups differ for somebody who is in scope on both sides" in report
            assert home.rows("select count(*) from register.quarantine") == [(0,)]
            assert identity_codes(said) == []
        assert home.processes_after(20) == []
