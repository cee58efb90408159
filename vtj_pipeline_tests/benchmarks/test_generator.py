"""The generated population is what it says: readable events, the promised sizes, the same again."""

from __future__ import annotations

import json
import re
from collections import Counter
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from vtj_pipeline.catalogue import CATALOGUE, Kind
from vtj_pipeline.catalogue.model import Field
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import Storage, landed_batches, read_pages
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy import person_key
from vtj_pipeline.register import publish_pending
from vtj_pipeline.sandbox.identity_codes import FORM, check_character
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.benchmarks.days import land_day
from vtj_pipeline_tests.benchmarks.land import land_population
from vtj_pipeline_tests.benchmarks.population import Answer, Population, batches

POPULATION = Population(persons=600, batch=300, page=100)
MASKED_GROUPS = 16
Person = dict[str, Any]


def answers(population: Population, scratch: Path) -> list[Answer]:
    return list(chain.from_iterable(batches(population, scratch)))


@pytest.fixture(scope="module")
def persons(tmp_path_factory: pytest.TempPathFactory) -> list[Person]:
    """The persons of a population somewhat larger, since some things are rare."""
    made = answers(Population(persons=1500), tmp_path_factory.mktemp("scratch"))
    return [person for answer in made for person in json.loads(answer.body)["perustiedot"]]


def unknown(row: object, fields: tuple[Field, ...]) -> set[str]:
    """The keys in a row, at any depth, that the catalogue does not have."""
    if isinstance(row, list):
        return set().union(*(unknown(each, fields) for each in row))
    assert isinstance(row, dict)
    known = {field.name: field for field in fields}
    found = set(row) - set(known)
    for name in set(row) & set(known):
        if known[name].kind in (Kind.OBJECT, Kind.OBJECT_LIST):
            found |= {f"{name}.{inner}" for inner in unknown(row[name], known[name].fields)}
    return found


def test_every_row_is_of_a_known_group_with_known_fields_alone(persons: list[Person]) -> None:
    for row in chain.from_iterable(person["tietoryhmat"] for person in persons):
        fields = {name: value for name, value in row.items() if name != "tietoryhma"}
        fields.pop("turvakiellonAlaisetKentat", None)
        assert not unknown(fields, CATALOGUE.groups[row["tietoryhma"]].fields), row


def test_codes_are_synthetic_valid_and_each_persons_own(persons: list[Person]) -> None:
    codes = [person["henkilotunnus"] for person in persons]
    assert len(set(codes)) == len(codes) == 1500
    for code in codes:
        assert FORM.fullmatch(code) and code[7] == "9"
        assert check_character(code[:6] + code[7:10]) == code[10]


def test_rows_and_size_a_person_are_as_promised(persons: list[Person]) -> None:
    rows = sum(len(person["tietoryhmat"]) for person in persons) / len(persons)
    size = len(json.dumps(persons, separators=(",", ":"), ensure_ascii=False).encode())
    assert 24 < rows < 27
    assert 3000 < size / len(persons) < 4500


def test_whoever_is_protected_is_masked_everywhere(persons: list[Person]) -> None:
    protected = [
        p for p in persons if any(r["tietoryhma"] == "TURVAKIELTO" for r in p["tietoryhmat"])
    ]
    assert protected
    for person in protected:
        masked = [r for r in person["tietoryhmat"] if "turvakiellonAlaisetKentat" in r]
        assert len({r["tietoryhma"] for r in masked}) == len(masked) == MASKED_GROUPS


def test_the_dead_have_no_home_municipality(persons: list[Person]) -> None:
    groups = [{row["tietoryhma"] for row in person["tietoryhmat"]} for person in persons]
    dead = [names for names in groups if "KUOLINPAIVA" in names]
    assert dead
    assert not any("KOTIKUNTA" in names for names in dead)


def test_one_municipality_holds_about_an_eighth_of_all_persons(persons: list[Person]) -> None:
    rows = chain.from_iterable(person["tietoryhmat"] for person in persons)
    homes = Counter(row.get("kuntakoodi") for row in rows if row["tietoryhma"] == "KOTIKUNTA")
    assert 0.1 < max(homes.values()) / homes.total() < 0.15


def test_one_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again = answers(POPULATION, tmp_path), answers(POPULATION, tmp_path)
    assert [a.body for a in first] == [a.body for a in again]
    other = answers(Population(persons=600, seed=2, batch=300, page=100), tmp_path)
    assert other[0].body != first[0].body


def test_landed_pages_give_events_without_a_fault(
    ready_database: Database, storage: Storage, settings: Settings
) -> None:
    landed = land_population(ready_database, storage, person_key(settings), POPULATION)
    assert landed.persons == 600
    found = landed_batches(ready_database)
    assert len(found) == 2
    for batch in found:
        pages = read_pages(storage, batch).to_pylist()
        assert [page["answered"] for page in pages] == [100, 100, 100]
        assert all(sha256(page["body"]).hexdigest() == page["sha256"] for page in pages)
        assert all(re.search(rb'\],"ajanTasalla":true\}$', page["body"]) for page in pages)
    report = extract_events(ready_database, storage, settings)
    assert (report.rows, report.faults) == (landed.rows, 0)


def test_a_day_of_changes_is_read_and_published_whole(
    ready_database: Database, storage: Storage, settings: Settings
) -> None:
    key = person_key(settings)
    population = Population(persons=1500, batch=1500, page=100, repeat_every=5, touched=500)
    landed = land_population(ready_database, storage, key, population)
    assert landed.persons == 1500
    day = land_day(ready_database, storage, key, population.seed)
    assert 400 < day.persons < 600
    assert day.persons < day.messages < 1.2 * day.persons
    assert extract_events(ready_database, storage, settings).faults == 0
    report = publish_pending(ready_database, storage, settings, {}, run_id="test")
    assert report.persons == landed.persons
    # Corrections and deletions are about rows that stood.
    assert report.anomalies == {}
