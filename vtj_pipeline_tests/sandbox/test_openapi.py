"""The OpenAPI document against the sandbox: its answers, and requests made from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import load_all_checks

from vtj_pipeline.catalogue import GROUPS
from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox.accounts import CENSORED, PASSWORD, UNCENSORED
from vtj_pipeline.sandbox.openapi import document
from vtj_pipeline_tests.sandbox.served import served

BUSY = SandboxOptions(
    persons=300, days=30, activity=60.0, protected_share=0.1, page_size=20, explicit_nulls=0.2,
    unknown_groups=0.1, unknown_fields=0.1, empty_localized=0.1, rough_firsts=0.5,
    unknown_dates=0.2,
)  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(BUSY)


@pytest.fixture(scope="module")
def schema(sandbox: Sandbox) -> dict[str, Any]:
    return document(sandbox)


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with served(sandbox) as client:
        yield client


def _check(schema: dict[str, Any], name: str, answer: Any) -> None:
    whole = {"$ref": f"#/components/schemas/{name}", "components": schema["components"]}
    jsonschema_rs.Draft202012Validator(whole).validate(answer)


def test_the_document_is_served_and_knows_every_group(
    client: httpx.Client, schema: dict[str, Any]
) -> None:
    assert client.get("/openapi.json", auth=("", "")).json() == schema
    assert schema["openapi"].startswith("3.1")
    assert set(GROUPS) <= set(schema["components"]["schemas"])
    assert set(schema["paths"]) == {
        "/kirjausavain",
        "/kirjausavain/{pvm}",
        "/muutokset",
        "/perustiedot",
        "/perustiedot-vko",
    }


@pytest.mark.parametrize("account", [CENSORED, UNCENSORED])
def test_what_the_sandbox_answers_is_as_the_document_has_it(
    sandbox: Sandbox, schema: dict[str, Any], account: str
) -> None:
    codes = sandbox.in_scope_codes()[:150]
    _check(schema, "BasicData", sandbox.basic_data(codes, account=account))
    _check(schema, "WeeklyCopy", sandbox.weekly_copy(codes=codes[:20], account=account))
    cursor = sandbox.cursor_of_day(BUSY.start)
    for _ in range(15):
        page = sandbox.changes(cursor, account=account)
        _check(schema, "Changes", page)
        cursor = page["viimeisinKirjausavain"]


@pytest.mark.parametrize(
    ("group", "field", "wrong"),
    [
        ("SYNTYMAPAIVA", "syntymapv", "2001-01-01"),
        ("KOTIKUNTA", "kuntakoodi", 405),
        ("KUOLINPAIVA", "kuollut", "true"),
        ("VAKINAINEN_KOTIMAINEN_OSOITE", "katunimi", "Kotikatu"),
    ],
)
def test_the_document_refuses_other_shapes(
    schema: dict[str, Any], group: str, field: str, wrong: object
) -> None:
    person = {"henkilotunnus": "x", "tietoryhmat": [{"tietoryhma": group, field: wrong}]}
    with pytest.raises(jsonschema_rs.ValidationError):
        _check(schema, "BasicData", {"perustiedot": [person], "ajanTasalla": True})


def test_errors_are_as_the_document_has_them(client: httpx.Client, schema: dict[str, Any]) -> None:
    wrong = [
        client.post("/api/v1/muutokset", content=b"{"),
        client.get("/api/v1/kirjausavain/x"),
        client.get("/api/v1/kirjausavain/2026-10-02", auth=("nobody", "x")),
        client.get("/api/v1/muutokset"),
        client.post("/api/v1/perustiedot-vko", json={}, auth=("mutpS1x", PASSWORD)),
    ]
    assert [answer.status_code for answer in wrong] == [400, 400, 401, 405, 403]
    for answer in wrong:
        _check(schema, "Error", answer.json())


def test_the_page_for_people_stands_alone(client: httpx.Client) -> None:
    answer = client.get("/", auth=("", ""))
    assert answer.headers["content-type"].startswith("text/html")
    text = answer.text
    assert text == (files("vtj_pipeline.sandbox") / "page.html").read_text("utf-8")
    assert not re.findall(r"(?:src|href)=\"(?!/|data:)", text)
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text
    assert 'name="viewport"' in text


def test_the_overview_has_what_the_page_shows(client: httpx.Client, sandbox: Sandbox) -> None:
    found = client.get("/sandbox/overview").json()
    assert [one["name"] for one in found["accounts"]] == list(sandbox.accounts)
    assert found["today"] == sandbox.today.isoformat()
    assert found["journal"]["messages"] == sum(found["journal"]["events"].values()) > 0
    told = sandbox.changes(found["journal"]["cursor"], account=UNCENSORED)["muutokset"]
    assert 0 < len(told) <= found["journal"]["messages"]
    codes = [one["code"] for one in found["persons"]]
    assert len(codes) > 10
    answer = sandbox.basic_data(codes, account="mutpH1")["perustiedot"]
    assert [person["henkilotunnus"] for person in answer] == codes
    protected = next(one["code"] for one in found["persons"] if "masked" in one["what"])
    assert "turvakiellonAlaisetKentat" in str(sandbox.basic_data([protected]))


load_all_checks()
# The others are about resources that requests make and take away, and about leaving credentials
# out, which `ignored_auth` does one header at a time: where two styles are alternatives, that is
# no wrong request (test_server.py tries them).
CHECKS = schemathesis.checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "positive_data_acceptance",
        "unsupported_method",
        "allow_header_conformance",
    ]
)
CALLS = ("GET /kirjausavain", "GET /kirjausavain/{pvm}", "POST /muutokset", "POST /perustiedot",
         "POST /perustiedot-vko")  # fmt: skip
# Nothing can be wrong in a request without parameters.
MADE = [
    (call, mode)
    for call in CALLS
    for mode in schemathesis.GenerationMode
    if (call, mode) != ("GET /kirjausavain", schemathesis.GenerationMode.NEGATIVE)
]
AUTHORIZATION = {"Authorization": httpx.BasicAuth(CENSORED, PASSWORD)._auth_header}


@pytest.fixture(scope="module")
def described(client: httpx.Client) -> schemathesis.openapi.OpenApiSchema:
    """The document as schemathesis reads it from the running server."""
    return schemathesis.openapi.from_url(f"{client.base_url}/openapi.json")


@pytest.mark.slow
@pytest.mark.parametrize(("call", "mode"), MADE)
def test_requests_made_from_the_document_are_answered_as_it_says(
    described: schemathesis.openapi.OpenApiSchema, call: str, mode: schemathesis.GenerationMode
) -> None:
    method, path = call.split()
    operation = described[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=AUTHORIZATION, checks=CHECKS)

    ask()
