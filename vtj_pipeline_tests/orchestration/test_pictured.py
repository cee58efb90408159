"""Which events get a picture, and what it is made of, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from vtj_pipeline.errors import DatabaseUnavailable, ViewsError
from vtj_pipeline.orchestration.pictured import PICTURES, with_pictures
from vtj_pipeline.postgres import Database

ROOT = Path(__file__).parents[2]
SQL = ROOT / "vtj_pipeline" / "orchestration" / "sql"
TODAY = "(now() at time zone 'Europe/Helsinki')::date"
# The views as they are to be; see the test of `basis` below.
TABLES = f"""
create schema statistics;
create schema reference;
create table reference.municipalities (municipality_code text, name_fi text, kind text);
insert into reference.municipalities values
    ('297', 'Kuopio', 'municipality'), ('749', 'Siilinjärvi', 'municipality'),
    ('200', 'Ulkomaat', 'special');

create table statistics.population as
select '297' as municipality_code, (date_trunc('month', {TODAY}) - interval '1 day')::date
    as month_end, b.basis, sex, age, 9 as population
from unnest(array['MIES', 'NAINEN', null]) as s (sex), generate_series(0, 104) as g (age),
    unnest(array['published', 'corrected']) as b (basis)
union all
select '297', (date_trunc('month', {TODAY}) + interval '1 month - 1 day')::date, 'corrected',
    'MIES', 3, 1000
union all
select null, (date_trunc('month', {TODAY}) - interval '1 day')::date, 'corrected', 'MIES', null, 7;

create table statistics.population_change as
select '297' as municipality_code, m.start::date as month_start, b.basis, s.sex, 1000 as opening,
    10 as births, 11 as deaths, 12 as moved_in, 13 as moved_out, 14 as immigration,
    15 as emigration, -1 as correction, 996 as closing
from unnest(array['MIES', 'NAINEN']) as s (sex),
    unnest(array['published', 'corrected']) as b (basis),
    generate_series(date_trunc('month', {TODAY}) - interval '2 months',
        date_trunc('month', {TODAY}), interval '1 month') as m (start);

create table statistics.migration_flow as
select f.*, y.year::integer as year, a.age_group, b.basis
from (values ('749', '297', 30), ('297', '749', 20), ('200', '297', 50), ('297', '297', 70),
    ('297', null, 40)) as f (from_municipality_code, to_municipality_code, moves),
    generate_series(extract(year from {TODAY}) - 2, extract(year from {TODAY})) as y (year),
    unnest(array['0-17', '18-64']) as a (age_group),
    unnest(array['published', 'corrected']) as b (basis);
"""


def do(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def filled(one_database: Database) -> Database:
    do(one_database, TABLES)
    return one_database


def asked(database: Database, query: str) -> list[tuple[Any, ...]]:
    return do(database, (SQL / query).read_text("utf-8"))


def events() -> list[Any]:
    pictured = [dg.AssetMaterialization(key, metadata={"rows": 3}) for key in PICTURES]
    outputs = [dg.Output(None, "statistics__population", metadata={"rows": 3})]
    return [*pictured, *outputs]


def test_the_views_that_have_one_get_their_picture(filled: Database) -> None:
    for event in with_pictures(events(), filled):
        picture = event.metadata["picture"].value
        assert picture.startswith("![") and "](data:image/png;base64," in picture
        assert event.metadata["rows"] == dg.MetadataValue.int(3)
    kinds = [type(event) for event in with_pictures(events(), filled)]
    assert kinds == [dg.AssetMaterialization] * 3 + [dg.Output]


def test_the_picture_is_in_the_runs_metadata(filled: Database) -> None:
    @dg.multi_asset(specs=[dg.AssetSpec(key) for key in PICTURES])
    def views() -> Iterator[Any]:
        outputs = [dg.Output(None, key.to_python_identifier()) for key in PICTURES]
        yield from with_pictures(outputs, filled)

    done = dg.materialize([views])
    made = {
        e.asset_key: e.materialization.metadata for e in done.get_asset_materialization_events()
    }
    assert {key for key in made if "picture" in made[key]} == set(PICTURES)


def test_other_events_pass_as_they_are(one_database: Database) -> None:
    others = [
        dg.AssetMaterialization(["municipality", "resident"]),
        dg.Output(None, "municipality__resident"),
        dg.AssetCheckResult(passed=True),
        dg.AssetObservation(["statistics", "population"]),
    ]
    assert list(with_pictures(others, one_database)) == others


def test_a_view_without_a_period_that_is_over_has_no_picture(filled: Database) -> None:
    do(filled, "delete from statistics.population where month_end < current_date")
    do(filled, "truncate statistics.population_change, statistics.migration_flow")
    assert list(with_pictures(events(), filled)) == events()


def test_a_view_that_has_changed_is_not_passed_over(filled: Database) -> None:
    do(filled, "alter table statistics.population rename month_end to month")
    with pytest.raises(ViewsError, match=r"population\.sql .*month_end does not exist"):
        list(with_pictures(events(), filled))
    with pytest.raises(DatabaseUnavailable):
        list(with_pictures(events(), Database("postgresql://nobody@127.0.0.1:1/none")))


def test_the_pyramid_is_of_the_last_month_that_is_over(filled: Database) -> None:
    rows = asked(filled, "population.sql")
    men = {age: persons for _, sex, age, persons in rows if sex == "MIES"}
    assert men == {**dict.fromkeys(range(0, 95, 5), 45), 95: 90}
    assert {sex for _, sex, _, _ in rows} == {"MIES", "NAINEN", None}


def test_the_components_are_of_one_basis_and_both_sexes(filled: Database) -> None:
    ((_, *numbers),) = asked(filled, "population_change.sql")
    assert numbers == [2000, 20, 22, 24, 26, 28, 30, -2, 1992]


def test_moves_between_municipalities_count_at_both_ends(filled: Database) -> None:
    ((last_year,),) = do(filled, f"select extract(year from {TODAY})::int - 1")
    rows = asked(filled, "migration_flow.sql")
    assert rows == [(last_year, "Kuopio", 60, 40), (last_year, "Siilinjärvi", 40, 60)]


def test_the_queries_choose_the_basis_of_the_views_that_have_one() -> None:
    for key, picture in PICTURES.items():
        described = ROOT / "dbt" / "models" / key.path[0] / f"{'_'.join(key.path)}.yml"
        (model,) = yaml.safe_load(described.read_text("utf-8"))["models"]
        has_basis = "basis" in {column["name"] for column in model["columns"]}
        assert ("basis = 'corrected'" in (SQL / picture.query).read_text("utf-8")) == has_basis
