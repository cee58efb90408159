"""Asset checks of the register: what somebody should look at, with the names and numbers.

All are warnings: they stop nothing, and can be asked again by hand in the UI. They are one step of
their own rather than part of publishing, so that a publication does not wait for whole tables to be
read. Add a check here, and say in its description what to do when it fails. Keep out how it is
found out (`register/findings.py`) and personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import dagster as dg

from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.postgres import running_database
from vtj_pipeline.register import create_register
from vtj_pipeline.register.findings import (
    Unknown,
    held_back,
    last_anomalies,
    open_twice,
    refresh_requests,
    unknown_things,
)

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.postgres import Database

CHECKED = dg.AssetKey(["register", "person"])
UNKNOWN = "unknown_groups_fields_and_codes"
QUARANTINE = "quarantine"
ANOMALIES = "anomalies"
ONE_CURRENT_ROW = "one_current_row"
_DESCRIPTIONS = {
    UNKNOWN: (
        "Fails when the source has told a group or a field that this version does not know, or "
        "when current rows hold a code that is in no list. Nothing is lost or stopped: such rows "
        "are kept as received, unknown groups in other_group. What to do: look the names up in "
        "the source's newest description; add groups and fields to the catalogue, codes to the "
        "column or to vtj_pipeline/reference, and publish again; or report the names, which are "
        "no personal data, to whoever maintains this program. A name that is no name at all is "
        "shown as (not a name). Municipality codes are not judged where the fact ended before 2008."
    ),
    QUARANTINE: (
        "Fails when a message or row could not be read and nothing has made up for it: its person "
        "is held back, and stays as before, until their basic data come; or it names no subject. "
        "What to do: run person_refresh (vtj-pipeline run refresh), which asks for the persons, "
        "and publish. For rows that name no subject fetch the baseline again (fetch_again). If it "
        "comes back, report the reason to the source; where a row stands is told by "
        "register.quarantine, its content is in landing alone."
    ),
    ANOMALIES: (
        "Fails when a change did not fit what was known (a row removed that was not there, two "
        "open rows where there can be one) and the person has not been asked for since. What to "
        "do: run person_refresh (vtj-pipeline run refresh) and publish; the answer settles it. "
        "Many at once, or again after every refresh: a day may never have landed, so look for "
        "a gap in daily_changes first; then report the kinds. Kinds are counted in the histories "
        "that the last publication folded, those that an answer has settled included."
    ),
    ONE_CURRENT_ROW: (
        "Fails when a person has two current rows where there can be one, such as two open home "
        "municipalities. The register shows both, as the source told them. What to do: look "
        "whether the anomalies check fails too; then run person_refresh and publish, since the "
        "persons are queued for it. If it does not, the fold is at fault: report the tables and "
        "this version."
    ),
}
_UNKNOWN_SCHEMA = dg.TableSchema(
    [
        dg.TableColumn("kind", "string", description="group, field or code"),
        dg.TableColumn("tietoryhma", "string", description="The group."),
        dg.TableColumn("name", "string", description="The field; none for a group."),
        dg.TableColumn("rows", "int", description="Rows landed; for codes, rows that stand."),
    ]
)


def register_checks(deployment: Deployment) -> dg.AssetChecksDefinition:
    """The checks of `["register", "person"]`, all in one step."""

    @dg.multi_asset_check(
        name="register_checks",
        specs=[
            dg.AssetCheckSpec(name, asset=deployment.key(*CHECKED.path), description=text)
            for name, text in _DESCRIPTIONS.items()
        ],
        can_subset=True,  # else the UI does not let them be executed by hand
    )
    @guarded
    def register_checks() -> Iterable[dg.AssetCheckResult]:
        with running_database(deployment.settings) as database:
            create_ledger(database)
            create_register(database)
            judges = (_unknown, _quarantine, _anomalies, _one_current_row)
            yield from selected(judge(database) for judge in judges)

    return register_checks


def selected(results: Iterable[dg.AssetCheckResult]) -> Iterable[dg.AssetCheckResult]:
    """Those of the results of a check step that were asked for."""
    keys = dg.AssetCheckExecutionContext.get().selected_asset_check_keys
    names = {key.name for key in keys}
    return (result for result in results if result.check_name in names)


def unknown_table(unknown: Iterable[Unknown]) -> dg.TableMetadataValue:
    """Names and numbers of rows, as a table in the UI."""
    records = [
        dg.TableRecord(
            {"kind": one.kind, "tietoryhma": one.tietoryhma, "name": one.name, "rows": one.rows}
        )
        for one in unknown
    ]
    return dg.MetadataValue.table(records, _UNKNOWN_SCHEMA)


def _unknown(database: Database) -> dg.AssetCheckResult:
    found = unknown_things(database)
    names = ", ".join(
        f"{one.kind} {one.tietoryhma}{f'.{one.name}' if one.name else ''} ({one.rows:,} rows)"
        for one in found
    )
    return result_of(
        UNKNOWN,
        passed=not found,
        said=names or "Everything that was told is known.",
        unknown=unknown_table(found),
        rows=dg.MetadataValue.int(sum(one.rows for one in found)),
    )


def _quarantine(database: Database) -> dg.AssetCheckResult:
    held = held_back(database)
    rows = sum(held.rows.values())
    return result_of(
        QUARANTINE,
        passed=not (held.persons or held.nobodys),
        said=f"{rows:,} rows, {held.persons:,} persons held back, {held.nobodys:,} rows of nobody.",
        rows=dg.MetadataValue.int(rows),
        persons=dg.MetadataValue.int(held.persons),
        rows_of_nobody=dg.MetadataValue.int(held.nobodys),
        reasons=dg.MetadataValue.json(held.rows),
    )


def _anomalies(database: Database) -> dg.AssetCheckResult:
    queued = refresh_requests(database).get("anomaly", 0)
    return result_of(
        ANOMALIES,
        passed=queued == 0,
        said=f"{queued:,} persons to be asked for anew.",
        persons=dg.MetadataValue.int(queued),
        kinds=dg.MetadataValue.json(last_anomalies(database)),
    )


def _one_current_row(database: Database) -> dg.AssetCheckResult:
    found = open_twice(database)
    return result_of(
        ONE_CURRENT_ROW,
        passed=not found,
        said=_listed(found) or "Nobody has two rows where there can be one.",
        persons=dg.MetadataValue.json(found),
    )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {number:,} persons" for name, number in counts.items())


def result_of(
    name: str,
    *,
    passed: bool,
    said: str,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN,
    **metadata: dg.MetadataValue,
) -> dg.AssetCheckResult:
    """What a check of the register found."""
    return dg.AssetCheckResult(
        passed=passed,
        check_name=name,
        severity=severity,
        description=said,
        metadata=metadata,
    )
