"""The accounts over HTTP: products, permits, granted groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox.__main__ import read_options
from vtj_pipeline.sandbox.accounts import (
    BY_CODE,
    BY_CODE_CENSORED,
    CENSORED,
    NARROW,
    NARROW_GROUPS,
    PASSWORD,
    TAILORED,
    TAILORED_CENSORED,
    UNCENSORED,
    Condition,
    read_granted,
)
from vtj_pipeline.sandbox.person_state import Death, Person, Stay
from vtj_pipeline_tests.sandbox.served import served

OPTIONS = SandboxOptions(persons=300, days=20, activity=40.0, protected_share=0.1)
ALL = (UNCENSORED, CENSORED, BY_CODE, BY_CODE_CENSORED, TAILORED, TAILORED_CENSORED, NARROW)


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(OPTIONS)


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with served(sandbox) as client:
        yield client


def _post(client: httpx.Client, account: str, call: str, **body: Any) -> httpx.Response:
    return client.post(f"/api/v1/{call}", json=body, auth=(account, PASSWORD))


@pytest.mark.parametrize("account", ALL)
def test_every_account_has_the_public_password(client: httpx.Client, account: str) -> None:
    path = "/api/v1/kirjausavain/2026-10-05"
    assert client.get(path, auth=(account, PASSWORD)).status_code == 200
    assert client.get(path, auth=(account, "other")).status_code == 401


def test_a_product_by_code_reaches_anyone_whom_the_request_names(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    outsiders = [p for p in sandbox.world.people if p.municipality not in sandbox.world.area]
    codes = [person.code for person in outsiders[:10]] + sandbox.in_scope_codes()[:10]
    answer = _post(client, BY_CODE, "perustiedot", hetulista=codes).json()
    assert [person["henkilotunnus"] for person in answer["perustiedot"]] == codes
    everyone = [person.code for person in sandbox.world.people]
    cursor = sandbox.cursor_of_day(OPTIONS.start)
    page = _post(
        client, BY_CODE, "muutokset", viimeisinKirjausavain=cursor, hetulista=everyone
    ).json()
    assert {m["henkilotunnus"] for m in page["muutokset"]} & {p.code for p in outsiders}


def test_a_product_by_code_must_name_codes(client: httpx.Client) -> None:
    nameless = _post(client, BY_CODE, "muutokset", viimeisinKirjausavain=5446000000)
    assert nameless.status_code == 400
    assert _post(client, BY_CODE_CENSORED, "perustiedot-vko").status_code == 400
    assert _post(client, BY_CODE, "perustiedot-vko", kuntakoodit=["405"]).status_code == 403
    named = _post(client, BY_CODE, "perustiedot-vko", hetulista=["010190-900P"])
    assert named.status_code == 200


def test_what_happens_to_nobody_but_a_birthday_is_not_told_by_code() -> None:
    long = Sandbox(replace(OPTIONS, persons=1000, days=85, activity=0.5))
    entries = long.world.journal.entries
    told = Counter(entry.code for entry in entries)
    only = [entry.code for entry in entries if entry.by_age and told[entry.code] == 1]
    assert only
    assert long.changes(0, only, BY_CODE)["muutokset"] == []
    assert len(long.changes(0, only, TAILORED)["muutokset"]) == len(only)
    assert long.changes(0, only, UNCENSORED)["muutokset"] == []


def test_a_tailored_product_is_by_age_across_the_country(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    answer = _post(client, TAILORED, "perustiedot-vko").json()
    today, births, homes = sandbox.today, [], set()
    for person in answer["perustiedot"]:
        for row in person["tietoryhmat"]:
            if row["tietoryhma"] == "SYNTYMAPAIVA":
                births.append(date.fromisoformat(row["syntymapv"]["arvo"]))
            elif row["tietoryhma"] == "KOTIKUNTA":
                homes.add(row["kuntakoodi"])
    assert len(births) == len(answer["perustiedot"]) == len(sandbox.in_scope_codes(TAILORED))
    dead = sum(not p.is_alive for p in sandbox.world.people)
    young = sum((today - born).days < 65 * 365.25 - 1 for born in births)
    assert young <= dead
    assert homes - sandbox.world.area
    assert not homes & {"198", "199", "200"}
    part = _post(client, TAILORED, "perustiedot-vko", kuntakoodit=sorted(homes)[:1]).json()
    assert 0 < len(part["perustiedot"]) < len(births)


def test_a_tailored_product_does_not_reach_others_by_code(sandbox: Sandbox) -> None:
    members = set(sandbox.in_scope_codes(TAILORED))
    others = [person.code for person in sandbox.world.people if person.code not in members]
    assert sandbox.basic_data(others[:100], account=TAILORED)["perustiedot"] == []


def test_conditions_hold_for_ages_in_full_years_and_for_municipalities() -> None:
    day = date(2026, 10, 1)
    person = Person("010160-900X", "MIES", date(1961, 10, 1), 1, home=Stay("405", date(2000, 1, 1)))
    assert Condition(65).holds(person, day)
    assert not Condition(65).holds(person, day - timedelta(days=1))
    assert Condition(0, 64).holds(person, day - timedelta(days=1))
    assert not Condition(0, 64).holds(person, day)
    assert Condition(0, None, frozenset({"405"})).holds(person, day)
    assert not Condition(0, None, frozenset({"091"})).holds(person, day)
    person.home = Stay("200", date(2000, 1, 1))
    assert not Condition(0).holds(person, day)
    person.home = Stay("405", date(2000, 1, 1))
    person.death = Death(is_dead=True, day=date(2020, 1, 1))
    assert not Condition(65).holds(person, day)


def test_the_narrow_account_sees_its_groups_and_has_no_weekly_copy(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    codes = sandbox.in_scope_codes()
    answer = _post(client, NARROW, "perustiedot", hetulista=codes[:300]).json()
    groups = {row["tietoryhma"] for p in answer["perustiedot"] for row in p["tietoryhmat"]}
    assert groups <= set(NARROW_GROUPS)
    assert {"KOTIKUNTA", "HENKILON_NIMI", "TURVAKIELTO"} <= groups
    cursor = sandbox.cursor_of_day(OPTIONS.start)
    page = _post(client, NARROW, "muutokset", viimeisinKirjausavain=cursor).json()
    told = [row["tietoryhma"] for m in page["muutokset"] for row in m["tietoryhmat"]]
    assert told
    assert set(told) <= set(NARROW_GROUPS)
    assert _post(client, NARROW, "perustiedot-vko").status_code == 403


def test_censoring_is_an_accounts(client: httpx.Client, sandbox: Sandbox) -> None:
    world = sandbox.world
    protected = [p.code for p in world.people if p.is_protected and world.in_area(p)][:5]
    for open_, closed in ((UNCENSORED, CENSORED), (BY_CODE, BY_CODE_CENSORED)):
        masked = _post(client, closed, "perustiedot", hetulista=protected).text
        plain = _post(client, open_, "perustiedot", hetulista=protected).text
        assert masked.count("turvakiellonAlaisetKentat") == 16 * len(protected)
        assert "turvakiellonAlaisetKentat" not in plain


def test_granted_groups_are_an_option_of_every_account() -> None:
    options = read_options(
        ["--persons", "50", "--days", "0", "--granted-groups", "mutpT1=SUKUPUOLI,KOTIKUNTA"]
    )
    sandbox = Sandbox(options)
    codes = sandbox.in_scope_codes()[:20]
    answer = sandbox.basic_data(codes, account=UNCENSORED)
    groups = {row["tietoryhma"] for p in answer["perustiedot"] for row in p["tietoryhmat"]}
    assert groups == {"SUKUPUOLI", "KOTIKUNTA"}
    both = sandbox.basic_data(codes, ["SUKUPUOLI", "HENKILON_NIMI"], UNCENSORED)
    assert {r["tietoryhma"] for p in both["perustiedot"] for r in p["tietoryhmat"]} == {"SUKUPUOLI"}


@pytest.mark.parametrize("text", ["mutpT1", "=A", "mutpT1=", "mutpT1=,"])
def test_granted_groups_have_a_form(text: str) -> None:
    with pytest.raises(SandboxError, match="ACCOUNT=GROUP"):
        read_granted([text])


def test_groups_and_conditions_name_what_there_is() -> None:
    with pytest.raises(SandboxError, match="the accounts are"):
        Sandbox(replace(OPTIONS, granted_groups=(("nobody", ("KOTIKUNTA",)),)))
    with pytest.raises(SandboxError, match="no municipality"):
        Sandbox(replace(OPTIONS, tailored_municipalities=("999",)))
    with pytest.raises(SandboxError, match="tailored_to_age"):
        replace(OPTIONS, tailored_from_age=30, tailored_to_age=20)
