"""`vtj-pipeline doctor`: is everything there that the work needs, and what to do where it is not.

Each check is one line: what was tried, what came, what to do. Add a check here. Keep out secrets,
the calls themselves (`source/diagnosis.py`), Dagster (`doctor_dagster.py`), alarms
(`doctor_alarms.py`), files (`doctor_files.py`, `doctor_objects.py`, `doctor_register_files.py`) and
Spark (`doctor_spark.py`).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg2

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.doctor_alarms import alarm_findings
from vtj_pipeline.commands.doctor_dagster import dagster_findings
from vtj_pipeline.commands.doctor_erasure import erasure_findings
from vtj_pipeline.commands.doctor_files import file_findings
from vtj_pipeline.commands.doctor_objects import object_findings
from vtj_pipeline.commands.doctor_register_files import register_files_findings
from vtj_pipeline.commands.doctor_spark import spark_findings
from vtj_pipeline.commands.finding import Finding, Result
from vtj_pipeline.commands.local_source import source_at_hand
from vtj_pipeline.commands.output import say
from vtj_pipeline.errors import PermanentError, VtjError
from vtj_pipeline.landing import create_ledger, recorded_calls
from vtj_pipeline.orchestration.deployment import Deployment, load_deployment
from vtj_pipeline.postgres import Database, is_here, is_verified, running_database
from vtj_pipeline.settings import load_settings
from vtj_pipeline.source.diagnosis import FirstCall, certificate_ends, first_call

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings
    from vtj_pipeline.source import Subscription

_OLDEST_POSTGRES = 150_000
_GIGABYTE = 1_000_000_000
_LITTLE, _TOO_LITTLE = 10 * _GIGABYTE, _GIGABYTE
_SOON = timedelta(days=30)
_CLOCK_WARN, _CLOCK_FAIL = timedelta(seconds=60), timedelta(minutes=5)
_LOCAL = ("127.0.0.1", "localhost", "::1")
_CREDENTIALS = (
    "Check VTJ_API_USERNAME and VTJ_API_PASSWORD (or the variables that the subscription names), "
    "and VTJ_API_AUTH."
)
_PERMIT = "Check VTJ_XROAD_CLIENT, and with DVV that the permit covers this subsystem and product."


def run_doctor(*, as_json: bool) -> None:
    """Check everything and say what was found.

    Raises:
        PermanentError: something does not work.
    """
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            to_do = f" → {finding.to_do}" if finding.to_do else ""
            say(f"{finding.result:4} {finding.check}: {finding.tried}: {finding.found}{to_do}")
    if as_json:
        say(json.dumps([asdict(one) for one in findings], indent=2))
    failed = [one.check for one in findings if one.result == "fail"]
    if failed:
        msg = f"{len(failed)} checks failed: {', '.join(failed)}. Each says what to do."
        raise PermanentError(msg)


def examine() -> Iterator[Finding]:
    """Every check, the later ones only as far as the earlier ones allow."""
    tried = "read VTJ_* and the subscriptions file"
    try:
        deployment = load_deployment()
    except VtjError as error:
        yield Finding("settings", tried, "fail", str(error), "Correct what it names.")
        return
    settings = deployment.settings
    yield _settings(deployment, tried)
    yield _disk(settings.home)
    yield from object_findings(settings)
    yield from spark_findings(settings)
    yield from file_findings(deployment)
    with ExitStack() as stack:
        found = list(_postgres(settings, stack))
        database = next((one for one in found if isinstance(one, Database)), None)
        yield from (one for one in found if isinstance(one, Finding))
        if database is not None:
            yield from dagster_findings(deployment, database)
            yield from erasure_findings(deployment, database)
            yield from register_files_findings(deployment, database)
        yield from _source(deployment, database)
    yield from alarm_findings(settings)


def _settings(deployment: Deployment, tried: str) -> Finding:
    file = deployment.settings.subscriptions_file
    names = ", ".join(one.name for one in deployment.subscriptions)
    if not names:
        to_do = "Write your products there, or name their file in VTJ_SUBSCRIPTIONS."
        return Finding("settings", tried, "warn", f"no subscriptions in {file}", to_do)
    for one in deployment.subscriptions:
        try:
            if one.identity_codes_file is not None:
                one.identity_codes()
            if one.baseline == "files":
                one.delivered_files()
        except VtjError as error:
            return Finding("settings", tried, "fail", str(error), "Correct what it names.")
    return Finding("settings", tried, "ok", f"subscriptions {names}")


def _disk(home: Path) -> Finding:
    tried = f"write under {home}"
    there = next(one for one in (home, *home.absolute().parents) if one.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except OSError as error:
        to_do = "Let this user write there, or set VTJ_HOME to another folder."
        return Finding("disk", tried, "fail", type(error).__name__, to_do)
    result: Result = "fail" if free < _TOO_LITTLE else "warn" if free < _LITTLE else "ok"
    to_do = "" if result == "ok" else "Free disk: landing keeps every answer, for ever."
    return Finding("disk", tried, result, f"{free / _GIGABYTE:.1f} GB free", to_do)


def _postgres(settings: Settings, stack: ExitStack) -> Iterator[Finding | Database]:
    """The check of PostgreSQL, and the database if it can be used."""
    named = settings.postgres_url is not None
    tried = "connect to VTJ_POSTGRES_URL" if named else "start the embedded server"
    try:
        if settings.postgres_url is not None:
            # First: what is prepared for the work needs the rights that are to be checked.
            finding = _rights(Database.of(settings.postgres_url), tried)
            if finding.result == "fail":
                yield finding
                return
        database = stack.enter_context(running_database(settings))
        yield _rights(database, tried)
        if named:
            yield _transport(database)
        create_ledger(database)
        yield database
    except VtjError as error:
        yield Finding("postgresql", tried, "fail", str(error), "Correct what it names.")


def _rights(database: Database, tried: str) -> Finding:
    tried += ", create a schema and a temporary table"
    connection = database.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('server_version_num')::int")
            (version,) = cursor.fetchone() or (0,)
            if version < _OLDEST_POSTGRES:
                to_do = "Use PostgreSQL 15 or later."
                return Finding("postgresql", tried, "fail", f"version {version // 10_000}", to_do)
            cursor.execute("create schema vtj_doctor")
            cursor.execute("create temp table vtj_doctor (n int)")
    except psycopg2.Error as error:
        reason = type(error).__name__
        to_do = "Grant the user: grant create, temporary on database … to …."
        return Finding("postgresql", tried, "fail", reason, to_do)
    finally:
        connection.rollback()
        connection.close()
    return Finding("postgresql", tried, "ok", f"version {version // 10_000}, allowed")


def _transport(database: Database) -> Finding:
    check, tried = "postgresql tls", "read what VTJ_POSTGRES_URL says of TLS"
    if is_verified(database.url):
        return Finding(check, tried, "ok", "PostgreSQL's certificate is verified")
    if is_here(database.url):
        return Finding(check, tried, "ok", "PostgreSQL is on this machine")
    to_do = "Take sslmode out of VTJ_POSTGRES_URL: then the server has to show a right certificate."
    return Finding(
        "postgresql tls", tried, "warn", "it is not made sure which server answers", to_do
    )


def _source(deployment: Deployment, database: Database | None) -> Iterator[Finding]:
    # A demo's state brings its own sandbox, which is named by the environment while it runs.
    with source_at_hand(deployment.settings):
        settings = load_settings()
        if settings.api_url is None:
            to_do = "Set VTJ_API_URL to the source's address, up to and with /api/v1."
            yield Finding("source", "read VTJ_API_URL", "fail", "it is not set", to_do)
            return
        yield from _certificates(settings)
        for subscription in deployment.subscriptions:
            yield from _called(settings, subscription, database)


def _certificates(settings: Settings) -> Iterator[Finding]:
    assert settings.api_url is not None
    address = urlsplit(settings.api_url)
    if address.scheme != "https":
        local = address.hostname in _LOCAL
        to_do = "" if local else "Use https: credentials and personal data go over this line."
        found = f"http to {address.hostname}, not encrypted"
        yield Finding("tls", "read VTJ_API_URL", "ok" if local else "fail", found, to_do)
    for name, path in (
        ("VTJ_CA_FILE", settings.ca_file),
        ("VTJ_CLIENT_CERT_FILE", settings.client_cert_file),
    ):
        if path is not None:
            yield _certificate(name, path)


def _certificate(name: str, path: Path) -> Finding:
    tried = f"read the certificate of {name}"
    try:
        ends = certificate_ends(path)
    except VtjError as error:
        return Finding("tls", tried, "fail", str(error), f"Set {name} to a PEM file.")
    return Finding("tls", tried, *_ending(ends, "Get a new certificate and name it there."))


def _ending(ends: datetime, to_do: str) -> tuple[Result, str, str]:
    """What is to be said of a certificate that ends at some time."""
    left = ends - datetime.now(UTC)
    if left < timedelta():
        return "fail", f"it ended on {ends.date()}", to_do
    if left < _SOON:
        return "warn", f"it ends on {ends.date()}, in {left.days} days", to_do
    return "ok", f"it ends on {ends.date()}", ""


def _called(
    settings: Settings, subscription: Subscription, database: Database | None
) -> Iterator[Finding]:
    day = today_in_finland() - timedelta(days=1)
    tried = f"kirjausavain/{day} for {subscription.name}"
    if database is None:
        to_do = "Let PostgreSQL work first: every call is kept in the ledger."
        yield Finding("first call", tried, "warn", "not tried", to_do)
        return
    try:
        with recorded_calls(database, subscription, kind="doctor", run_id="doctor") as log:
            call = first_call(settings, subscription, day, log)
    except VtjError as error:
        yield Finding("first call", tried, "fail", str(error), "Correct what it names.")
        return
    yield from _judged(call, tried)


def _judged(call: FirstCall, tried: str) -> Iterator[Finding]:
    if call.status is None:
        if call.is_tls_fault:
            to_do = (
                "Set VTJ_CA_FILE to the root certificate that the server's chains to, and the "
                "client certificate if the server asks for one."
            )
            yield Finding("tls", tried, "fail", str(call.error), to_do)
        else:
            to_do = "Check VTJ_API_URL, the firewall, and that the security server runs."
            yield Finding("first call", tried, "fail", f"no answer ({call.error})", to_do)
        return
    if call.server_certificate_ends is not None:
        to_do = "Tell who runs the security server."
        result, found, to_do = _ending(call.server_certificate_ends, to_do)
        yield Finding("tls", tried, result, f"the server's certificate: {found}", to_do)
    yield _credentials(call, tried)
    yield _answer(call, tried)
    yield _clock(call, tried)


def _credentials(call: FirstCall, tried: str) -> Finding:
    said = f"status {call.status}{f', X-Road {call.xroad_error}' if call.xroad_error else ''}"
    if call.status == 401:
        return Finding("credentials", tried, "fail", said, _CREDENTIALS)
    # A service that failed behind the security server has let us in.
    if call.status == 403 or (call.xroad_error and "ServiceFailed" not in call.xroad_error):
        return Finding("credentials", tried, "fail", said, _PERMIT)
    if call.has_cursor:
        return Finding("credentials", tried, "ok", "accepted")
    return Finding("credentials", tried, "warn", f"not known ({said})", "See the first call.")


def _answer(call: FirstCall, tried: str) -> Finding:
    said = f"status {call.status} after {call.seconds:.2f} s"
    if call.has_cursor:
        return Finding("first call", tried, "ok", f"a cursor, {said}")
    if call.status == 429:
        to_do = "The quota is spent or calls come too fast: try again later."
        return Finding("first call", tried, "warn", said, to_do)
    if call.status == 200:
        to_do = "See that VTJ_API_URL ends in /api/v1 and that no gateway answers in its place."
        return Finding("first call", tried, "fail", f"{said}, not the agreed JSON", to_do)
    if call.status is not None and call.status >= 500:
        to_do = "Try again later; if it stays so, tell who runs the security server, or DVV."
        return Finding("first call", tried, "fail", said, to_do)
    to_do = "See what credentials say; else check VTJ_API_URL."
    return Finding("first call", tried, "fail", said, to_do)


def _clock(call: FirstCall, tried: str) -> Finding:
    tried = f"the clock here against the server's, {tried}"
    ahead = call.clock_ahead
    to_do = "Set the clock of this machine by NTP: days begin and certificates end by it."
    if ahead is None:
        return Finding("clock", tried, "warn", "the server tells no time", "")
    seconds = ahead.total_seconds()
    found = f"{abs(seconds):.0f} s {'ahead' if seconds >= 0 else 'behind'}"
    if abs(ahead) > _CLOCK_FAIL:
        return Finding("clock", tried, "fail", found, to_do)
    if abs(ahead) > _CLOCK_WARN:
        return Finding("clock", tried, "warn", found, to_do)
    return Finding("clock", tried, "ok", found)
