"""`vtj-pipeline restore-check`: is the register what landing makes, table by table.

Keep out how that is found out (`register/restore.py`).
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa

from vtj_pipeline.commands.output import formatted, say, step
from vtj_pipeline.errors import RegisterDiffers
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.deployment import load_deployment
from vtj_pipeline.postgres import running_database
from vtj_pipeline.register import check_restore, create_register
from vtj_pipeline.register.restore import NOT_COMPARED

if TYPE_CHECKING:
    from vtj_pipeline.register.restore import RestoreReport


def run_restore_check(*, as_json: bool) -> None:
    """Make the register anew beside the one that stands, and say where they differ.

    Raises:
        RegisterDiffers: they do.
    """
    deployment = load_deployment()
    with running_database(deployment.settings) as database:
        create_ledger(database)
        create_register(database)
        watched = nullcontext(_quiet) if as_json else step("register made anew")
        with watched as progress:
            report = check_restore(
                database,
                deployment.storage,
                deployment.settings,
                deployment.scope,
                deployment.granted,
                progress,
            )
    say(_as_json(report) if as_json else _said(report))
    if report.differing:
        msg = (
            f"{len(report.differing)} tables differ from what landing makes: "
            f"{', '.join(report.differing)}. `vtj-pipeline run register --rebuild` writes what is "
            "missing and removes what is not from landing; check again after it."
        )
        raise RegisterDiffers(msg)


def _quiet(what: str, done: int, total: int | None) -> None:
    del what, done, total


def _as_json(report: RestoreReport) -> str:
    found = asdict(report) | {
        "equal": not report.differing,
        "not_compared": list(NOT_COMPARED),
        "seconds": round(report.seconds, 1),
    }
    return json.dumps(found, indent=2)


def _said(report: RestoreReport) -> str:
    rows = sum(one.rebuilt for one in report.tables)
    lines = [
        formatted(pa.Table.from_pylist([asdict(one) for one in report.tables]), "table"),
        f"{report.files:,} landed files of {report.bytes / 1e6:,.1f} MB are as the ledger says; "
        f"{rows:,} rows made of them in {report.seconds:.1f} s.",
        f"Not compared, since landing does not tell it: {', '.join(NOT_COMPARED)}.",
    ]
    if report.not_published:
        lines.append(f"{report.not_published:,} files are not published yet and were left out.")
    if not report.differing:
        lines.append("Equal: the register is what landing makes.")
    return "\n".join(lines)
