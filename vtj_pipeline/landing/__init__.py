"""What the source answered, kept as received, and the ledger of what was asked.

Landing is the only truth: everything to its right can be rebuilt from it. Add what writes, proves
or reads answers. Keep out the meaning of an answer (`events/`) and how it was fetched (`source/`).
"""

from vtj_pipeline.landing.answered import ABSENT, WHOLE_PERSON, open_left_out
from vtj_pipeline.landing.baseline import land_baseline, plan_baseline
from vtj_pipeline.landing.baseline_plan import BaselinePlan
from vtj_pipeline.landing.calls import calls_of_day, recorded_calls, was_refused_since
from vtj_pipeline.landing.changes import land_day
from vtj_pipeline.landing.code_lists import CodeListVersion, list_additions, record_code_list
from vtj_pipeline.landing.completeness import Completeness, completeness, ranges, stretches
from vtj_pipeline.landing.encryption import Encryption, encrypt_anew, encryption_of
from vtj_pipeline.landing.engine import Engine, private_engine
from vtj_pipeline.landing.ledger import LandedBatch, create_ledger, landed_batches
from vtj_pipeline.landing.pages import read_pages
from vtj_pipeline.landing.proof import Break, Proof, prove
from vtj_pipeline.landing.proven import note_all, prove_and_note
from vtj_pipeline.landing.reconcile import (
    Compared,
    ReconcileReport,
    land_reconciliation,
    record_reconciliation,
)
from vtj_pipeline.landing.refresh import (
    RefreshCandidate,
    RefreshReport,
    RefreshRequest,
    land_refresh,
)
from vtj_pipeline.landing.report import LandingReport
from vtj_pipeline.landing.scratch import clear_scratch, scratch_folder
from vtj_pipeline.landing.storage import Storage, storage_of
from vtj_pipeline.landing.verified import verify_landing
from vtj_pipeline.landing.volumes import Volume, newest_volume

__all__ = [
    "ABSENT",
    "WHOLE_PERSON",
    "BaselinePlan",
    "Break",
    "CodeListVersion",
    "Compared",
    "Completeness",
    "Encryption",
    "Engine",
    "LandedBatch",
    "LandingReport",
    "Proof",
    "ReconcileReport",
    "RefreshCandidate",
    "RefreshReport",
    "RefreshRequest",
    "Storage",
    "Volume",
    "calls_of_day",
    "clear_scratch",
    "completeness",
    "create_ledger",
    "encrypt_anew",
    "encryption_of",
    "land_baseline",
    "land_day",
    "land_reconciliation",
    "land_refresh",
    "landed_batches",
    "list_additions",
    "newest_volume",
    "note_all",
    "open_left_out",
    "plan_baseline",
    "private_engine",
    "prove",
    "prove_and_note",
    "ranges",
    "read_pages",
    "record_code_list",
    "record_reconciliation",
    "recorded_calls",
    "scratch_folder",
    "storage_of",
    "stretches",
    "verify_landing",
    "was_refused_since",
]
