"""Codes that change twice, persons that are one, codes that are lost or shared (contract §4.5)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from vtj_pipeline.sandbox import UNCENSORED, Sandbox, SandboxOptions
from vtj_pipeline.sandbox import kept_rows as k
from vtj_pipeline.sandbox.events import identity, status
from vtj_pipeline_tests.sandbox.conftest import Message, all_messages, happened, outline

OPTIONS = SandboxOptions(persons=200, seed=8, days=0, protected_share=0.0)


@pytest.fixture
def sandbox() -> Sandbox:
    """A fresh sandbox to try single events on."""
    return Sandbox(OPTIONS)


def _codes_rows(sandbox: Sandbox, code: str) -> list[dict[str, object]]:
    (person,) = sandbox.basic_data([code], [k.CODE_HISTORY])["perustiedot"]
    rows: list[dict[str, object]] = person["tietoryhmat"]
    return rows


def test_a_chain_of_codes_with_and_without_another_sex(sandbox: Sandbox) -> None:
    happened(status.code_change, sandbox.world)
    told = [happened(identity.another_code, sandbox.world)[0] for _ in range(8)]
    assert {("SUKUPUOLI", "MUUTETTU") in outline(message) for message in told} == {True, False}
    newest = told[-1]["tietoryhmat"][0]
    assert len(newest["edellisetHenkilotunnukset"]) == 9
    for before, after in pairwise(told):
        assert after["henkilotunnus"] == before["tietoryhmat"][0]["muutettuHenkilotunnus"]
    rows = _codes_rows(sandbox, newest["muutettuHenkilotunnus"])
    assert [row["voimassaolo"] for row in rows] == ["AKTIIVI"] + ["PASSIIVI"] * 9


def test_two_persons_who_are_one(sandbox: Sandbox) -> None:
    message = happened(identity.merge, sandbox.world)[0]
    active, passive = message["tietoryhmat"]
    survivor, removed = message["henkilotunnus"], passive["muutettuHenkilotunnus"]
    assert (active["muutosattribuutti"], active["voimassaolo"]) == ("LISATIETO", "AKTIIVI")
    assert (passive["muutosattribuutti"], passive["voimassaolo"]) == ("MUUTETTU", "PASSIIVI")
    assert active["muutettuHenkilotunnus"] == passive["aktiivinenHenkilotunnus"] == survivor
    assert sandbox.basic_data([removed])["perustiedot"] == []
    assert removed not in sandbox.in_scope_codes()
    (row,) = _codes_rows(sandbox, survivor)
    assert row == {name: v for name, v in passive.items() if name != "muutosattribuutti"}


def test_a_code_without_a_successor(sandbox: Sandbox) -> None:
    told = [happened(identity.passivation, sandbox.world)[0] for _ in range(12)]
    for message in told:
        (row,) = message["tietoryhmat"]
        assert (row["muutosattribuutti"], row["voimassaolo"]) == ("MUUTETTU", "PASSIIVI")
        assert row["muutettuHenkilotunnus"] == message["henkilotunnus"]
        assert row.get("aktiivinenHenkilotunnus") is None
        assert sandbox.basic_data([message["henkilotunnus"]])["perustiedot"] == []
    forms = {"aktiivinenHenkilotunnus" in message["tietoryhmat"][0] for message in told}
    assert forms == {True, False}


def test_a_code_of_two_persons_stays_with_one(sandbox: Sandbox) -> None:
    change, introduction = happened(identity.shared_code, sandbox.world)
    shared, new = change["henkilotunnus"], change["tietoryhmat"][0]["aktiivinenHenkilotunnus"]
    assert introduction["henkilotunnus"] == shared
    assert {attribute for _, attribute in outline(introduction)} == {"LISATTY"}
    assert k.CODE_HISTORY not in {group for group, _ in outline(introduction)}
    first, second = sandbox.basic_data([new, shared])["perustiedot"]
    assert [row["tietoryhma"] for row in first["tietoryhmat"]].count(k.CODE_HISTORY) == 2
    assert _codes_rows(sandbox, shared) == []
    assert first["tietoryhmat"] != second["tietoryhmat"]


def _lost_codes(message: Message) -> list[str]:
    """The codes that end with the message, of which nothing may come any more."""
    rows = [row for row in message["tietoryhmat"] if row["tietoryhma"] == k.CODE_HISTORY]
    merged = [("LISATIETO", "AKTIIVI"), ("MUUTETTU", "PASSIIVI")]
    if [(row["muutosattribuutti"], row["voimassaolo"]) for row in rows] == merged:
        return [rows[1]["muutettuHenkilotunnus"]]
    if len(rows) == 1 and rows[0].get("aktiivinenHenkilotunnus") is None:
        return [rows[0]["muutettuHenkilotunnus"]]
    return []


@pytest.mark.parametrize("trouble", [0.0, 2000.0])
def test_trouble_comes_only_by_the_option_and_nothing_follows_it(trouble: float) -> None:
    options = replace(OPTIONS, days=40, activity=30.0, identity_trouble=trouble)
    sandbox = Sandbox(options)
    gone: set[str] = set()
    for message in all_messages(sandbox, UNCENSORED):
        assert message["henkilotunnus"] not in gone
        gone.update(_lost_codes(message))
    assert bool(gone) == bool(trouble)
    assert not gone & set(sandbox.world.by_code)
