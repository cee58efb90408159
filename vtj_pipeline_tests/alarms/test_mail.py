"""Mail: what arrives, how the line is encrypted, and what is said where nothing arrives."""

from __future__ import annotations

import socket
import traceback

import pytest

from vtj_pipeline.errors import AlarmNotSent
from vtj_pipeline_tests.alarms.alarms import alarm, mail_notifier
from vtj_pipeline_tests.alarms.mailbox import LOGIN, RECIPIENTS, SENDER, Mailbox, mailbox
from vtj_pipeline_tests.certificates import Authority

ACCOUNT = {"alarm_smtp_username": LOGIN[0], "alarm_smtp_password": LOGIN[1]}


def plain(box: Mailbox) -> str:
    return f"smtp+plain://127.0.0.1:{box.port}"


def refusal(url: str, **more: object) -> str:
    """What is said where nobody gets a mail: neither the server's words nor anybody's address."""
    with pytest.raises(AlarmNotSent) as raised:
        mail_notifier(url, **more).send(alarm())
    whole = "".join(traceback.format_exception(raised.value))
    for secret in (*LOGIN, SENDER, *RECIPIENTS, "unknown here"):
        assert secret not in whole
    return str(raised.value)


def test_a_mail_says_everything_over_an_encrypted_line(authority: Authority) -> None:
    with mailbox(starttls=authority.server(), login=True) as box:
        notifier = mail_notifier(f"smtp://127.0.0.1:{box.port}", ca_file=authority.file, **ACCOUNT)
        receipt = notifier.send(alarm())
        # Sent again after a crash it can be told from another.
        notifier.send(alarm())
        notifier.send(alarm(key="check/2"))
    assert receipt.is_complete
    assert receipt.said == f"mail server 127.0.0.1:{box.port} took it for 2 of 2 recipients"
    assert box.encrypted == [True] * 3 and box.logins == [LOGIN[0]] * 3
    message, again, other = box.messages
    assert box.recipients[0] == list(RECIPIENTS)
    assert (message["From"], message["To"]) == (SENDER, ", ".join(RECIPIENTS))
    assert message["Subject"] == (
        "[vtj-pipeline] ERROR: Check failed: kuopio/daily_changes chain_of_cursors"
    )
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert message["References"] == other["References"]
    text = message.get_content()
    for said in (
        "2026-11-20: nothing has landed.",
        "When: 2026-11-22 22:30:00 UTC, 2026-11-23 in Finland",
        "Numbers: breaks 1, days 1,234.6",
        "What to do: Materialise the days that it names.",
        "Look at: https://ui.example.fi/assets/kuopio/daily_changes",
    ):
        assert said in text


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server's: it does not see our TLS
def test_tls_from_the_first_byte(authority: Authority) -> None:
    with mailbox(tls=authority.server(), login=True) as box:
        url = f"smtps://127.0.0.1:{box.port}"
        mail_notifier(url, ca_file=authority.file, **ACCOUNT).send(alarm())
        assert "VTJ_CA_FILE" in refusal(url, **ACCOUNT)
    assert len(box.messages) == 1 and box.logins == [LOGIN[0]]


def test_an_open_line_only_where_the_address_says_so(box: Mailbox) -> None:
    assert "offers no STARTTLS" in refusal(f"smtp://127.0.0.1:{box.port}")
    assert box.messages == []
    assert mail_notifier(plain(box)).send(alarm()).is_complete
    assert box.encrypted == [False]


def test_a_certificate_that_nobody_vouches_for_is_refused(authority: Authority) -> None:
    with mailbox(starttls=authority.server()) as box:
        assert "VTJ_CA_FILE" in refusal(f"smtp://127.0.0.1:{box.port}")
    assert box.messages == []


def test_a_login_that_is_refused_names_its_settings(authority: Authority) -> None:
    with mailbox(starttls=authority.server(), login=True) as box:
        url = f"smtp://127.0.0.1:{box.port}"
        wrong = {"alarm_smtp_username": LOGIN[0], "alarm_smtp_password": "wrong"}
        said = refusal(url, ca_file=authority.file, **wrong)
        assert "535" in said and "VTJ_ALARM_SMTP_PASSWORD" in said
        # Who has no login is told so, too.
        assert "530" in refusal(url, ca_file=authority.file)
    assert box.messages == []


def test_recipients_that_are_refused_do_not_keep_the_mail_from_the_others(box: Mailbox) -> None:
    box.refused = RECIPIENTS[1:]
    receipt = mail_notifier(plain(box)).send(alarm())
    assert box.recipients == [[RECIPIENTS[0]]]
    assert not receipt.is_complete
    assert "1 of 2" in receipt.said and "VTJ_ALARM_EMAIL_TO" in receipt.said
    assert RECIPIENTS[1] not in receipt.said
    box.refused = RECIPIENTS
    said = refusal(plain(box))
    assert "550" in said and "VTJ_ALARM_EMAIL_TO" in said


def test_a_server_that_cannot_now_is_told_by_its_number(box: Mailbox) -> None:
    box.answer = "451 later"
    assert "451" in refusal(plain(box))


def test_a_server_that_is_gone_or_silent() -> None:
    assert "ConnectionRefusedError" in refusal("smtp+plain://127.0.0.1:1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp+plain://127.0.0.1:{silent.getsockname()[1]}"
        assert "TimeoutError" in refusal(url, alarm_timeout_seconds=0.2)


def test_reaching_it_sends_nothing(authority: Authority) -> None:
    with mailbox(starttls=authority.server(), login=True) as box:
        url = f"smtp://127.0.0.1:{box.port}"
        mail_notifier(url, ca_file=authority.file, **ACCOUNT).reach()
        with pytest.raises(AlarmNotSent, match="535"):
            mail_notifier(
                url, ca_file=authority.file, alarm_smtp_username="x", alarm_smtp_password="y"
            ).reach()
    assert box.messages == [] and set(box.logins) == {LOGIN[0], "x"}
