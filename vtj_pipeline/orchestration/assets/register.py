"""The events and the register tables: unpartitioned, catching up with whatever has landed.

Keep out how events are read (`events/`) and folded (`register/`).
"""

from collections.abc import Iterator

import dagster as dg
import pydantic

from vtj_pipeline.catalogue import CATALOGUE, Column
from vtj_pipeline.errors import PublicationRefused
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.assets.views import source_columns
from vtj_pipeline.orchestration.automation import catch_up
from vtj_pipeline.orchestration.boundary import guarded
from vtj_pipeline.orchestration.checks import CHECKED, unknown_table
from vtj_pipeline.orchestration.dbt_translator import COLUMNS
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.freshness import every_morning
from vtj_pipeline.orchestration.progress import progress
from vtj_pipeline.orchestration.publication_check import (
    publication_check,
    was_let_pass,
    was_refused,
)
from vtj_pipeline.postgres import running_database
from vtj_pipeline.register import PublicationReport, create_register, publish_pending
from vtj_pipeline.register.ddl import all_columns

REGISTER_POOL = "register_writer"
EVENTS = ("events", "event_rows")
EVENTS_KEY = dg.AssetKey(EVENTS)


class RegisterConfig(dg.Config):
    """What a person may choose when publishing by hand."""

    rebuild: bool = pydantic.Field(
        False, description="Fold everybody anew and repair every row that is not from landing."
    )


def events_asset(
    deployment: Deployment, landing: list[dg.AssetKey], refreshes: list[dg.AssetKey]
) -> dg.AssetsDefinition:
    """`["events", "event_rows"]`, which reads every landed batch that has no events yet.

    It depends on the landing assets, and watches the refreshes and reconciliations (`refreshes`),
    which depend on the register.
    """

    @dg.asset(
        key=deployment.key(*EVENTS),
        deps=landing,
        group_name="events",
        kinds={"duckdb", "parquet"},
        pool=deployment.named(REGISTER_POOL),
        automation_condition=catch_up(refreshes),
        description=(
            "One row for each row of a group (tietoryhmä) that the source gave, each once, in "
            "Parquet files. It has no partitions: a run reads every landed batch that has no "
            "events yet."
        ),
    )
    @guarded
    def event_rows() -> dg.MaterializeResult[None]:
        with running_database(deployment.settings) as database:
            create_ledger(database)
            report = extract_events(database, deployment.storage, deployment.settings, progress())
        return dg.MaterializeResult(
            metadata={
                "files": dg.MetadataValue.int(report.files),
                "rows": dg.MetadataValue.int(report.rows),
                "unreadable": dg.MetadataValue.int(report.faults),
                "seconds": dg.MetadataValue.float(round(report.seconds, 2)),
            }
        )

    return event_rows


def register_assets(deployment: Deployment) -> dg.AssetsDefinition:
    """`["register", <table>]` for every folded table and `person`, written together."""

    @dg.multi_asset(
        name="register_tables",
        specs=[*_folded_specs(deployment), _person_spec(deployment)],
        check_specs=[publication_check(deployment)],
        pool=deployment.named(REGISTER_POOL),
    )
    @guarded
    def register_tables(
        context: dg.AssetExecutionContext, config: RegisterConfig
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        try:
            report = _publish(deployment, context.run_id, rebuild=config.rebuild)
        except PublicationRefused as refusal:
            yield was_refused(refusal)
            raise
        yield was_let_pass(report)
        for key in sorted(context.op_execution_context.selected_asset_keys):
            metadata = _metadata(report, key.path[-1])
            if key.path == deployment.key(*CHECKED.path):
                metadata |= _to_look_at(report)
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)

    return register_tables


def _publish(deployment: Deployment, run_id: str, *, rebuild: bool) -> PublicationReport:
    with running_database(deployment.settings) as database:
        create_ledger(database)
        create_register(database)
        return publish_pending(
            database,
            deployment.storage,
            deployment.settings,
            deployment.scope,
            run_id=run_id,
            progress=progress(),
            granted=deployment.granted,
            rebuild=rebuild,
        )


def _person_spec(deployment: Deployment) -> dg.AssetSpec:
    """`person`, which follows from the others; the night's work is judged by it."""
    spec = _spec(
        deployment,
        "person",
        "One row a person: the code in force, and who is alive and protected, as known now. It has "
        "no partitions, like all tables of the register: each run publishes whatever has landed "
        "and is not published yet, of all days and subscriptions, in one transaction.",
        source_columns(deployment, "register", "person"),
    )
    return spec.replace_attributes(freshness_policy=every_morning())


def _folded_specs(deployment: Deployment) -> list[dg.AssetSpec]:
    return [
        _spec(
            deployment,
            table.name,
            table.description,
            dg.TableSchema(
                [
                    dg.TableColumn(c.name, type=c.type, description=_meaning(c))
                    for c in all_columns(table)
                ]
            ),
        )
        for table in CATALOGUE.tables.values()
    ]


def _meaning(column: Column) -> str:
    """What the column means and its field in the source, as the database's own comments say it."""
    return f"{column.description} ({column.finnish})" if column.finnish else column.description


def _spec(
    deployment: Deployment, name: str, description: str, schema: dg.TableSchema
) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=deployment.key("register", name),
        deps=[dg.AssetKey(deployment.key(*EVENTS))],
        group_name="register",
        kinds={"duckdb", "postgres"},
        description=description,
        automation_condition=catch_up(),
        metadata={"dagster/table_name": f"register.{name}", COLUMNS: schema},
    )


def _metadata(report: PublicationReport, table: str) -> dict[str, dg.MetadataValue]:
    return {
        "publication": dg.MetadataValue.text(
            "nothing new" if report.publication_id is None else str(report.publication_id)
        ),
        "persons": dg.MetadataValue.int(report.persons),
        "inserted": dg.MetadataValue.int(report.inserted.get(table, 0)),
        "ended": dg.MetadataValue.int(report.ended.get(table, 0)),
        "removed": dg.MetadataValue.int(report.removed.get(table, 0)),
        "quarantined": dg.MetadataValue.int(report.quarantined),
        "seconds": dg.MetadataValue.float(round(report.seconds, 2)),
    }


def _to_look_at(report: PublicationReport) -> dict[str, dg.MetadataValue]:
    """What is of the whole publication, and stands at one table only: where the checks are."""
    return {
        "anomalies": dg.MetadataValue.json(report.anomalies),
        "refresh_requests": dg.MetadataValue.json(report.refresh_requests),
        "unknown": unknown_table(report.unknown),
        "unknown_rows": dg.MetadataValue.int(sum(one.rows for one in report.unknown)),
    }
