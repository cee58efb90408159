"""`vtj-pipeline alarm test`: everybody gets a message, and whoever does not is told of."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from vtj_pipeline.cli import main
from vtj_pipeline_tests.alarms.mailbox import RECIPIENTS, SENDER, Mailbox, mailbox
from vtj_pipeline_tests.source.fake_source import FakeSource, running_source, told

HOOK = "hooks/a-secret-of-its-own"


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """A command takes over what ends a process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mailbox() as box:
        monkeypatch.setenv("VTJ_ALARM_SMTP_URL", f"smtp+plain://127.0.0.1:{box.port}")
        monkeypatch.setenv("VTJ_ALARM_EMAIL_FROM", SENDER)
        monkeypatch.setenv("VTJ_ALARM_EMAIL_TO", ",".join(RECIPIENTS))
        yield box


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSource]:
    with running_source() as server:
        server.on(HOOK, told({}))
        monkeypatch.setenv("VTJ_ALARM_WEBHOOK_URL", f"{server.url}/{HOOK}")
        yield server


def tried(capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit status, output and errors of the command."""
    try:
        main(["alarm", "test"])
        status = 0
    except SystemExit as ended:
        status = int(ended.code or 0)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_message_goes_everywhere(
    box: Mailbox, server: FakeSource, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = tried(capsys)
    assert status == 0
    assert out.splitlines()[0].startswith("ok   email: mail server 127.0.0.1")
    assert out.splitlines()[1].startswith("ok   webhook: webhook at 127.0.0.1")
    [message], [asked] = box.messages, server.asked
    assert message["Subject"] == "[vtj-pipeline] WARN: Test of alarms"
    assert asked.body["kind"] == "test"
    assert "Nothing is wrong" in message.get_content() and "Nothing is wrong" in asked.body["text"]


def test_one_that_fails_is_named_and_the_other_gets_it(
    box: Mailbox, server: FakeSource, capsys: pytest.CaptureFixture[str]
) -> None:
    box.answer = "554 no"
    status, out, err = tried(capsys)
    assert status == 1
    assert out.startswith("fail email: ") and "554" in out and len(server.asked) == 1
    assert err == "error: 1 of 2 ways to tell an alarm failed: email.\n"
    assert HOOK not in out + err


def test_a_mail_that_only_some_get_is_no_success(
    box: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    box.refused = RECIPIENTS[:1]
    status, out, _ = tried(capsys)
    assert status == 1 and "1 of 2 recipients" in out


def test_nobody_to_tell_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = tried(capsys)
    assert status == 1 and "VTJ_ALARM_SMTP_URL" in err
