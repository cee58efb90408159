"""Files that land, twice, in parts or broken, and what the register and the ledger then say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from vtj_pipeline.landing import landed_batches, read_pages
from vtj_pipeline.legacy import LegacyReport, landing
from vtj_pipeline_tests.builders import Bench, basic, day, message, row
from vtj_pipeline_tests.legacy.conftest import MakeBench
from vtj_pipeline_tests.legacy.records import (
    CHILD,
    OTHER,
    PARENT,
    guardian,
    name,
    record,
    street,
)
from vtj_pipeline_tests.legacy.roads import land_files

SEX = "0031" + "1"
Land = Callable[..., LegacyReport]


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()


@pytest.fixture
def land(bench: Bench, tmp_path: Path) -> Land:
    """Writes files of these names and contents, and lands them."""

    def written(**files: bytes) -> LegacyReport:
        paths = []
        for stem, content in files.items():
            path = tmp_path / stem.replace("__", ".")
            path.write_bytes(content)
            paths.append(path)
        report = land_files(bench, paths)
        for path in paths:
            path.unlink()
        return report

    return written


FIRST = {"c_20170203TOWN_004__MTT": record(SEX, kind="1") + record(name("1", "Esimerkki", "Matti"))}


def test_a_file_that_came_before_is_left_alone_whatever_its_name(bench: Bench, land: Land) -> None:
    land(**FIRST)
    before = len(landed_batches(bench.database))
    (content,) = FIRST.values()
    again = land(c_20170203TOWN_004__MTT=content)
    renamed = land(copy__MTT=content)
    assert again.said == (
        "c_20170203TOWN_004.MTT has landed before, as c_20170203TOWN_004.MTT; nothing was done "
        "with it.",
    )
    assert renamed.files[0].already_landed
    other = land(c_20170203TOWN_004__MTT=record("0031" + "2"))
    assert other.files[0].is_left_out
    assert "has landed before with other content" in other.said[0]
    assert len(landed_batches(bench.database)) == before


def test_a_landing_that_was_cut_off_goes_on(
    bench: Bench,
    land: Land,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(landing, "RECORDS_A_BATCH", 1)
    land(**FIRST)
    connection = bench.database.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("delete from ledger.legacy_file")
        cursor.execute("delete from ledger.call where batch_id = 2")
        cursor.execute("delete from ledger.landing_batch where batch_id = 2")
    connection.close()
    report = land(**FIRST)
    assert (report.landed, report.total("records")) == (1, 2)
    assert len(landed_batches(bench.database)) == 2


def test_a_missing_number_is_told_and_other_files_are_left_out(bench: Bench, land: Land) -> None:
    land(**FIRST)
    report = land(
        c_20170217TOWN_007__MTT=record(SEX, code=OTHER, kind="1"), notes__txt=b"x", e__PTT=b""
    )
    assert report.said == (
        "e.PTT is empty; it was left out.",
        "notes.txt is not named like a change or base file (.MTT, .PTT); left out.",
        "2 files are missing between c_20170203TOWN_004.MTT and c_20170217TOWN_007.MTT: land them "
        "too, in any order.",
    )
    filled = land(
        c_20170210TOWN_005__MTT=record("0031" + "2", code=OTHER, kind="1"),
        c_20170210TOWN_006__MTT=record("0033" + "2", code=OTHER),
    )
    assert filled.said == ()


def test_the_bad_are_in_quarantine_and_hold_back_their_person_until_asked_anew(
    bench: Bench,
    land: Land,
) -> None:
    report = land(
        c_20170203TOWN_004__MTT=record(SEX, kind="1")
        + record("0041short")
        + record(SEX, code=OTHER, kind="1")
        + b"nothing of a record\r\n",
        c_20170204TOWN_005__MTT=record(name("1", "Esimerkki", "Matti"), day="20170204"),
    )
    assert (report.total("records"), report.total("quarantined")) == (5, 2)
    assert report.said == (
        "c_20170203TOWN_004.MTT, line 2: group 004 is 9 characters long, which none of its layouts "
        "is; in quarantine.",
        "c_20170203TOWN_004.MTT, line 4: the line ends before the head of a record does; in "
        "quarantine.",
    )
    bench.publish()
    reasons = bench.query("select reason from register.quarantine order by 1")
    assert [reason for (reason,) in reasons] == [
        one.replace("; in quarantine.", "") for one in report.said
    ]
    assert bench.current("name", "last_name") == []
    assert bench.current("sex", "sex") == [("MIES",), ("MIES",)]
    told = basic(CHILD, row("HENKILON_NIMI", sukunimi="Esimerkki", etunimi="Matti"))
    bench.land([told], kind="baseline")
    bench.publish()
    assert bench.current("name", "last_name") == [("Esimerkki",)]


def test_somebody_whom_nothing_introduced_is_told_and_kept(bench: Bench, land: Land) -> None:
    report = land(c_20170203TOWN_004__MTT=record(SEX) + record(SEX, code=OTHER, kind="1"))
    assert report.said == (
        "c_20170203TOWN_004.MTT, line 1: a change of somebody whom no base file, record of a new "
        "person or answer has introduced; it was kept.",
    )
    assert report.total("quarantined") == 0
    bench.publish()
    assert len(bench.current("sex", "sex")) == 2
    assert land(c_20170210TOWN_005__MTT=record("0033" + "2")).said == ()


def test_a_file_in_utf_8_is_read_as_such(bench: Bench, land: Land) -> None:
    content = record(name("1", "Yrjölä", "Äijö"), kind="1").decode("latin-1").encode("utf-8")
    report = land(slice__MTT_001__PART=content)
    assert report.said == (
        "slice.MTT_001.PART: it is in UTF-8 and not in ISO-8859-1, and was read as UTF-8.",
    )
    bench.publish()
    assert bench.current("name", "last_name", "first_names") == [("Yrjölä", "Äijö")]


def test_a_blank_surname_leaves_what_stood(bench: Bench, land: Land) -> None:
    land(
        c_20170205TOWN_005__MTT=record(name("3", "", "Maija"), day="20170205"),
        c_20170203TOWN_004__MTT=record(name("1", "Esimerkki", "Matti")),
    )
    bench.publish()
    assert bench.current("name", "last_name", "first_names") == [("Esimerkki", "Maija")]
    # Of the interface an empty name is an empty name.
    renamed = row("HENKILON_NIMI", "MUUTETTU", sukunimi="", etunimi="Maija")
    bench.land([message(CHILD, "2026-10-05T08:00:00.123Z", renamed)])
    bench.publish()
    assert bench.current("name", "last_name", "first_names") == [("", "Maija")]


def test_no_row_closes_the_old_municipality_and_the_fold_does(bench: Bench, land: Land) -> None:
    land(
        c_PT170101TOWN_001__PTT=record(
            "2041" + "091" + "19990101", event="XXX", day="20170101", kind="1"
        ),
        c_20170203TOWN_004__MTT=record("2041" + "297" + "20170201"),
    )
    bench.publish()
    assert bench.current("home_municipality", "municipality_code", "valid_to::text") == [
        ("091", "2017-02-01"),
        ("297", None),
    ]


def test_from_the_day_of_the_interface_on_the_interface_alone_counts(
    bench: Bench, land: Land
) -> None:
    """Of a person of whom both tell; of the others the files go on."""
    land(
        c_20170203TOWN_004__MTT=record(street("1", "Katu 1")),
        c_20170210TOWN_005__MTT=record(street("1", "Katu 2", "20170210"), day="20170210")
        + record(SEX, code=OTHER, day="20170210"),
    )
    bench.land(
        [
            message(
                CHILD,
                "2017-02-09T22:30:00Z",
                row(
                    "VAKINAINEN_KOTIMAINEN_OSOITE",
                    "LISATTY",
                    katunimi={"fi": "Katu 2"},
                    rakennustunnus="900000041C",
                    alkupv=day("2017-02-10"),
                ),
            )
        ]
    )
    bench.publish()
    assert bench.current("address", "street_fi", "building_id", "valid_to::text") == [
        ("Katu 1", None, "2017-02-10"),
        ("Katu 2", "900000041C", None),
    ]
    assert bench.current("sex", "sex") == [("MIES",)]


def test_what_landed_has_the_shape_of_the_interfaces_answers(bench: Bench, land: Land) -> None:
    """So that whoever walks landed answers, to erase somebody, needs to know one shape."""
    land(c_20170203TOWN_004__MTT=record(guardian("1")), c_PT170203TOWN_001__PTT=record(SEX))
    bodies = {}
    for batch in landed_batches(bench.database):
        assert batch.kind == "legacy"
        (page,) = read_pages(bench.storage, batch).to_pylist()
        body = orjson.loads(page["body"])
        bodies[batch.tells_changes] = body
    (changed,) = bodies[True]["muutokset"]
    assert changed["henkilotunnus"] == CHILD
    assert changed["tietoryhmat"][0]["huoltaja"] == {"henkilotunnus": PARENT}
    assert PARENT in changed["muutostietopalvelu"]["ryhmat"][0]
    (stands,) = bodies[False]["perustiedot"]
    assert (stands["henkilotunnus"], bodies[False]["poimintapv"]) == (CHILD, "2017-02-03")
