"""The check of the views finds a view that tells where a guarded person is, and only such a one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.views_check import VIEWED, _judged, views_check
from vtj_pipeline.privacy.masked_views import SCHEMAS, TELLS_NO_PLACE, MaskedViews, ask_views
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import KEY

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline_tests.views.conftest import BuiltViews, Register

PLACES = sorted({g.table for g in CATALOGUE.groups.values() if g.is_location})
LEAK = "create view {name} as select p.person_id, '091'::text as x from {periods} as p"
PERIODS = "timeline.person_period"


def looked_at(register: Register) -> MaskedViews:
    register.ask("select 1")
    with register.connection.cursor() as cursor:
        return ask_views(cursor)


def leak(register: Register, name: str, view: str = LEAK) -> None:
    with register.connection.cursor() as cursor:
        cursor.execute(view.format(name=name, periods=PERIODS))


def settled(register: Register, **more: Any) -> str:
    """A person with a home, an address, a move and a pseudonym."""
    person = register.person(**more)
    register.live(person, "049", "2010-01-01", valid_to="2015-01-01")
    register.live(person)
    register.dwell(person)
    register.insert("pseudonym", {"person_id": person, "pseudonym": person}, schema="timeline")
    return person


def test_the_views_tell_nothing_of_guarded_persons(register: Register) -> None:
    settled(register)
    settled(register, protected=True)
    register.add("protection_order", settled(register), is_active=True)
    for table in PLACES:
        register.add(table, settled(register), withheld=True)
    found = looked_at(register)
    assert found.telling == {}
    assert found.guarded == 2 + len(PLACES)
    assert found.views > 20


@pytest.mark.parametrize("guard", ["flag", "order", "unknown", *PLACES])
def test_a_view_that_tells_a_place_is_found(register: Register, guard: str) -> None:
    person = settled(register, protected=guard == "flag")
    settled(register)
    if guard in ("order", "unknown"):
        # What is not known to be over protects.
        register.add("protection_order", person, is_active=True if guard == "order" else None)
    elif guard in PLACES:
        register.add(guard, person, withheld=True)
    leak(register, "municipality.leak")
    assert looked_at(register).telling == {"municipality.leak": 1}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_schema_for_readers_is_asked(register: Register, schema: str) -> None:
    settled(register, protected=True)
    leak(register, f"{schema}.leak")
    assert looked_at(register).telling == {f"{schema}.leak": 1}


def test_a_pseudonym_hides_nobody(register: Register) -> None:
    settled(register, protected=True)
    view = (
        "create view {name} as select y.pseudonym, '091'::text as x from {periods} as p "
        "inner join timeline.pseudonym as y on p.person_id = y.person_id"
    )
    leak(register, "analyst.leak", view)
    assert looked_at(register).telling == {"analyst.leak": 1}


def test_whom_nothing_guards_now_may_be_shown(register: Register) -> None:
    person = settled(register)
    over = "2026-02-01T00:00:00+00"
    register.add("protection_order", person, is_active=True, recorded_to=over)
    register.add("protection_order", person, is_active=False, recorded_from=over)
    register.add("address", person, withheld=True, recorded_to=over)
    leak(register, "municipality.leak")
    found = looked_at(register)
    assert (found.guarded, found.telling) == (0, {})


def test_a_person_without_a_place_tells_none(register: Register) -> None:
    register.person(protected=True)
    view = "create view {name} as select p.person_id, p.municipality_code as x from {periods} as p"
    leak(register, "municipality.leak", view)
    assert looked_at(register).telling == {}


def test_every_column_that_tells_no_place_is_one_of_a_view(register: Register) -> None:
    rows = register.ask(
        "select distinct column_name::text as name from information_schema.columns "
        "where table_schema = any(%s)",
        list(SCHEMAS),
    )
    assert {row["name"] for row in rows} >= TELLS_NO_PLACE


def test_the_check_in_the_ui_tells_views_and_counts(
    built_views: BuiltViews, tmp_path: Path
) -> None:
    """On views of nobody; whom it finds is told above."""
    settings = Settings(home=tmp_path, person_key=KEY, postgres_url=built_views.database.url)
    check = views_check(Deployment(settings, ()))
    [spec] = check.check_specs
    assert (spec.asset_key, spec.blocking) == (VIEWED, False)
    result = check()
    assert (result.passed, result.severity.name) == (True, "ERROR")
    assert "views were asked for 0 persons" in result.description
    judged = _judged(MaskedViews(22, 3, {"municipality.leak": 2}))
    assert (judged.passed, judged.description) == (False, "municipality.leak: 2 persons")
