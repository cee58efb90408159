"""What the fold's engine says when it stops, in words that quote no data.

Keep out statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from vtj_pipeline.errors import RegisterError

if TYPE_CHECKING:
    from vtj_pipeline.landing import Engine


@contextmanager
def without_data(engine: Engine) -> Iterator[None]:
    """The engine's own messages can quote the data, so that they must not be chained."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        msg = (
            "The fold was asked to run and its memory or the disk for its temporary files was not "
            "enough. Nothing was published; raise VTJ_FOLD_MEMORY or free disk under VTJ_HOME."
        )
        raise RegisterError(msg) from None
    except duckdb.Error as error:
        if engine.raise_ours() or isinstance(error, duckdb.IOException):
            msg = (
                "The fold was asked to run and could not write its temporary files, or not read "
                "the events: most often the disk under VTJ_HOME is full. Nothing was published; "
                "make room and start the same again."
            )
            raise RegisterError(msg) from None
        msg = (
            "The fold was asked to run and stopped "
            f"({type(error).__name__}). Nothing was published; report it with this version."
        )
        raise RegisterError(msg) from None
