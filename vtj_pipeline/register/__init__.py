"""The bitemporal register: identity, fold, publication and the tables themselves.

Knows the catalogue, not Dagster. Add what turns events into published rows. Keep out reading of
answers (`events/`) and views (`dbt/`).
"""

from vtj_pipeline.register.ddl import create_register
from vtj_pipeline.register.drift import Drift, measure_drift, members_to_reconcile
from vtj_pipeline.register.handover import Handover, compare_handover, record_handover
from vtj_pipeline.register.publish import PublicationReport, publish_pending
from vtj_pipeline.register.refresh import codes_of_listed, refresh_candidates
from vtj_pipeline.register.restore import check_restore

__all__ = [
    "Drift",
    "Handover",
    "PublicationReport",
    "check_restore",
    "codes_of_listed",
    "compare_handover",
    "create_register",
    "measure_drift",
    "members_to_reconcile",
    "publish_pending",
    "record_handover",
    "refresh_candidates",
]
