"""An engineer's morning in Dagster's UI, in a real browser on everything that really runs.

Pictures of the screen, and what `dev` wrote, are kept in `.test-artefacts/browser`, or under the
folder that `VTJ_TEST_ARTEFACTS` names: look at them when something of the UI changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import httpx
import pytest
from playwright.sync_api import expect

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline_tests.browser.ui import (
    GREEN,
    PATIENCE_MS,
    RED,
    Ui,
    artefacts,
    browser_program,
    browsing,
)
from vtj_pipeline_tests.end_to_end.developing import dev, wait_until_made
from vtj_pipeline_tests.end_to_end.homes import Home, subscriptions_of_area
from vtj_pipeline_tests.folders import new_home
from vtj_pipeline_tests.orchestration.ui import ask
from vtj_pipeline_tests.sandbox.served import sandbox_process

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]
LINEAGE = """query($key: AssetKeyInput!) { assetOrError(assetKey: $key) { ... on Asset {
assetMaterializations(limit: 1) { metadataEntries { ... on TableColumnLineageMetadataEntry {
lineage { columnName columnDeps { assetKey { path } columnName } } } } } } } }"""
CHANGES = "/assets/etela_karjala/daily_changes"


@dataclass(frozen=True)
class Days:
    """The days of the scene, told from today.

    Attributes:
        start: The baseline's day, the first partition; a whole month is over since then.
        before: The last day that has landed when the engineer comes.
        backfilled: The first and the last of three days that follow.
        lost: The day after these; the one after it is not landed either, but then reached by
            the next, which begins a day early.
        failing: The day after those two.
    """

    start: date
    before: date
    backfilled: tuple[date, date]
    lost: date
    failing: date

    @classmethod
    def until(cls, today: date) -> Days:
        """The days of a scene that is looked at today."""
        month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        ago = [today - timedelta(days=number) for number in range(9)]
        return cls(month - timedelta(days=1), ago[8], (ago[7], ago[5]), ago[4], ago[2])


@dataclass(frozen=True)
class Scene:
    """The UI of a pipeline that runs, its source, and its API."""

    ui: Ui
    days: Days
    source: httpx.Client
    pipeline: httpx.Client

    def break_source(self, share: float) -> None:
        """Let a share of all requests to the source fail."""
        faults = {"faults": {"error-xroad": share}, "most_faults_in_a_row": 1000}
        self.source.post("/sandbox/faults", json=faults).raise_for_status()


@contextmanager
def prepared(days: Days, today: date) -> Iterator[tuple[Home, httpx.Client]]:
    """A home whose baseline and first days have landed, and its source."""
    # Pages so small, and days so full, that the last page of a day never holds the whole next one.
    options = {"persons": 500, "activity": 60, "page_size": 2, "seed": 3, "wellbeing_area": "11"}
    start = days.start.isoformat()
    length = (today - days.start).days
    with sandbox_process(**options, start=start, clock=start, days=length) as (_, url):
        home = Home(
            new_home(),
            {
                "VTJ_API_URL": url,
                "VTJ_API_USERNAME": ACCOUNT[0],
                "VTJ_API_PASSWORD": ACCOUNT[1],
                "VTJ_API_ATTEMPTS": "1",
                "VTJ_COLUMN_LINEAGE": "true",
            },
        )
        home.path.mkdir()
        text = subscriptions_of_area("etela_karjala", days.start)
        (home.path / "subscriptions.toml").write_text(text, "utf-8")
        with httpx.Client(base_url=url.removesuffix("/api/v1"), timeout=60) as source:
            home.run("run", "baseline")
            source.post("/sandbox/clock", json={"today": today.isoformat()}).raise_for_status()
            home.run("run", "changes", start, days.before.isoformat())
            yield home, source


@pytest.fixture
def scene() -> Iterator[Scene]:
    program, folder = browser_program(), artefacts()
    today = today_in_finland()
    days = Days.until(today)
    with (
        prepared(days, today) as (home, source),
        dev(home, folder / "dev.log") as client,
        browsing(program, str(client.base_url), folder) as ui,
    ):
        yield Scene(ui, days, source, client)


def test_days_are_landed_looked_at_and_mended(scene: Scene) -> None:
    the_graph_shows_every_group(scene.ui)
    three_days_are_backfilled(scene)
    a_day_fails_and_is_run_again(scene)
    a_gap_is_told_and_closed(scene)
    wait_until_made(scene.pipeline, "statistics", "population")
    # Nobody asked for it; it was made on the way.
    wait_until_made(scene.pipeline, "reference", "municipalities")
    the_register_has_followed(scene.ui)
    the_population_is_pictured(scene.ui)
    columns_say_what_they_are_made_of(scene.pipeline)


def the_graph_shows_every_group(ui: Ui) -> None:
    ui.open("/asset-groups")
    for group in ("landing", "events", "register", "views", "quality", "reference"):
        # In the list on the left and in the graph.
        expect(ui.text(group)).to_have_count(2)
    ui.keep("1-graph")


def three_days_are_backfilled(scene: Scene) -> None:
    ui, (first, last) = scene.ui, scene.days.backfilled
    ui.open(f"{CHANGES}?view=partitions")
    dialog = ui.ask_for()
    ui.days(dialog, f"[{first}...{last}]")
    expect(dialog.get_by_text("3 partitions", exact=True)).to_be_visible()
    ui.keep("2-backfill")
    dialog.get_by_role("button", name="Launch backfill").click()
    expect(ui.page.get_by_text("Created backfill")).to_be_visible()
    for number in range(3):
        day = (first + timedelta(days=number)).isoformat()
        expect(ui.day(day)).to_have_css("background-color", GREEN, timeout=PATIENCE_MS)
    ui.keep("3-landed")


def a_day_fails_and_is_run_again(scene: Scene) -> None:
    ui, day = scene.ui, scene.days.failing.isoformat()
    scene.break_source(1.0)
    dialog = ui.ask_for()
    ui.days(dialog, day)
    dialog.get_by_role("button", name="Launch 1 run").click()
    expect(ui.day(day)).to_have_css("background-color", RED, timeout=PATIENCE_MS)
    ui.text(day).first.click()
    expect(ui.page.get_by_text("failed, and did not materialize")).to_be_visible()
    ui.keep("4-failed")
    ui.page.get_by_role("button", name="View logs").click()
    expect(ui.page.get_by_text("SourceUnavailable").first).to_be_visible()
    ui.keep("5-reason")
    ui.page.get_by_role("button", name="Done").click()

    scene.break_source(0.0)
    dialog = ui.ask_for()
    dialog.get_by_role("button", name="Failed", exact=True).click()
    expect(dialog.locator("input[type=text]").first).to_have_value(day)
    dialog.get_by_role("button", name="Launch 1 run").click()
    expect(ui.day(day)).to_have_css("background-color", GREEN, timeout=PATIENCE_MS)
    ui.keep("6-run-again")


def a_gap_is_told_and_closed(scene: Scene) -> None:
    ui, lost = scene.ui, scene.days.lost.isoformat()
    ui.open(f"{CHANGES}?view=checks")
    check = ui.check("chain_of_cursors")
    expect(check).to_have_css("background-color", RED, timeout=PATIENCE_MS)
    expect(ui.page.get_by_text(f"{lost}: nothing has landed").first).to_be_visible()
    ui.keep("7-gap")

    dialog = ui.ask_for()
    ui.days(dialog, lost)
    dialog.get_by_role("button", name="Launch 1 run").click()
    expect(check).to_have_css("background-color", GREEN, timeout=PATIENCE_MS)
    expect(ui.check("cursor_age")).to_have_css("background-color", GREEN)
    ui.keep("8-gap-closed")


def the_register_has_followed(ui: Ui) -> None:
    ui.open("/assets/register/home_municipality")
    expect(ui.text("municipality_code")).to_be_visible()
    expect(ui.page.get_by_text(re.compile(r"Municipality; .*\(kuntakoodi\)"))).to_be_visible()
    ui.keep("9-columns")
    row = ui.page.get_by_role("row").filter(has=ui.page.get_by_text("inserted", exact=True))
    expect(row).to_contain_text(re.compile(r"\d{3,}"))
    row.scroll_into_view_if_needed()
    ui.keep("10-counts")


def columns_say_what_they_are_made_of(pipeline: httpx.Client) -> None:
    found = ask(pipeline, LINEAGE, key={"path": ["statistics", "population"]})
    [made] = found["assetOrError"]["assetMaterializations"]
    [lineage] = [one["lineage"] for one in made["metadataEntries"] if "lineage" in one]
    made_of = {one["columnName"]: one["columnDeps"] for one in lineage}
    assert {"assetKey": {"path": ["timeline", "population_count"]}, "columnName": "sex"} in (
        made_of["sex"]
    )


def the_population_is_pictured(ui: Ui) -> None:
    ui.open("/assets/statistics/population")
    row = ui.page.get_by_role("row").filter(has=ui.page.get_by_text("picture", exact=True))
    row.get_by_text("[Show Markdown]").click()
    picture = ui.page.get_by_role("dialog").get_by_role("img", name="Population by sex and age")
    expect(picture).to_be_visible()
    assert picture.evaluate("e => e.naturalWidth") > 0
    ui.keep("11-pyramid")
    ui.page.emulate_media(color_scheme="dark")
    expect(ui.page.locator("body")).to_have_css("background-color", re.compile(r"rgb\(\d, "))
    ui.keep("12-pyramid-dark")
