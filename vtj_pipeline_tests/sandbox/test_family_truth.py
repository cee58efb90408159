"""A feed in which families change much leads to what `perustiedot` says, day after day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from vtj_pipeline.sandbox import CENSORED, Sandbox, SandboxOptions
from vtj_pipeline.sandbox.events import (
    adult_guardianship,
    family_details,
    guardianship,
    marriage,
    parenthood,
)
from vtj_pipeline.sandbox.life import YEARLY_RATES
from vtj_pipeline_tests.sandbox.family_replay import FAMILY_GROUPS, is_replaced
from vtj_pipeline_tests.sandbox.replay import Replay, shown

pytestmark = pytest.mark.slow

DAYS = 30
BASE = SandboxOptions(persons=300, days=DAYS, activity=30.0, protected_share=0.03)
MODULES = (adult_guardianship, family_details, guardianship, marriage, parenthood)
ATTRIBUTES = ("LISATTY", "MUUTETTU", "POISTETTU", "KORJATTAVA", "KORJATTU")


@pytest.fixture(autouse=True)
def _busy_families(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {module.__name__ for module in MODULES}
    for event in list(YEARLY_RATES):
        if event.__module__ in names:
            monkeypatch.setitem(YEARLY_RATES, event, 0.08)


def _told(sandbox: Sandbox, replay: Replay, cursor: int, told: Counter[str]) -> int:
    while True:
        page = sandbox.changes(cursor, account=CENSORED)
        replay.page(page)
        for message in page["muutokset"]:
            for row in message["tietoryhmat"]:
                told[f"{row['tietoryhma']} {row['muutosattribuutti']}"] += 1
                if is_replaced(row, message["muutospv"][:10]):
                    told["replaced"] += 1
        cursor = page["viimeisinKirjausavain"]
        if page["ajanTasalla"]:
            return cursor


@pytest.mark.parametrize("seed", [31, 32])
def test_every_prefix_of_the_feed_leads_to_the_truth(seed: int) -> None:
    options = replace(BASE, seed=seed, clock=BASE.start)
    sandbox, replay, told = Sandbox(options), Replay(), Counter[str]()
    cursor = sandbox.cursor_of_day(BASE.start)
    replay.baseline(sandbox.basic_data(sandbox.in_scope_codes(), account=CENSORED))
    for days in range(1, DAYS + 1):
        sandbox.advance_to(BASE.start + timedelta(days=days))
        cursor = _told(sandbox, replay, cursor, told)
        answer = sandbox.basic_data(sandbox.in_scope_codes(), account=CENSORED)["perustiedot"]
        wrong = [p for p in answer if replay.rows(p["henkilotunnus"]) != shown(p)]
        assert not wrong, f"{len(wrong)} of {len(answer)} persons differ after {days} days"
    groups = {row["tietoryhma"] for person in answer for row in person["tietoryhmat"]}
    assert set(FAMILY_GROUPS) <= groups
    assert told["replaced"] > 0
    for group in ("HUOLTAJA", "HUOLLETTAVA_RAJOITETTU", "AVIOLIITTO", "PERHESUHDE"):
        assert all(told[f"{group} {attribute}"] for attribute in ATTRIBUTES), group
    for group in ("EDUNVALVONTA", "EDUNVALVONTAVALTUUTUS", "MAASTAMUUTON_LISATIEDOT_PUOLISOSTA"):
        assert all(told[f"{group} {attribute}"] for attribute in ATTRIBUTES[:3]), group
