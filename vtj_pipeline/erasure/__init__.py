"""Erasure: persons taken out of everything that is kept of them, with a receipt.

What remains of a person is a tombstone, a keyed hash by which nothing of them lands again. Add what
must be taken out, and how it is proven that nothing is left. Keep out how an answer's body is
changed (`landing/redaction.py`).
"""

from vtj_pipeline.erasure.erase import Receipt, begin_erasure, carry_out, unfinished
from vtj_pipeline.erasure.whom import Whom, who_left_scope, whom_codes_name, whom_tombstones_name

__all__ = [
    "Receipt",
    "Whom",
    "begin_erasure",
    "carry_out",
    "unfinished",
    "who_left_scope",
    "whom_codes_name",
    "whom_tombstones_name",
]
