"""Faults over HTTP: what each looks like, when they come, that they end, and the quota."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime

import httpx
import pytest

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import SandboxOptions
from vtj_pipeline.sandbox.fault_plan import KINDS, SPOILED, FaultDice, FaultPlan, read_faults
from vtj_pipeline_tests.sandbox.served import served

OPTIONS = SandboxOptions(persons=60, days=10, activity=20.0, slow_seconds=0.0)
XROAD = "/r1/FI-TEST/GOV/0245437-2/VTJmutpa/VTJmutpa/api/v1"
CLIENT = {"X-Road-Client": "FI-TEST/MUN/1234567-8/test-client"}
COPY = "/api/v1/perustiedot-vko"


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with served(OPTIONS) as client:
        yield client


def _plan(client: httpx.Client, **plan: object) -> None:
    client.post("/sandbox/faults", json={"daily_quota": None, **plan}).raise_for_status()


def _always(client: httpx.Client, kind: str) -> None:
    _plan(client, faults={kind: 1.0}, most_faults_in_a_row=1000)


def _injected(client: httpx.Client) -> dict[str, int]:
    found: dict[str, int] = client.get("/sandbox/faults").json()["injected"]
    return found


@pytest.mark.parametrize("kind", ["throttled", "throttled-seconds", "throttled-date"])
def test_a_throttled_call_says_when_to_come_back_or_not(client: httpx.Client, kind: str) -> None:
    _plan(client, faults={kind: 1}, most_faults_in_a_row=9, retry_after_seconds=7)
    answer = client.post(COPY, json={})
    assert answer.status_code == 429
    after = answer.headers.get("retry-after")
    if kind == "throttled":
        assert after is None
    elif kind == "throttled-seconds":
        assert after == "7"
    else:
        sent = parsedate_to_datetime(answer.headers["date"])
        assert 5 <= (parsedate_to_datetime(after) - sent).total_seconds() <= 9


def test_errors_come_as_json_as_a_page_and_as_an_x_road_envelope(client: httpx.Client) -> None:
    statuses = set()
    for kind in ("error-json", "error-html", "error-xroad"):
        _always(client, kind)
        for _ in range(12):
            answer = client.post(f"{XROAD}/perustiedot-vko", json={}, headers=CLIENT)
            statuses.add(answer.status_code)
            if kind == "error-html":
                assert answer.headers["content-type"].startswith("text/html")
                assert answer.text.startswith("<html>")
            else:
                assert answer.headers["content-type"] == "application/json"
            if kind == "error-xroad":
                assert set(answer.json()) == {"type", "message", "detail"}
                assert answer.headers["x-road-error"] == answer.json()["type"]
    assert statuses == {500, 502, 503}


def test_a_login_page_has_status_200(client: httpx.Client) -> None:
    _always(client, "login-page")
    answer = client.post(COPY, json={})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert b"password" in answer.content


@pytest.mark.parametrize(("kind", "length"), [("cut", True), ("cut-chunked", False)])
def test_a_connection_is_cut_in_the_middle_of_a_body(
    client: httpx.Client, kind: str, length: bool
) -> None:
    _always(client, kind)
    with client.stream("POST", COPY, json={}) as answer:
        assert ("content-length" in answer.headers) is length
        assert ("transfer-encoding" in answer.headers) is not length
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
    _plan(client, faults="none")
    assert client.post(COPY, json={}).json()["perustiedot"]


def test_a_truncated_answer_has_the_length_that_it_says(client: httpx.Client) -> None:
    _always(client, "truncated")
    answer = client.post(COPY, json={})
    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_wrong_content_type_and_a_slow_answer_leave_the_body(client: httpx.Client) -> None:
    _plan(client, faults="none")
    right = client.post(COPY, json={})
    _always(client, "wrong-type")
    wrong = client.post(COPY, json={})
    assert wrong.headers["content-type"] == "text/plain"
    assert wrong.content == right.content
    _plan(client, faults={"slow": 1.0}, slow_seconds=0.3)
    slow = client.post(COPY, json={})
    assert slow.elapsed.total_seconds() >= 0.3
    assert slow.content == right.content
    _plan(client, faults="none", slow_seconds=0)


@pytest.mark.parametrize("kind", [kind for kind in SPOILED if kind != "slow"])
def test_a_refusal_is_not_hidden_by_a_fault(client: httpx.Client, kind: str) -> None:
    _always(client, kind)
    answer = client.post(COPY, json={"unknown": 1})
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert _injected(client) == {}


def test_faults_never_touch_the_sandboxs_own_calls(client: httpx.Client) -> None:
    _always(client, "error-json")
    for path in ("/sandbox/clock", "/sandbox/persons", "/sandbox/faults", "/openapi.json", "/"):
        assert client.get(path).status_code == 200
    assert _injected(client) == {}


def _run(client: httpx.Client, calls: int = 200) -> list[tuple[int, str]]:
    seen = []
    for number in range(calls):
        body = {"hetulista": ["010190-900P", f"x{number % 40}"]}
        try:
            answer = client.post("/api/v1/perustiedot", json=body)
            seen.append((answer.status_code, answer.text))
        except httpx.RemoteProtocolError:
            seen.append((0, "cut"))
    return seen


def test_a_run_meets_the_same_faults_again_and_all_kinds_of_them(client: httpx.Client) -> None:
    shares = dict.fromkeys((k for k in KINDS if k != "throttled-date"), 0.06)
    _plan(client, faults=shares, most_faults_in_a_row=3)
    first, injected = _run(client), _injected(client)
    assert set(injected) == set(shares)
    _plan(client, faults=shares)
    assert _injected(client) == {}
    assert _run(client) == first
    assert _injected(client) == injected
    _plan(client, faults=shares, seed=99)
    assert _run(client) != first


@pytest.mark.parametrize("most", [1, 2, 5])
def test_the_same_request_gets_through_after_so_many_faults(
    client: httpx.Client, most: int
) -> None:
    _plan(client, faults={"error-json": 1.0}, most_faults_in_a_row=most)
    statuses = [client.post(COPY, json={"tietoryhmat": []}).status_code for _ in range(20)]
    runs = "".join("." if status == 200 else "x" for status in statuses).split(".")
    assert max(map(len, runs)) == most


def test_what_goes_on_besides_does_not_change_what_a_request_meets() -> None:
    plan = FaultPlan({"cut": 0.3, "slow": 0.3})
    alone, among = FaultDice(plan), FaultDice(plan)
    expected = [alone.decide(b"one") for _ in range(50)]
    seen = []
    for number in range(50):
        among.decide(b"other %d" % number)
        seen.append(among.decide(b"one"))
    assert seen == expected
    assert {kind for kind, _ in seen} == {None, "cut", "slow"}


def test_shares_are_met_over_many_requests() -> None:
    dice = FaultDice(FaultPlan(read_faults("all")))
    met = Counter(dice.decide(b"%d" % number)[0] for number in range(20_000))
    for kind in KINDS:
        assert 0.014 < met[kind] / 20_000 < 0.026


@pytest.mark.parametrize(
    "text", ["", "nonsense", "cut=2", "cut=x", "cut=0.6,slow=0.6", "cut=-0.1", "cut,,slow"]
)
def test_faults_that_cannot_be_met_are_refused(text: str) -> None:
    with pytest.raises(SandboxError):
        replace(OPTIONS, faults=text)


def test_faults_are_read_from_text() -> None:
    assert read_faults("none") == {}
    assert read_faults("cut,slow=0.5") == {"cut": 0.02, "slow": 0.5}
    assert set(read_faults("all")) == set(KINDS)


@pytest.mark.parametrize(
    "body",
    [
        {"faults": 5},
        {"faults": "nonsense"},
        {"faults": {"cut": "x"}},
        {"faults": {"cut": 1.5}},
        {"most_faults_in_a_row": 0},
        {"most_faults_in_a_row": 1.5},
        {"slow_seconds": -1},
        {"slow_seconds": None},
        {"seed": True},
        {"daily_quota": "many"},
        {"unknown": 1},
    ],
)
def test_wrong_settings_of_faults_get_400(client: httpx.Client, body: dict[str, object]) -> None:
    before = client.get("/sandbox/faults").json()
    answer = client.post("/sandbox/faults", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert client.get("/sandbox/faults").json() == before


def test_the_quota_is_spent_and_comes_back_with_the_next_day(client: httpx.Client) -> None:
    today = client.get("/sandbox/clock").json()["today"]
    _plan(client, faults="none", daily_quota=3)
    client.post("/sandbox/clock", json={"today": "2026-10-05"})
    path = "/api/v1/kirjausavain/2026-10-02"
    assert [client.get(path).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert client.get("/sandbox/faults").json()["calls_today"] == {"mutpT1x": 5}
    assert client.get(path, auth=("mutpT1", "pwd")).status_code == 200
    assert client.get(path, auth=("mutpT1", "wrong")).status_code == 401
    client.post("/sandbox/clock", json={"today": "2026-10-06"})
    assert client.get(path).status_code == 200
    assert client.get("/sandbox/faults").json()["calls_today"] == {"mutpT1x": 1}
    client.post("/sandbox/clock", json={"today": today})


def test_options_turn_faults_on_from_the_beginning() -> None:
    options = replace(OPTIONS, faults="error-html=1.0", most_faults_in_a_row=2, daily_quota=1)
    with served(options) as client:
        found = [client.post(COPY, json={}).status_code for _ in range(6)]
    assert [status >= 500 for status in found] == [True, True, False, True, True, False]
    assert found[2] == 200
    assert found[5] == 429
