"""Dagster's UI in a real browser: what a person does there, and where it shows what.

Add what a person does. Keep out what is expected of this program (`test_*.py`), and every wait but
Playwright's own.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ROOT = Path(__file__).parents[2]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As computed: whatever shade the theme has.
GREEN = re.compile(r"rgb\(\d{1,2}, (1[5-9]\d|2\d\d), \d+\)")
RED = re.compile(r"rgb\((1[5-9]\d|2\d\d), \d{1,2}, \d{1,2}\)")
# A daemon looks for backfills and for changed assets every half minute; runs start after that.
PATIENCE_MS = 180_000


def browser_program() -> str:
    """The browser to drive; without one the test is skipped, or fails where one is required."""
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    said = f"no browser is on the PATH ({', '.join(PROGRAMS)}); apt-get install chromium"
    if os.environ.get("VTJ_REQUIRE_BROWSER"):
        pytest.fail(said)
    pytest.skip(said)


def artefacts() -> Path:
    """The folder where what was seen is kept, empty."""
    folder = Path(os.environ.get("VTJ_TEST_ARTEFACTS", ROOT / ".test-artefacts")) / "browser"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@dataclass(frozen=True)
class Ui:
    """The UI at an address, on one page of a browser."""

    page: Page
    folder: Path

    def open(self, path: str) -> None:
        """Go to a page of the UI."""
        self.page.goto(path)

    def keep(self, name: str) -> None:
        """Keep a picture of what is on the screen."""
        self.page.screenshot(path=self.folder / f"{name}.png")

    def text(self, text: str) -> Locator:
        """Exactly this text, where it is visible."""
        return self.page.get_by_text(text, exact=True).locator("visible=true")

    def ask_for(self) -> Locator:
        """Press the button that materialises the asset, and return the dialog that opens."""
        self.page.get_by_role("button", name="Materialize").first.click()
        return self.page.get_by_role("dialog")

    def days(self, dialog: Locator, days: str) -> None:
        """Type partitions, such as `[2026-11-01...2026-11-03]`, into the dialog."""
        field = dialog.locator("input[type=text]").first
        field.fill(days)
        field.press("Enter")

    def day(self, day: str) -> Locator:
        """The coloured dot of a partition in the list of them."""
        return self._row(day).locator("[style*='border-radius: 100%']")

    def check(self, name: str) -> Locator:
        """The coloured sign of an asset check in the list of them."""
        return self._row(name).get_by_role("img")

    def _row(self, title: str) -> Locator:
        named = self.page.get_by_title(title, exact=True)
        return self.page.locator("[style*='translateY']").filter(has=named)


@contextmanager
def browsing(program: str, address: str, folder: Path) -> Iterator[Ui]:
    """The UI at an address; what is on the screen at last is kept as `last.png`."""
    expect.set_options(timeout=20_000)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program) as browser,
        browser.new_context(
            base_url=address,
            viewport={"width": 1280, "height": 800},
            color_scheme="light",
            locale="en-GB",
            timezone_id="Europe/Helsinki",
        ) as context,
    ):
        ui = Ui(context.new_page(), folder)
        try:
            yield ui
        finally:
            ui.keep("last")
