"""The sandbox as a process of its own, over HTTP."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from datetime import date
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [
    *(sys.executable, "-m", "vtj_pipeline.sandbox"),
    *("--persons", "300", "--days", "20", "--activity", "40", "--start", "2026-10-01"),
    *("--retention-days", "14", "--page-size", "50"),
]
XROAD = "/r1/FI-TEST/GOV/0245437-2/VTJmutpa/VTJmutpa/api/v1"
CLIENT = {"X-Road-Client": "FI-TEST/MUN/1234567-8/test-client"}
AUTH = ("mutpT1x", "pwd")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ready http://127.0.0.1:")
        yield line.split()[1].removesuffix("/api/v1")
        started = time.monotonic()
        process.terminate()
        process.wait(timeout=10)
        assert time.monotonic() - started < 5


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, auth=AUTH) as client:
        client.post("/sandbox/clock", json={"today": "2026-10-21"}).raise_for_status()
        yield client


def _cursor(client: httpx.Client, day: str = "2026-10-10") -> int:
    return int(client.get(f"/api/v1/kirjausavain/{day}").json()["viimeisinKirjausavain"])


def _codes(client: httpx.Client) -> list[str]:
    copy = client.post("/api/v1/perustiedot-vko", json={"tietoryhmat": ["SUKUPUOLI"]}).json()
    return [person["henkilotunnus"] for person in copy["perustiedot"]]


def test_both_styles_of_credentials_are_accepted(address: str) -> None:
    path = f"{address}/api/v1/kirjausavain/2026-10-05"
    basic = {"Authorization": "Basic " + base64.b64encode(b"mutpT1:pwd").decode()}
    pair = {"MUTP-Tunnus": "mutpT1", "MUTP-Salasana": "pwd"}
    assert httpx.get(path, headers=basic).status_code == 200
    assert httpx.get(path, headers=pair).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic " + base64.b64encode(b"mutpT1:wrong").decode()},
        {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer pwd"},
        {"MUTP-Tunnus": "nobody", "MUTP-Salasana": "pwd"},
    ],
)
def test_wrong_credentials_get_401(address: str, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{address}/api/v1/kirjausavain/2026-10-05", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["status"] == 401


def test_the_x_road_path_answers_like_the_direct_one(client: httpx.Client) -> None:
    direct = client.get("/api/v1/kirjausavain/2026-10-05")
    through = client.get(f"{XROAD}/kirjausavain/2026-10-05", headers=CLIENT)
    assert through.json() == direct.json()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Road-Client": "FI-TEST/MUN/1234567-8"},
        {"X-Road-Client": "not a client"},
        {"X-Road-Client": "FI/MUN/1234567-8/of-another-instance"},
    ],
)
def test_a_missing_or_wrong_x_road_client_gets_the_x_road_envelope(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    answer = client.get(f"{XROAD}/kirjausavain/2026-10-05", headers=headers)
    assert answer.status_code == 500
    assert set(answer.json()) == {"type", "message", "detail"}
    assert answer.headers["X-Road-Error"] == answer.json()["type"]


def test_changes_can_be_read_to_the_end_over_http(client: httpx.Client) -> None:
    cursor, seen = _cursor(client), 0
    for _ in range(1000):
        page = client.post("/api/v1/muutokset", json={"viimeisinKirjausavain": cursor}).json()
        cursor = page["viimeisinKirjausavain"]
        seen += len(page["muutokset"])
        assert len(page["muutokset"]) <= 50
        if page["ajanTasalla"]:
            break
    assert seen > 50
    assert cursor == _cursor(client, "2027-01-01")


def test_basic_data_by_code(client: httpx.Client) -> None:
    codes = _codes(client)[:20]
    answer = client.post("/api/v1/perustiedot", json={"hetulista": codes})
    assert answer.headers["content-type"] == "application/json"
    assert [person["henkilotunnus"] for person in answer.json()["perustiedot"]] == codes


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("muutokset", b"not json"),
        ("muutokset", b"[]"),
        ("muutokset", b"{}"),
        ("muutokset", b'{"viimeisinKirjausavain": "5446000000"}'),
        ("muutokset", b'{"viimeisinKirjausavain": null}'),
        ("muutokset", b'{"viimeisinKirjausavain": true}'),
        ("muutokset", b'{"viimeisinKirjausavain": 5446999999, "tuotekoodi": "mutpT1"}'),
        ("muutokset", b'{"viimeisinKirjausavain": 5446999999, "hetulista": null}'),
        ("perustiedot", b"{}"),
        ("perustiedot", b'{"hetulista": []}'),
        ("perustiedot", b'{"hetulista": ["x"], "tietoryhmat": "KOTIKUNTA"}'),
        ("perustiedot", b'{"hetulista": ["x"], "kuntakoodit": ["405"]}'),
        ("perustiedot-vko", b'{"kuntakoodit": [405]}'),
        ("perustiedot-vko", b'{"unknown": 1}'),
    ],
)
def test_a_body_of_the_wrong_form_gets_400(client: httpx.Client, call: str, body: bytes) -> None:
    answer = client.post(f"/api/v1/{call}", content=body)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_more_than_a_thousand_codes_get_400(client: httpx.Client) -> None:
    full = client.post("/api/v1/perustiedot", json={"hetulista": ["010100-900X"] * 1000})
    assert full.json() == {"perustiedot": [], "ajanTasalla": True}
    assert client.post("/api/v1/perustiedot", json={"hetulista": ["x"] * 1001}).status_code == 400


def test_an_expired_cursor_and_a_wrong_date_get_400(client: httpx.Client) -> None:
    expired = client.post("/api/v1/muutokset", json={"viimeisinKirjausavain": 1})
    assert expired.status_code == 400
    assert "14 days" in expired.json()["message"]
    assert client.get("/api/v1/kirjausavain/1.10.2026").status_code == 400
    assert client.get("/api/v1/kirjausavain/2026-13-01").status_code == 400


def test_the_clock_rules_what_has_happened(client: httpx.Client) -> None:
    assert client.get("/sandbox/clock").json() == {"today": "2026-10-21"}
    late = _cursor(client, "2026-10-20")
    client.post("/sandbox/clock", json={"today": "2026-10-12"}).raise_for_status()
    then = _cursor(client, "2026-12-24")
    assert then < late
    page = client.post("/api/v1/muutokset", json={"viimeisinKirjausavain": _cursor(client)}).json()
    days = {date.fromisoformat(message["muutospv"][:10]) for message in page["muutokset"]}
    assert days <= {date(2026, 10, 10), date(2026, 10, 11)}
    client.post("/sandbox/clock", json={"today": "2026-10-21"}).raise_for_status()
    assert _cursor(client, "2026-10-20") == late


@pytest.mark.parametrize("body", [{"today": "soon"}, {"today": 5}, {}, {"today": "2020-01-01"}])
def test_the_clock_refuses_what_is_no_day_of_the_sandbox(
    client: httpx.Client, body: dict[str, object]
) -> None:
    assert client.post("/sandbox/clock", json=body).status_code == 400


def test_counts_hold_no_personal_data(client: httpx.Client) -> None:
    counts = client.get("/sandbox/persons").json()
    assert counts["in_scope"] > 0
    assert all(isinstance(value, int) for value in counts.values())
    assert client.get("/sandbox/truth/counts").json() == counts


def test_a_wrong_option_ends_with_one_sentence() -> None:
    command = [sys.executable, "-m", "vtj_pipeline.sandbox", "--persons", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "persons" in done.stderr
    assert "Traceback" not in done.stderr
