"""The hand-over check: what old files lead to, against the interface's baseline."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from vtj_pipeline.errors import RegisterError
from vtj_pipeline.events import extract_events
from vtj_pipeline.register import compare_handover, record_handover
from vtj_pipeline_tests.builders import basic, day, row
from vtj_pipeline_tests.legacy.conftest import MakeBench
from vtj_pipeline_tests.legacy.records import CHILD, OTHER, PARENT, name, record, street
from vtj_pipeline_tests.legacy.roads import land_files

FOURTH = "040490-996W"


def test_it_says_who_differs_and_why_most_likely(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench()
    with pytest.raises(RegisterError, match="no old file has landed"):
        compare_handover(bench.database, bench.storage, bench.settings, "test")
    file = tmp_path / "c_20170203TOWN_004.MTT"
    changes = [
        record(name("1", "Yksi", "A"), street("1", "Katu 1"), kind="1"),
        record(name("1", "Kaksi", "B"), kind="1", code=OTHER),
        record(name("1", "Kolme", "C"), kind="1", code=PARENT),
        # Of this one the baseline knows the new code alone.
        record("0011" + FOURTH + "1", "0013" + CHILD + "2"),
    ]
    file.write_bytes(b"".join(changes))
    land_files(bench, [file])
    file.unlink()
    bench.land(
        [
            basic(
                FOURTH,
                row("HENKILON_NIMI", sukunimi="Yksi", etunimi="A"),
                row(
                    "VAKINAINEN_KOTIMAINEN_OSOITE",
                    katunimi={"fi": "Katu 1"},
                    katunumero="5",
                    huoneistonumero="000",
                    postinumero="00100",
                    rakennustunnus="900000041C",
                    alkupv=day("2017-02-01"),
                ),
                row("KOTIKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2017-02-01")),
            ),
            basic(OTHER, row("HENKILON_NIMI", sukunimi="Toinen", etunimi="B")),
        ],
        kind="baseline",
        extraction_date=date(2026, 11, 1),
    )
    extract_events(bench.database, bench.storage, bench.settings)
    found = compare_handover(bench.database, bench.storage, bench.settings, "test")
    by_group = {one.group: one for one in found.groups}
    names = by_group["HENKILON_NIMI"]
    assert (names.equal, names.different, names.only_in_files, names.only_in_interface) == (
        1,
        1,
        1,
        0,
    )
    assert names.likely_reason == (
        "changed between the last file and the baseline, or a file is missing; "
        "no longer in scope (1)"
    )
    address = by_group["VAKINAINEN_KOTIMAINEN_OSOITE"]
    assert address.agrees
    assert address.equal == 1
    assert by_group["KOTIKUNTA"].likely_reason == "the old product did not have the group"
    # Beside the person who is in the files alone.
    assert not names.is_settled
    assert address.is_settled
    assert not by_group["KOTIKUNTA"].is_settled
    for run in ("one", "two"):
        record_handover(bench.database, "test", found, run_id=run)
    kept = bench.query(
        "select persons_equal, persons_different, run_id from ledger.legacy_difference "
        "where tietoryhma = 'HENKILON_NIMI'"
    )
    assert kept == [(1, 1, "two")]
