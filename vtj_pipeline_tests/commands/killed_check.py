"""A `restore-check` that kills itself when all that it makes is there, before the work begins.

Started by `test_restore_check.py` alone.
"""

from __future__ import annotations

from typing import Any

from vtj_pipeline.cli import main
from vtj_pipeline.register import restore
from vtj_pipeline_tests.properties.crashes import kill


def _killed(*given: Any) -> None:
    del given
    kill()


if __name__ == "__main__":
    restore.extract_events = _killed  # type: ignore[assignment]
    main(["restore-check"])
