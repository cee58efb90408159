"""A build of dbt's that failed, as it may be told: what failed, and none of dbt's words.

Words of dbt are PostgreSQL's, and may quote a row; they stay in the run's own output. Keep out the
build (`assets/views.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from vtj_pipeline.errors import ViewsError
from vtj_pipeline.orchestration.dbt_process import DagsterDbtCliRuntimeError, DbtCliInvocation

# Of dbt's own: https://docs.getdbt.com/reference/artifacts/run-results-json
_FAILED = ("error", "fail", "runtime error")
_NAMED = 20


@contextmanager
def told_by_name(build: DbtCliInvocation) -> Iterator[None]:
    """While a build is read.

    Raises:
        ViewsError: it failed; names the models and tests.
    """
    try:
        yield
    except DagsterDbtCliRuntimeError:
        raise ViewsError(_told(list(_failed(build)))) from None


def _failed(build: DbtCliInvocation) -> Iterator[Mapping[str, Any]]:
    try:
        results = build.get_artifact("run_results.json")["results"]
    except FileNotFoundError:  # it ended before it had begun to build
        return
    yield from (one for one in results if one["status"] in _FAILED)


def _told(failed: list[Mapping[str, Any]]) -> str:
    names = [f"{_name(one)} ({one['status']})" for one in failed]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    what = f": {', '.join(names[:_NAMED])}{more}" if names else " before it built anything"
    return (
        f"dbt was to build and test the views, and failed{what}. What dbt says of it is in the "
        "run's output (UI: stdout of the run)."
    )


def _name(result: Mapping[str, Any]) -> str:
    """`test.vtj.only_one.1a2b3c` is the test `only_one`."""
    kind, _, name, *_ = str(result["unique_id"]).split(".")
    return f"{kind} {name}"
