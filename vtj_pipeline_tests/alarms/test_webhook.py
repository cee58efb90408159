"""The webhook: what is posted, how it is signed, and how often it is tried."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest

from vtj_pipeline.alarms import notifiers_of
from vtj_pipeline.alarms.webhook import WebhookNotifier
from vtj_pipeline.errors import AlarmNotSent
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.alarms.alarms import alarm
from vtj_pipeline_tests.certificates import Authority
from vtj_pipeline_tests.source.fake_source import FakeSource, Told, running_source, told

HOOK = "hooks/a-secret-of-its-own"
TOKEN = "word-nobody-may-read"
KEY = "a-key-for-signatures-of-tests"
TAKEN = told({"ok": True})


@pytest.fixture
def server() -> Iterator[FakeSource]:
    with running_source() as server:
        server.on(HOOK, TAKEN)
        yield server


@pytest.fixture
def pauses() -> list[float]:
    return []


def webhook(
    server: FakeSource, pauses: list[float] | None = None, **more: object
) -> WebhookNotifier:
    """The notifier of settings that name a webhook; it keeps its pauses and does not make them."""
    settings = Settings(**{"alarm_webhook_url": f"{server.url}/{HOOK}", **more})
    [notifier] = notifiers_of(settings)
    assert isinstance(notifier, WebhookNotifier)
    return replace(notifier, sleep=([] if pauses is None else pauses).append)


def refusal(notifier: WebhookNotifier) -> str:
    with pytest.raises(AlarmNotSent) as raised:
        notifier.send(alarm())
    whole = "".join(traceback.format_exception(raised.value))
    for secret in (HOOK, TOKEN, KEY, "virhe"):
        assert secret not in whole
    return str(raised.value)


def test_a_post_says_everything_to_programs_and_to_people(server: FakeSource) -> None:
    receipt = webhook(server).send(alarm())
    assert receipt.is_complete and receipt.said.endswith("answered 200")
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", HOOK)
    assert asked.headers["content-type"] == "application/json"
    assert "authorization" not in asked.headers and "webhook-signature" not in asked.headers
    text = asked.body.pop("text")
    assert asked.body == {
        "version": 1,
        "id": asked.headers["webhook-id"],
        "incidents": ["check/kuopio/daily_changes chain_of_cursors"],
        "kind": "check_failed",
        "severity": "ERROR",
        "is_over": False,
        "title": "Check failed: kuopio/daily_changes chain_of_cursors",
        "what": "2026-11-20: nothing has landed.",
        "where": "asset kuopio/daily_changes",
        "to_do": "Materialise the days that it names.",
        "at": "2026-11-22T22:30:00+00:00",
        "day": "2026-11-23",
        "counts": {"breaks": 1, "days": 1234.56},
        "link": "https://ui.example.fi/assets/kuopio/daily_changes",
        "run_id": "11112222-3333-4444-5555-666677778888",
    }
    assert text == alarm().text


@pytest.mark.parametrize("key", [KEY, "whsec_" + base64.b64encode(KEY.encode()).decode()])
def test_who_receives_can_tell_that_it_is_from_us_and_new(server: FakeSource, key: str) -> None:
    """By the recipe of Standard Webhooks: id, time and body, parted by dots."""
    before = int(time.time())
    webhook(server, alarm_webhook_token=TOKEN, alarm_webhook_hmac_key=key).send(alarm())
    [asked] = server.asked
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert before <= int(asked.headers["webhook-timestamp"]) <= time.time()
    body = json.dumps(asked.body, separators=(",", ":"), ensure_ascii=False)
    signed = ".".join([asked.headers["webhook-id"], asked.headers["webhook-timestamp"], body])
    digest = hmac.new(KEY.encode(), signed.encode(), hashlib.sha256).digest()
    assert asked.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_a_server_that_is_busy_is_asked_again(server: FakeSource, pauses: list[float]) -> None:
    busy = Told(b"", status=429, headers={"Retry-After": "2"})
    server.on(HOOK, told({"virhe": 1}, status=503), busy, TAKEN)
    assert webhook(server, pauses).send(alarm()).is_complete
    assert pauses == [1.0, 2.0]
    # It can see that it is the same.
    assert len({asked.headers["webhook-id"] for asked in server.asked}) == 1


def test_it_gives_up_after_a_few_times(server: FakeSource, pauses: list[float]) -> None:
    server.on(HOOK, told({"virhe": 1}, status=500))
    assert "answered 500" in refusal(webhook(server, pauses))
    assert len(server.asked) == 3 and len(pauses) == 2
    # A sensor cannot wait for long; the next tick comes by itself.
    server.on(HOOK, Told(b"", status=429, headers={"Retry-After": "600"}))
    assert "answered 429" in refusal(webhook(server, pauses))
    assert len(server.asked) == 4 and len(pauses) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (told({"virhe": HOOK}, status=401), "VTJ_ALARM_WEBHOOK_TOKEN"),
        (told({"virhe": HOOK}, status=404), "VTJ_ALARM_WEBHOOK_URL"),
        (Told(b"", status=302, headers={"Location": f"/api/v1/{HOOK}"}), "redirects"),
    ],
)
def test_what_would_fail_again_is_not_tried_again(
    server: FakeSource, pauses: list[float], answer: Told, said: str
) -> None:
    server.on(HOOK, answer)
    refused = refusal(webhook(server, pauses, alarm_webhook_token=TOKEN))
    assert str(answer.status) in refused and said in refused
    assert len(server.asked) == 1 and pauses == []


def test_its_address_is_a_secret(server: FakeSource, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    notifier = webhook(server, alarm_webhook_token=TOKEN, alarm_webhook_hmac_key=KEY)
    notifier.send(alarm())
    shown = f"{notifier!r} {notifier.target} {caplog.text}"
    for secret in (HOOK, TOKEN, KEY):
        assert secret not in shown


def test_a_server_that_is_gone() -> None:
    with running_source() as server:
        notifier = webhook(server)
    assert "ConnectError" in refusal(notifier)
    with pytest.raises(AlarmNotSent, match="ConnectionRefusedError"):
        notifier.reach()


def test_its_certificate_is_held_against_the_authorities(authority: Authority) -> None:
    with running_source(authority.server()) as server:
        server.on(HOOK, TAKEN)
        assert "VTJ_CA_FILE" in refusal(webhook(server))
        with pytest.raises(AlarmNotSent, match="VTJ_CA_FILE"):
            webhook(server).reach()
        assert server.asked == []
        trusting = webhook(server, ca_file=authority.file)
        trusting.reach()
        assert server.asked == []
        assert trusting.send(alarm()).is_complete
