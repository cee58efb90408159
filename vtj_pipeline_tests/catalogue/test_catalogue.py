"""The catalogue's entries fit one another, and one more entry is all that a new group needs."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from vtj_pipeline.catalogue import CATALOGUE, Catalogue, Column, Field, Kind, Table, Tietoryhma
from vtj_pipeline.catalogue.model import OTHER_GROUP, RELATED
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import create_register, publish_pending
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import Bench, day, message, row

KNOWN = [group for group in CATALOGUE.groups.values() if group.is_known]
_GROUPS = pytest.mark.parametrize("group", KNOWN, ids=lambda g: g.name)


def names_in(expression: str) -> set[str]:
    """The columns that a key or a fact speaks of."""
    return set(re.findall(r"[a-z_0-9]{4,}", re.sub(r"::\w+|coalesce", "", expression)))


@_GROUPS
def test_every_column_of_a_group_is_in_its_table(group: Tietoryhma) -> None:
    table = CATALOGUE.tables[group.table]
    names = {column.name for column in table.value_columns}
    assert set(group.columns) <= names
    assert (group.part in table.parts) if table.parts else group.part is None


@_GROUPS
def test_a_key_is_made_of_what_the_row_tells(group: Tietoryhma) -> None:
    table = CATALOGUE.tables[group.table]
    own = {*group.columns, *({"valid_from"} if group.start else ())}
    for part in group.key:
        if part == RELATED:
            assert group.related is not None
        elif table.name == OTHER_GROUP:
            group.field(part)
        else:
            assert names_in(part) <= own


@_GROUPS
def test_every_source_of_a_column_is_a_field_of_the_group(group: Tietoryhma) -> None:
    sources = [source for source in group.columns.values() if not source.startswith("'")]
    paths = [path for source in sources for path in re.findall(r"\{([^}]+)\}", source) or [source]]
    for path in (*paths, group.start, group.end, group.related):
        if path:
            group.field(path)


@_GROUPS
def test_what_can_be_withheld_lands_in_a_table_that_can_say_so(group: Tietoryhma) -> None:
    assert not group.withheld_fields or CATALOGUE.tables[group.table].maskable
    for name in group.withheld_fields:
        group.field(name)


@pytest.mark.parametrize("table", CATALOGUE.tables.values(), ids=lambda t: t.name)
def test_siblings_have_a_fact_and_a_rank_each(table: Table) -> None:
    ranked = [group for group in CATALOGUE.groups_of(table.name) if group.rank is not None]
    assert bool(ranked) == bool(table.fact)
    names = {column.name for column in table.value_columns}
    for part in table.fact:
        assert part == RELATED or names_in(part) <= names
    assert set(table.one_open_by) <= names
    families: dict[str, list[int | None]] = {}
    for group in ranked:
        families.setdefault(group.family, []).append(group.rank)
    assert all(len(set(ranks)) == len(ranks) for ranks in families.values())


def test_a_new_group_is_one_entry_and_no_other_edit(
    one_database: Database, storage: Storage, settings: Settings
) -> None:
    """A group, and a table for it, that this version does not have: added at run time."""
    table = Table(
        "boat",
        "One row for each boat of a person.",
        (
            Column("boat_id", "text", "venetunnus", "Identifier."),
            Column("length_cm", "integer", "pituus", "Length."),
        ),
        has_validity=True,
        maskable=True,
    )
    group = Tietoryhma(
        name="VENE",
        finnish="vene",
        description="A boat.",
        fields=(
            Field("venetunnus"),
            Field("pituus", Kind.INTEGER),
            Field("alkupv", Kind.PARTIAL_DATE),
            Field("loppupv", Kind.PARTIAL_DATE),
        ),
        table="boat",
        columns={"boat_id": "venetunnus", "length_cm": "pituus"},
        key=("boat_id",),
        start="alkupv",
        end="loppupv",
    )
    wider = Catalogue(
        groups={**CATALOGUE.groups, "VENE": group}, tables={**CATALOGUE.tables, "boat": table}
    )
    bench = Bench(one_database, storage, settings)
    create_ledger(one_database)
    create_register(one_database)
    create_register(one_database, wider)
    boat = {"venetunnus": "X1", "pituus": 710, "alkupv": day("2020-05-01")}
    bench.land(
        [
            message("A", "2026-10-01T08:00:00Z", row("VENE", "LISATTY", **boat)),
            message(
                "A",
                "2026-10-02T08:00:00Z",
                row("VENE", "MUUTETTU", **boat, loppupv=day("2026-09-30")),
            ),
        ]
    )
    extract_events(one_database, storage, settings, catalogue=wider)
    publish_pending(one_database, storage, settings, {}, run_id="test", catalogue=wider)
    assert bench.query(
        "select boat_id, length_cm, valid_from::text, valid_to::text, source_group "
        "from register.boat where recorded_to is null"
    ) == [("X1", 710, "2020-05-01", "2026-10-01", "VENE")]
    assert bench.query("select count(*) from register.boat") == [(2,)]
    assert bench.query(
        "select col_description('register.boat'::regclass, attnum) from pg_attribute "
        "where attrelid = 'register.boat'::regclass and attname = 'length_cm'"
    ) == [("Length. (pituus)",)]


def test_a_changed_rule_folds_everyone_anew(bench: Bench) -> None:
    stay = row("KOTIKUNTA", "LISATTY", kuntakoodi="091", kuntaanMuuttopv=day("2020-01-01"))
    bench.land([message("A", "2026-10-01T08:00:00Z", stay)])
    bench.publish()
    birth = row("SYNTYMAPAIVA", "LISATTY", syntymapv=day("1990-01-01"))
    bench.land([message("B", "2026-10-02T08:00:00Z", birth)], cursor=1 + 5_446_000_000)
    home = CATALOGUE.groups["KOTIKUNTA"]
    changed = replace(
        CATALOGUE, groups={**CATALOGUE.groups, "KOTIKUNTA": replace(home, start=None, key=())}
    )
    extract_events(bench.database, bench.storage, bench.settings, catalogue=changed)
    publish_pending(
        bench.database, bench.storage, bench.settings, {}, run_id="test", catalogue=changed
    )
    assert bench.current("home_municipality", "municipality_code", "valid_from") == [("091", None)]


def test_what_another_rule_could_not_read_leaves_the_quarantine(bench: Bench) -> None:
    bench.land(
        [
            message("A", "2026-10-01T08:00:00Z", row("SUKUPUOLI", "LISATTY", sukupuoli="MIES")),
            {"muutospv": "2026-10-01T08:00:00Z", "tietoryhmat": []},
        ]
    )
    sex = CATALOGUE.groups["SUKUPUOLI"]
    dates = tuple(replace(one, kind=Kind.PARTIAL_DATE) for one in sex.fields)
    other = replace(
        CATALOGUE, groups={**CATALOGUE.groups, "SUKUPUOLI": replace(sex, fields=dates, columns={})}
    )
    extract_events(bench.database, bench.storage, bench.settings, catalogue=other)
    publish_pending(
        bench.database, bench.storage, bench.settings, {}, run_id="test", catalogue=other
    )
    assert bench.query("select message from register.quarantine order by 1") == [(1,), (2,)]
    bench.publish()
    assert bench.current("sex", "sex") == [("MIES",)]
    assert bench.query("select message, reason from register.quarantine") == [
        (2, "the message names no subject")
    ]
