"""The check of the views: whether one of them tells where a protected person is.

It asks every view for readers, and stands with the one that everybody opens. Keep out how it is
found out (`privacy/masked_views.py`) and personal data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.postgres import running_database
from vtj_pipeline.privacy import MaskedViews, look_at_views
from vtj_pipeline.register import create_register

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment

MASKED = "views_are_masked"
VIEWED = dg.AssetKey(["municipality", "resident"])
_DESCRIPTION = (
    "Fails when a view that readers are granted tells anything of where a person is who is under "
    "an order of non-disclosure, or of whom the source withholds a place. It asks every view with "
    "one row a person, of every schema for readers, as a reader would who sets nothing, and any "
    "column that is not known to tell no place counts. It stops nothing, since readers see a view "
    "as soon as it stands. What to do, at once: take the role from the readers of the views that "
    "it names (vtj-pipeline roles revoke; a right that is revoked on a view comes back with the "
    "next build), then build all views (vtj-pipeline run views). If it fails again, the masking of "
    "the view is at fault: report its name and this version, and tell your data-protection "
    "officer. A view of your own with a column that tells no place is "
    "told apart in vtj_pipeline/privacy/masked_views.py."
)


def views_check(deployment: Deployment) -> dg.AssetChecksDefinition:
    """The check, of all views at once."""

    @dg.asset_check(asset=deployment.key(*VIEWED.path), name=MASKED, description=_DESCRIPTION)
    @guarded
    def views_are_masked() -> dg.AssetCheckResult:
        with running_database(deployment.settings) as database:
            create_ledger(database)
            create_register(database)
            return _judged(look_at_views(database))

    return views_are_masked


def _judged(found: MaskedViews) -> dg.AssetCheckResult:
    listed = ", ".join(f"{view}: {persons:,} persons" for view, persons in found.telling.items())
    asked = f"{found.views:,} views were asked for {found.guarded:,} persons; none tells a place."
    return dg.AssetCheckResult(
        passed=not found.telling,
        severity=dg.AssetCheckSeverity.ERROR,
        description=listed or asked,
        metadata={
            "views": dg.MetadataValue.int(found.views),
            "persons": dg.MetadataValue.int(found.guarded),
            "telling": dg.MetadataValue.json(found.telling),
        },
    )
