"""What every asset says of itself besides its own description: owners and tags.

Tags say whose subscription an asset belongs to, and how near its rows are to a person, so that a
data-protection officer can pick them in the UI. Keep out kinds and groups, which stand with the
assets.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment

PERSONAL_DATA = "personal_data"
SUBSCRIPTION = "subscription"
# By the first part of the key; what is not here, such as a subscription's answers, has everything.
_NEARNESS = {
    "ledger": "pseudonymous",
    "analyst": "pseudonymous",
    "register_files": "pseudonymous",
    "statistics": "aggregated",
    "quality": "aggregated",
    "reference": "none",
}
_ALL = "identified"

Labelled = dg.AssetsDefinition | dg.AssetSpec


def with_labels(assets: Iterable[Labelled], deployment: Deployment) -> list[Labelled]:
    """The same assets with owners (`VTJ_OWNERS`) and tags."""

    def label(spec: dg.AssetSpec) -> dg.AssetSpec:
        return spec.merge_attributes(
            owners=deployment.settings.owners, tags=_tags(spec, deployment)
        )

    return [
        label(one) if isinstance(one, dg.AssetSpec) else one.map_asset_specs(label)
        for one in assets
    ]


def _tags(spec: dg.AssetSpec, deployment: Deployment) -> dict[str, str]:
    first = spec.key.path[len(deployment.within)]
    tags = {PERSONAL_DATA: _NEARNESS.get(first, _ALL)}
    if first in {one.name for one in deployment.subscriptions}:
        tags[SUBSCRIPTION] = first
    return tags
