"""A sandbox's days as old files and as answers of the interface lead to the same register."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.catalogue.legacy_columns import left_out_columns, left_out_groups
from vtj_pipeline_tests.legacy.conftest import MakeBench
from vtj_pipeline_tests.legacy.roads import (
    GROUPS,
    answers_from,
    current_lines,
    land_answers,
    land_files,
    ordered_in,
    written,
)
from vtj_pipeline_tests.register.feeds import QUICK, START, rare_events_often

pytestmark = pytest.mark.slow

DAYS = 365
ACCOUNT = "mutpT1x"
OPTIONS = replace(QUICK, persons=100, seed=6)
OVERLAP_BEGINS, OVERLAP_ENDS = 11, 16
# Of one person two permanent addresses in force: one with a building, one of the files without.
TOLD_BY_BOTH = """
select count(*) from (
    select person_id from register.address
    where recorded_to is null and valid_to is null and address_type = 'permanent_domestic'
    group by person_id having count(*) > 1
) as twice
"""
TABLES = ("person", *CATALOGUE.tables)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards: files of persons must not lie about."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def test_both_roads_lead_to_the_same_register(make_bench: MakeBench, folder: Path) -> None:
    """In every group that the files can carry, column by column."""
    by_json, by_files = make_bench(), make_bench()
    with rare_events_often():
        land_answers(by_json, OPTIONS, ACCOUNT, DAYS)
        export = written(OPTIONS, folder, ACCOUNT, DAYS)
    by_files.scope = by_json.scope
    report = land_files(by_files, export.files)
    assert report.total("records") == export.records
    assert report.said == ()
    by_json.publish()
    published = by_files.publish()
    assert published.quarantined == 0
    empty, ordered = [], ordered_in(by_json)
    for group in GROUPS:
        told = current_lines(by_json, group, str(START), ordered)
        found = current_lines(by_files, group, str(START), ordered)
        assert found == told, f"{group}: {sum((told - found).values())} missing, too many: " + str(
            sum((found - told).values())
        )
        empty += [] if told else [group]
    assert empty == []


# What the old format has no field for; where it has no group, the interface alone tells.
NO_FIELD = {
    "AIDINKIELI": ("language_code_iso6392", "valid_from", "valid_to"),
    "EDUNVALVONTA": ("related_first_names_utf8", "related_last_name_utf8"),
    "EDUNVALVONTAVALTUUTUS": ("related_first_names_utf8", "related_last_name_utf8"),
    "HENKILON_NIMI": ("first_names_utf8", "last_name_utf8"),
    "HUOLTAJA": ("related_first_names_utf8", "related_last_name_utf8", "living", "rights"),
    "KOTIMAINEN_POSTIOSOITE": ("post_office_fi", "post_office_sv"),
    "KUTSUMANIMI": ("call_name_utf8",),
    "NIMENMUUTOS": ("name_utf8",),
    **dict.fromkeys(
        ("TILAPAINEN_KOTIMAINEN_OSOITE", "VAKINAINEN_KOTIMAINEN_OSOITE"),
        ("post_office_fi", "post_office_sv", "building_id", "address_number", "municipality_code"),
    ),
}
NO_GROUP = {
    "SYNTYMAPAIVA",
    "SIVIILISAATY",
    "AVIOLIITTO",
    "LAPSI",
    "VANHEMPI",
    "HUOLLETTAVA",
    "EDELLINEN_KOTIKUNTA",
    "VAESTOKIRJANPITOKUNTA",
    "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS",
    "ASIOINTIKIELI",
}


def test_it_is_known_what_the_files_cannot_carry() -> None:
    """A group or column that comes to the catalogue is in the files, or here."""
    assert {g: c for g in GROUPS if (c := left_out_columns(g))} == NO_FIELD
    assert set(left_out_groups()) >= NO_GROUP
    assert sorted([*left_out_groups(), *GROUPS]) == sorted(CATALOGUE.groups)


def test_order_does_not_matter_where_both_tell(make_bench: MakeBench, folder: Path) -> None:
    """Old files until day D, the interface from D - 5: whichever comes first, equal tables."""
    options = replace(QUICK, persons=80, seed=5)
    files = written(options, folder, ACCOUNT, OVERLAP_ENDS, days_a_file=4).files
    answers = answers_from(options, ACCOUNT, OVERLAP_BEGINS, OVERLAP_ENDS + 5)
    one, other = make_bench(), make_bench()
    one.scope = other.scope = answers.scope
    land_files(one, files)
    one.publish()
    answers.land_baseline(one)
    answers.land_changes(one)
    one.publish()
    answers.land_changes(other)
    other.publish()
    land_files(other, files[2:])
    answers.land_baseline(other)
    other.publish()
    land_files(other, files[:2])
    other.publish()
    for table in TABLES:
        assert one.table(table).equals(other.table(table)), table
    assert one.query(TOLD_BY_BOTH) == [(0,)]
    assert one.query("select count(*) from register.address where recorded_to is not null") > [(0,)]
