"""Whether every landed file is there and is what the ledger recorded.

Keep out what is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vtj_pipeline.errors import LandingDamaged

if TYPE_CHECKING:
    from vtj_pipeline.landing.ledger import LandedBatch
    from vtj_pipeline.landing.report import Progress
    from vtj_pipeline.landing.storage import Storage

_SHOWN = 20


def verify_landing(
    storage: Storage, batches: Sequence[LandedBatch], progress: Progress | None = None
) -> int:
    """Read every landed file and compare its SHA-256 with the ledger's; returns their bytes.

    Raises:
        LandingDamaged: some are missing or differ; the message names them.
    """
    missing, different, size = [], [], 0
    for done, batch in enumerate(batches):
        if progress:
            progress("landed files", done, len(batches))
        if not storage.exists(batch.file):
            missing.append(batch.file)
            continue
        try:
            size += len(storage.read(batch.file, sha256=batch.sha256))
        except LandingDamaged:
            different.append(batch.file)
    if missing or different:
        raise LandingDamaged(_said(storage, len(batches), missing, different))
    return size


def _said(storage: Storage, files: int, missing: list[str], different: list[str]) -> str:
    told = "; ".join(
        f"{len(names)} {what}: {', '.join(names[:_SHOWN])}"
        + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        for what, names in (("are missing", missing), ("differ from the ledger", different))
        if names
    )
    return (
        f"{files} landed files were looked for under {storage.where}; {told}. Restore them from a "
        "backup: nothing else can stand for them. Nothing was changed."
    )
