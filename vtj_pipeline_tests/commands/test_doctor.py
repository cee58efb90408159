"""The doctor: every fault is found, named, and comes with what to do about it."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.doctor import examine, run_doctor
from vtj_pipeline.errors import PermanentError
from vtj_pipeline.orchestration.deployment import load_deployment
from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.certificates import Authority
from vtj_pipeline_tests.commands.test_doctor_daemon import beat
from vtj_pipeline_tests.landing.conftest import Ledger
from vtj_pipeline_tests.source.fake_source import FakeSource, Told, cursor, running_source, told
from vtj_pipeline_tests.source.products import CODES, PASSWORD, USERNAME

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)


def of_yesterday() -> str:
    """The call for yesterday's cursor; a run of all tests may go on past midnight."""
    return f"kirjausavain/{today_in_finland() - timedelta(days=1)}"


@pytest.fixture
def source() -> Iterator[FakeSource]:
    with running_source() as source:
        source.on(of_yesterday(), cursor(7))
        yield source


@pytest.fixture(autouse=True)
def _environment(
    source: FakeSource,
    ready_database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    file = home / "subscriptions.toml"
    file.touch(0o600)
    file.write_text(
        '[[subscription]]\nname = "towns"\nproduct = "municipality"\nmunicipalities = ["297"]\n'
        'start_date = 2026-10-01\nbaseline = "perustiedot-vko"\n',
        "utf-8",
    )
    for name, value in {
        "VTJ_HOME": str(home),
        "VTJ_POSTGRES_URL": ready_database.url,
        "VTJ_API_URL": source.url,
        "VTJ_API_USERNAME": USERNAME,
        "VTJ_API_PASSWORD": PASSWORD,
    }.items():
        monkeypatch.setenv(name, value)
    # As every command and service has it.
    before = os.umask(0o077)
    yield
    os.umask(before)


def found() -> dict[str, list[tuple[str, str]]]:
    """Check → what came of it, each with what was found and what to do."""
    lines: dict[str, list[tuple[str, str]]] = {}
    for one in examine():
        assert one.tried and one.found
        assert one.to_do or one.result == "ok" or "no time" in one.found
        for secret in (PASSWORD, *CODES):
            assert secret not in str(one)
        lines.setdefault(one.check, []).append((one.result, f"{one.found} {one.to_do}"))
    return lines


def results() -> dict[str, list[str]]:
    return {check: [result for result, _ in lines] for check, lines in found().items()}


def test_where_everything_is_well_every_line_is_ok(
    source: FakeSource,
    ready_database: Database,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VTJ_ALARM_WEBHOOK_URL", source.url)
    beat(load_deployment())
    assert results() == {
        check: ["ok"]
        for check in (
            "settings", "disk", "encryption", "files", "postgresql", "postgresql tls",
            "dagster", "daemon", "erasure", "tls", "credentials", "first call", "clock", "alarms",
        )
    }  # fmt: skip
    # Nobody is told anything by it.
    assert source.paths() == [of_yesterday()]
    # A call is a call: it has its row, and its place in the quota.
    assert Ledger(ready_database).rows(
        "select kind, purpose, status, error from ledger.source_call"
    ) == [("doctor", "kirjausavain", 200, None)]
    run_doctor(as_json=True)
    lines = json.loads(capsys.readouterr().out)
    assert {frozenset(line) for line in lines} == {
        frozenset({"check", "tried", "result", "found", "to_do"})
    }
    run_doctor(as_json=False)
    assert capsys.readouterr().out.count("\n") == len(lines)


@pytest.mark.parametrize(
    ("answer", "check", "result", "said"),
    [
        (told({}, status=401), "credentials", "fail", "VTJ_API_PASSWORD"),
        (told({}, status=403), "credentials", "fail", "permit"),
        (
            Told(b"", status=500, headers={"X-Road-Error": "Server.ServerProxy.AccessDenied"}),
            "credentials",
            "fail",
            "VTJ_XROAD_CLIENT",
        ),
        (
            Told(b"", status=500, headers={"X-Road-Error": "Server.ServerProxy.ServiceFailed"}),
            "first call",
            "fail",
            "security server",
        ),
        (told({}, status=404), "first call", "fail", "VTJ_API_URL"),
        (Told(b"", status=429), "first call", "warn", "quota"),
        (Told(b"<html>", content_type="text/html"), "first call", "fail", "/api/v1"),
        (told({"viimeisinKirjausAvain": 7}), "first call", "fail", "not the agreed JSON"),
        (Told(cursor(7).body, cut=3), "first call", "fail", "RemoteProtocolError"),
    ],
)
def test_an_answer_that_is_none_is_told_by_its_kind(
    source: FakeSource, answer: Told, check: str, result: str, said: str
) -> None:
    source.on(of_yesterday(), answer)
    [(outcome, text)] = found()[check]
    assert outcome == result
    assert said in text


@pytest.mark.parametrize(
    ("seconds", "result"), [(0, "ok"), (-100, "warn"), (100, "warn"), (-400, "fail"), (400, "fail")]
)
def test_the_clock_is_held_against_the_servers(
    source: FakeSource, monkeypatch: pytest.MonkeyPatch, seconds: int, result: str
) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    monkeypatch.setattr(
        "vtj_pipeline_tests.source.fake_source._Handler.date_time_string", lambda self: moment
    )
    [(outcome, text)] = found()["clock"]
    assert outcome == result
    assert ("behind" if seconds > 10 else "ahead" if seconds < -10 else "s ") in text


def test_alarms_that_reach_nobody_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    [(outcome, text)] = found()["alarms"]
    assert outcome == "warn" and "VTJ_ALARM_WEBHOOK_URL" in text
    monkeypatch.setenv("VTJ_ALARM_WEBHOOK_URL", f"http://127.0.0.1:1/{PASSWORD}")
    monkeypatch.setenv("VTJ_ALARM_SMTP_URL", "smtp+plain://127.0.0.1:1")
    monkeypatch.setenv("VTJ_ALARM_EMAIL_FROM", "register@example.fi")
    monkeypatch.setenv("VTJ_ALARM_EMAIL_TO", "on-call@example.fi")
    mail, webhook = found()["alarms"]
    assert mail[0] == "fail" and "VTJ_ALARM_SMTP_URL" in mail[1]
    assert webhook[0] == "fail" and "ConnectionRefusedError" in webhook[1]


def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTJ_API_URL", "http://127.0.0.1:1/api/v1")
    [(outcome, text)] = found()["first call"]
    assert outcome == "fail" and "ConnectError" in text and "firewall" in text


def test_settings_that_are_wrong_end_the_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTJ_API_AUTH", "token")
    lines = found()
    assert set(lines) == {"settings"}
    assert lines["settings"][0][0] == "fail" and "VTJ_API_AUTH" in lines["settings"][0][1]
    with pytest.raises(PermanentError, match="1 checks failed: settings"):
        run_doctor(as_json=False)


def test_an_address_and_a_password_that_are_not_set_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("VTJ_API_PASSWORD")
    assert "VTJ_API_PASSWORD is not set" in found()["first call"][0][1]
    monkeypatch.delenv("VTJ_API_URL")
    [(outcome, text)] = found()["source"]
    assert outcome == "fail" and "VTJ_API_URL" in text


def test_a_code_list_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "home" / "codes.txt").write_text("no code\n", "utf-8")
    (tmp_path / "home" / "subscriptions.toml").write_text(
        '[[subscription]]\nname = "listed"\nproduct = "identity_codes"\n'
        'identity_codes_file = "codes.txt"\nstart_date = 2026-10-01\nbaseline = "perustiedot"\n',
        "utf-8",
    )
    [(outcome, text)] = found()["settings"]
    assert outcome == "fail" and "line 1" in text


def test_credentials_are_not_sent_over_an_open_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTJ_API_URL", "http://service.invalid/api/v1")
    assert results()["tls"] == ["fail"]


def test_rights_that_are_missing_in_postgresql_are_named(
    ready_database: Database, monkeypatch: pytest.MonkeyPatch, source: FakeSource
) -> None:
    connection = psycopg2.connect(ready_database.url)
    connection.autocommit = True
    with connection.cursor() as at:
        at.execute("select current_database()")
        (name,) = at.fetchone() or ("",)
        at.execute("drop role if exists vtj_visitor")
        at.execute("create role vtj_visitor login")
        at.execute(f"revoke create, temporary on database {name} from public")
    try:
        visitor = ready_database.url.replace("//postgres:@", "//vtj_visitor:@").replace(
            "//postgres@", "//vtj_visitor@"
        )
        assert "vtj_visitor" in visitor
        monkeypatch.setenv("VTJ_POSTGRES_URL", visitor)
        lines = found()
        [(outcome, text)] = lines["postgresql"]
        assert outcome == "fail" and "InsufficientPrivilege" in text and "grant" in text
        assert lines["first call"][0][0] == "warn"
        assert source.asked == []
    finally:
        with connection.cursor() as at:
            at.execute("drop role vtj_visitor")
        connection.close()


def test_a_database_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTJ_POSTGRES_URL", "postgresql://u:geheim@127.0.0.1:1/d")
    [(outcome, text)] = found()["postgresql"]
    assert outcome == "fail" and "VTJ_POSTGRES_URL" in text and "geheim" not in text


class Served:
    """Serves with TLS and sets what a client needs."""

    def __init__(self, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
        self.authority, self.monkeypatch = authority, monkeypatch

    def results(self, *, days: int = 200, ca: bool = True, client: int | None = None) -> Any:
        """What the doctor finds; the server wants a client certificate if `client` is given."""
        context = self.authority.server(days=days)
        if client is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.authority.file)
            file, key = self.authority.make("client", days=client)
            self.monkeypatch.setenv("VTJ_CLIENT_CERT_FILE", str(file))
            self.monkeypatch.setenv("VTJ_CLIENT_KEY_FILE", str(key))
        if ca:
            self.monkeypatch.setenv("VTJ_CA_FILE", str(self.authority.file))
        with running_source(context) as source:
            source.on(of_yesterday(), cursor(7))
            self.monkeypatch.setenv("VTJ_API_URL", source.url)
            return found()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    return Served(Authority(tmp_path), monkeypatch)


def test_tls_with_every_certificate_in_order(served: Served) -> None:
    lines = served.results(client=100)
    assert [result for result, _ in lines["tls"]] == ["ok", "ok", "ok"]
    ends = (NOW + timedelta(days=100)).date()
    assert str(ends) in lines["tls"][1][1]
    assert [result for result, _ in lines["first call"]] == ["ok"]


def test_certificates_that_end_soon_or_have_ended(served: Served) -> None:
    lines = served.results(days=10, client=10)
    assert [result for result, _ in lines["tls"]] == ["ok", "warn", "warn"]
    lines = served.results(client=-1)
    assert [result for result, _ in lines["tls"]][:2] == ["ok", "fail"]


def test_an_authority_that_is_not_known_is_told_with_the_setting(served: Served) -> None:
    [(outcome, text)] = served.results(ca=False)["tls"]
    assert outcome == "fail" and "VTJ_CA_FILE" in text and "certificate not accepted" in text


def test_a_certificate_of_another_century_is_read(tmp_path: Path) -> None:
    """From 2050 on the year has four digits (RFC 5280 §4.1.2.5)."""
    from vtj_pipeline.source.diagnosis import certificate_ends

    file, _ = Authority(tmp_path).make("late", days=365 * 40)
    assert certificate_ends(file).date() == (NOW + timedelta(days=365 * 40)).date()


def test_a_file_that_holds_no_certificate_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "none.pem").write_text("no certificate", "utf-8")
    monkeypatch.setenv("VTJ_CA_FILE", str(tmp_path / "none.pem"))
    lines = found()
    assert lines["tls"][-1][0] == "fail"
    assert "VTJ_CA_FILE" in lines["first call"][0][1]
