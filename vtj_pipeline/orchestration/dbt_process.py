"""The one door to dagster-dbt: dbt runs as a process of its own, and is not loaded into ours.

Loading dbt-core takes several seconds of processor time, in every process of a code location, for
what a build does not need: dagster-dbt then asks its adapter for columns (`with_adapter`) and reads
selections, of which there is none but "all". So dagster-dbt is loaded as it is where dbt-core is
not installed. Import it from here alone. Keep out what is run (`assets/views.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from packaging.version import Version

_DBT = "dbt.version"  # what dagster_dbt/compat.py asks for


@contextmanager
def _without_dbt() -> Iterator[None]:
    """While this lasts, dbt-core cannot be found, whether or not somebody has loaded it."""
    loaded = sys.modules.get(_DBT)
    sys.modules[_DBT] = None  # type: ignore[assignment]  # as import's own protocol has it
    try:
        yield
    finally:
        del sys.modules[_DBT]
        if loaded is not None:
            sys.modules[_DBT] = loaded


with _without_dbt():
    import dagster_dbt.core.resource
    from dagster_dbt import (
        DagsterDbtTranslator,
        DagsterDbtTranslatorSettings,
        DbtCliInvocation,
        DbtCliResource,
        DbtProject,
        dbt_assets,
    )
    from dagster_dbt.errors import DagsterDbtCliRuntimeError

__all__ = [
    "DagsterDbtCliRuntimeError",
    "DagsterDbtTranslator",
    "DagsterDbtTranslatorSettings",
    "DbtCliInvocation",
    "DbtProcess",
    "DbtProject",
    "dbt_assets",
    "dbt_process",
]


class DbtProcess(DbtCliResource):
    """dbt of this environment, as a process.

    Attributes:
        with_adapter: Whether columns will be asked of its results, which needs dbt-core here too.
    """

    with_adapter: bool = False

    @cached_property
    def _cli_version(self) -> Version:
        # Told by what is installed: asking the program starts a process, for each call of dbt.
        return _version()

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        if not self.with_adapter:
            return None
        # Making an adapter asserts that dbt-core was found when dagster-dbt was loaded.
        resource = dagster_dbt.core.resource
        resource.DBT_PYTHON_VERSION = _version()  # type: ignore[attr-defined]  # imported there
        return super()._initialize_dbt_core_adapter(args)


def dbt_process(project: DbtProject, *, with_adapter: bool = False) -> DbtProcess:
    """Dbt of this environment, whether or not its folder is on the PATH."""
    executable = Path(sys.executable).with_name("dbt")
    return DbtProcess(
        project_dir=str(project.project_dir),
        profiles_dir=str(project.project_dir),
        dbt_executable=str(executable) if executable.exists() else "dbt",
        with_adapter=with_adapter,
    )


def _version() -> Version:
    return Version(installed("dbt-core"))
