"""Addresses of pages of Dagster's UI. Keep out what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from dagster import AssetCheckKey, AssetKey


@dataclass(frozen=True)
class Links:
    """Addresses under the UI's own; None where that is not known.

    Attributes:
        ui: The UI's address, without a slash at its end.
    """

    ui: str | None

    def run(self, run_id: str) -> str | None:
        """A run."""
        return self._page(f"runs/{quote(run_id)}")

    def check(self, key: AssetCheckKey) -> str | None:
        """A check, with what it found each time."""
        detail = f"view=checks&checkDetail={quote(key.name)}"
        return self._page(f"{_asset(key.asset_key)}?{detail}")

    def checks(self) -> str | None:
        """All assets, where the checks that fail are seen."""
        return self._page("assets")

    def partitions(self, key: AssetKey) -> str | None:
        """The days of an asset."""
        return self._page(f"{_asset(key)}?view=partitions")

    def _page(self, path: str) -> str | None:
        return self.ui and f"{self.ui}/{path}"


def _asset(key: AssetKey) -> str:
    return "assets/" + "/".join(quote(part, safe="") for part in key.path)
