"""The check of the register that stops its publication: whether the guard refused it.

The guard stands inside the publication's transaction (`register/guard.py`), since a check that ran
afterwards would come too late for readers. Here it is only reported. Keep out rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.orchestration.checks import CHECKED, result_of
from vtj_pipeline.register.guard import FEW

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.register import PublicationReport

PLAUSIBLE = "publication_is_plausible"
_DESCRIPTION = (
    "Stops the publication: nothing of it is written, readers go on seeing what stood, and nothing "
    "downstream runs. Fails when one publication would take away more than {share:g} % of the "
    "persons in the register, of the living, of those with a home municipality or of those in a "
    "subscription's scope (VTJ_PUBLICATION_MAX_LOSS_PERCENT), or when nearly all whom a "
    f"subscription tells of for the first time live outside its municipalities; of {FEW} persons "
    "or fewer it says nothing. What to do: see that the subscriptions file, the code list, "
    "granted_groups, the credentials and VTJ_API_URL are the right ones, put right what is not, "
    "and publish again (vtj-pipeline run register). If the publication is right, such as after a "
    "merger of municipalities, let this one pass: publish once with VTJ_ACCEPT_PUBLICATION_AFTER "
    "set to the number that the refusal tells."
)


def publication_check(deployment: Deployment) -> dg.AssetCheckSpec:
    """The check, which the publication itself answers."""
    return dg.AssetCheckSpec(
        PLAUSIBLE,
        asset=deployment.key(*CHECKED.path),
        blocking=True,
        description=_DESCRIPTION.format(share=deployment.settings.publication_max_loss_percent),
    )


def was_let_pass(report: PublicationReport) -> dg.AssetCheckResult:
    """The answer after a publication."""
    said = "There was nothing to publish." if report.nothing_to_do else "It was let pass."
    return result_of(PLAUSIBLE, passed=True, said=said, severity=dg.AssetCheckSeverity.ERROR)


def was_refused(refusal: Exception) -> dg.AssetCheckResult:
    """The answer after a refusal, which says what was found and what to do."""
    return result_of(
        PLAUSIBLE, passed=False, said=str(refusal), severity=dg.AssetCheckSeverity.ERROR
    )
