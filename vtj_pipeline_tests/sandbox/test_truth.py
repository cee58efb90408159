"""The feed leads from the first day to exactly what `perustiedot` says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import CENSORED, UNCENSORED, Sandbox, SandboxOptions
from vtj_pipeline_tests.sandbox.replay import Replay, shown

pytestmark = pytest.mark.slow

DAYS = 60
BASE = SandboxOptions(persons=300, days=DAYS, seed=11, activity=60.0, protected_share=0.05)
VARIANTS: dict[str, dict[str, object]] = {
    "default": {},
    "closed residences": {"death": "closes-residence"},
    "many outsiders": {"outsiders": 1.0},
    "date spelled twice": {"duplicate_move_date": True},
    "another seed": {"seed": 12},
    "a great deal happens": {"activity": 300.0, "seed": 13},
    "trouble with identity": {"activity": 200.0, "identity_trouble": 100.0},
}


def _read(sandbox: Sandbox, replay: Replay, cursor: int, account: str) -> int:
    while True:
        page = sandbox.changes(cursor, account=account)
        replay.page(page)
        cursor = page["viimeisinKirjausavain"]
        if page["ajanTasalla"]:
            return cursor


@pytest.mark.parametrize("account", [CENSORED, UNCENSORED])
@pytest.mark.parametrize("variant", VARIANTS)
def test_an_independent_replay_reaches_the_truth(variant: str, account: str) -> None:
    options = replace(BASE, clock=BASE.start, **VARIANTS[variant])
    sandbox, replay = Sandbox(options), Replay()
    cursor = sandbox.cursor_of_day(BASE.start)
    replay.baseline(sandbox.basic_data(sandbox.in_scope_codes(), account=account))
    for days in (1, 20, DAYS):
        sandbox.advance_to(BASE.start + timedelta(days=days))
        cursor = _read(sandbox, replay, cursor, account)
        codes = sandbox.in_scope_codes()
        answer = sandbox.basic_data(codes, account=account)["perustiedot"]
        assert [person["henkilotunnus"] for person in answer] == codes
        wrong = [p for p in answer if replay.rows(p["henkilotunnus"]) != shown(p)]
        assert not wrong, f"{len(wrong)} of {len(codes)} persons differ after {days} days"


def test_an_overlapping_second_reading_changes_nothing() -> None:
    sandbox = Sandbox(replace(BASE, clock=BASE.start))
    replay = Replay()
    cursor = sandbox.cursor_of_day(BASE.start)
    replay.baseline(sandbox.basic_data(sandbox.in_scope_codes()))
    sandbox.advance_to(BASE.start + timedelta(days=DAYS))
    _read(sandbox, replay, cursor, CENSORED)
    before = {code: replay.rows(code) for code in sandbox.in_scope_codes()}
    _read(sandbox, replay, sandbox.cursor_of_day(sandbox.today - timedelta(days=1)), CENSORED)
    assert {code: replay.rows(code) for code in before} == before


def test_equal_options_give_equal_answers_however_the_clock_moved() -> None:
    straight, wandering = Sandbox(BASE), Sandbox(replace(BASE, clock=BASE.start))
    for days in (3, 40, 7, DAYS):
        wandering.advance_to(BASE.start + timedelta(days=days))
    assert wandering.changes_body(0) == straight.changes_body(0)
    codes = straight.in_scope_codes()
    assert wandering.basic_data_body(codes) == straight.basic_data_body(codes)


def test_another_seed_gives_other_people() -> None:
    other = Sandbox(replace(BASE, seed=99, days=0)).in_scope_codes()
    assert not set(other) & set(Sandbox(replace(BASE, days=0)).in_scope_codes()[:200])


def test_the_clock_cannot_stand_before_the_first_day() -> None:
    with pytest.raises(SandboxError, match="ten years later"):
        Sandbox(replace(BASE, days=0)).advance_to(BASE.start - timedelta(days=1))


def test_groups_restrict_an_answer_and_unknown_persons_are_left_out(busy: Sandbox) -> None:
    codes = busy.in_scope_codes()[:3]
    answer = busy.basic_data([*codes, "010100-900X"], ["SUKUPUOLI", "NO_SUCH_GROUP"])
    assert [person["henkilotunnus"] for person in answer["perustiedot"]] == codes
    groups = {r["tietoryhma"] for p in answer["perustiedot"] for r in p["tietoryhmat"]}
    assert groups == {"SUKUPUOLI"}
    assert answer["ajanTasalla"] is True


def test_outsiders_and_earlier_codes_are_not_found_unless_the_options_say_so(busy: Sandbox) -> None:
    outsider = next(p.code for p in busy.world.people if p.municipality not in busy.world.area)
    old = next(
        code for code, p in busy.world.by_old_code.items() if p.municipality in busy.world.area
    )
    assert busy.basic_data([outsider, old])["perustiedot"] == []
    open_to_all = Sandbox(replace(busy.options, named_persons="anyone", old_codes_answer=True))
    assert len(open_to_all.basic_data([outsider, old])["perustiedot"]) == 2


def test_the_weekly_copy_is_the_state_at_the_start_of_the_clocks_day(busy: Sandbox) -> None:
    codes = busy.in_scope_codes()
    copy = busy.weekly_copy()
    assert copy["poimintapv"] == busy.today.isoformat()
    assert copy["perustiedot"] == busy.basic_data(codes)["perustiedot"]


def test_the_weekly_copy_by_municipality_and_by_code(busy: Sandbox) -> None:
    one, *others = sorted(busy.world.area)
    copy = busy.weekly_copy([one, "091"], account=UNCENSORED)
    homes = {
        row["kuntakoodi"]
        for person in copy["perustiedot"]
        for row in person["tietoryhmat"]
        if row["tietoryhma"] == "KOTIKUNTA"
    }
    assert homes == {one}
    parts = [busy.weekly_copy([code])["perustiedot"] for code in (one, *others)]
    assert sum(len(part) for part in parts) == len(busy.in_scope_codes())
    codes = busy.in_scope_codes()[:4]
    named = busy.weekly_copy(codes=codes, groups=["SUKUPUOLI"])["perustiedot"]
    assert [person["henkilotunnus"] for person in named] == codes
