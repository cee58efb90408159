"""Who folds for a publication: this process, or a cluster, as `VTJ_FOLD_ENGINE` says.

Keep out how either does it (`fold_engine.py`, `spark/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.register.fold_engine import fold_engine
from vtj_pipeline.register.spark import spark_fold

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from vtj_pipeline.catalogue import Catalogue
    from vtj_pipeline.landing import Storage
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.privacy import PersonKey
    from vtj_pipeline.register.folds import Folds
    from vtj_pipeline.settings import Settings


def folding(
    database: Database,
    storage: Storage,
    settings: Settings,
    key: PersonKey,
    catalogue: Catalogue,
) -> AbstractContextManager[Folds]:
    """A fold for whoever holds the register's writer lock, gone at the end."""
    if settings.fold_engine == "spark":
        return spark_fold(database, storage, settings, key, catalogue)
    return fold_engine(storage, settings.fold_memory, key, catalogue)
