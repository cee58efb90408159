"""The sandbox as a real process on a real port."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

ROAD = "/r1/FI-TEST/GOV/0245437-2/VTJmutpa/VTJmutpa/api/v1"
BASIC = httpx.BasicAuth("mutpT1x", "pwd")


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    command = [sys.executable, "-m", "vtj_pipeline.sandbox", "--persons", "60", "--days", "10"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            word, address = process.stdout.readline().split()
            assert word == "ready"
            with httpx.Client(base_url=address.removesuffix("/api/v1")) as made:
                yield made
        finally:
            process.terminate()


def test_both_kinds_of_credentials_open_the_door_and_wrong_ones_do_not(
    client: httpx.Client,
) -> None:
    path = "/api/v1/kirjausavain/2026-01-01"
    pair = {"MUTP-Tunnus": "mutpT1", "MUTP-Salasana": "pwd"}
    assert client.get(path, auth=BASIC).json()["viimeisinKirjausavain"] > 2**32
    assert client.get(path, headers=pair).status_code == 200
    assert client.get(path).status_code == 401
    assert client.get(path, auth=httpx.BasicAuth("mutpT1x", "no")).status_code == 401
    assert client.get(path, headers={"Authorization": "Basic %%"}).status_code == 401


def test_the_x_road_path_wants_its_header_and_answers_in_its_envelope(
    client: httpx.Client,
) -> None:
    path = ROAD + "/kirjausavain/2026-01-01"
    good = {"X-Road-Client": "FI-TEST/MUN/1234567-8/test"}
    assert client.get(path, headers=good, auth=BASIC).status_code == 200
    for headers in ({}, {"X-Road-Client": "FI-TEST"}, {"X-Road-Client": "FI/MUN/1/x"}):
        answer = client.get(path, headers=headers, auth=BASIC)
        assert answer.status_code in (400, 500)
        assert answer.headers["X-Road-Error"] == answer.json()["type"]
        assert set(answer.json()) == {"type", "message", "detail"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("muutokset", {}),
        ("muutokset", {"viimeisinKirjausavain": 1, "tuotekoodi": "mutpT1"}),
        ("muutokset", {"viimeisinKirjausavain": None}),
        ("perustiedot", {"hetulista": "x"}),
        ("perustiedot", {"hetulista": []}),
        ("perustiedot", {"hetulista": ["x"] * 1001}),
        ("perustiedot", {"hetulista": ["x"], "tietoryhmat": None}),
        ("perustiedot-vko", {"hetulista": ["x"] * 1001}),
        ("perustiedot", ["x"]),
    ],
)
def test_a_body_that_breaks_the_rules_gets_400(
    client: httpx.Client, path: str, body: object
) -> None:
    assert client.post(f"/api/v1/{path}", json=body, auth=BASIC).status_code == 400


def test_the_clock_rules_what_is_told(client: httpx.Client) -> None:
    assert client.get("/sandbox/clock").json() == {"today": "2026-01-11"}
    assert client.post("/sandbox/clock", json={"today": "2026-01-04"}).status_code == 200
    copy = client.post("/api/v1/perustiedot-vko", json={}, auth=BASIC).json()
    counts = client.get("/sandbox/counts").json()
    assert copy["poimintapv"] == counts["today"] == "2026-01-04"
    assert len(copy["perustiedot"]) == counts["in_scope"]
    for wrong in ({"today": "2025-12-31"}, {"today": 5}, {}):
        assert client.post("/sandbox/clock", json=wrong).status_code == 400


def test_wrong_options_end_with_one_sentence(client: httpx.Client) -> None:
    port = str(client.base_url.port)
    for options in (["--persons", "0"], ["--wellbeing-area", "77"], ["--port", port]):
        command = [sys.executable, "-m", "vtj_pipeline.sandbox", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1
