"""Landed bytes to event rows: each row once, whatever the spelling of the same JSON."""

from __future__ import annotations

import json

import pytest

from vtj_pipeline.errors import LandingDamaged
from vtj_pipeline.events import events_path, extract_events
from vtj_pipeline.landing import Storage, landed_batches, private_engine
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import START, Bench, basic, day, message, row

AT = "2026-10-05T08:00:00.123Z"


@pytest.fixture
def bench(ready_database: Database, storage: Storage, settings: Settings) -> Bench:
    """A bench on the embedded server."""
    return Bench(ready_database, storage, settings)


def extracted(bench: Bench) -> list[dict[str, object]]:
    """Every event row, in order."""
    extract_events(bench.database, bench.storage, bench.settings)
    files = [bench.storage.engine_address(events_path(b)) for b in landed_batches(bench.database)]
    with private_engine(bench.storage, "1GB") as engine:
        found = engine.connection.sql(
            f"select * from read_parquet({files}) order by cursor, message, line"
        )
        return found.to_arrow_table().to_pylist()


def test_key_order_nulls_and_number_or_text_make_no_other_event(bench: Bench) -> None:
    home = {"kuntakoodi": "091", "kuntaanMuuttopv": day("2004-05-01")}
    turned = {"kuntaanMuuttopv": {"tarkkuus": "PAIVA", "arvo": "2004-05-01"}, "kuntakoodi": "091"}
    bench.land([message("A", AT, row("KOTIKUNTA", "LISATTY", **home))])
    bench.land([message("A", AT, row("KOTIKUNTA", "LISATTY", **turned))], cursor=START + 100)
    first, second = extracted(bench)
    assert first["event_id"] == second["event_id"]


def test_a_row_with_an_unknown_field_stays_as_received(bench: Bench) -> None:
    bench.land([message("A", AT, row("KOTIKUNTA", "LISATTY", kuntakoodi="091", uusi=[1, "ä"]))])
    (event,) = extracted(bench)
    assert json.loads(str(event["payload"])) == {"kuntakoodi": "091", "uusi": [1, "ä"]}


def test_the_same_row_twice_in_a_message_is_two_events(bench: Bench) -> None:
    same = row("TUNTEMATON", "LISATTY", a=1)
    bench.land([message("A", AT, same, same)])
    first, second = extracted(bench)
    assert first["event_id"] != second["event_id"]


def test_rows_in_force_that_are_withheld_make_the_row_withheld(bench: Bench) -> None:
    masked = row("KOTIKUNTA", turvakiellonAlaisetKentat=["kuntakoodi"])
    bench.land([message("A", AT, row("KOTIKUNTA", "POISTETTU", voimassaolevatTiedot=[masked]))])
    (event,) = extracted(bench)
    assert event["masked"] is True


def test_an_empty_answer_has_a_file_without_rows(bench: Bench) -> None:
    bench.land([])
    assert extracted(bench) == []


def test_extracting_again_makes_nothing(bench: Bench) -> None:
    bench.land([basic("A", row("SUKUPUOLI", sukupuoli="MIES"))], kind="baseline")
    assert extract_events(bench.database, bench.storage, bench.settings).files == 1
    assert extract_events(bench.database, bench.storage, bench.settings).files == 0


def test_a_landed_file_that_was_changed_stops_the_work(bench: Bench) -> None:
    bench.land([])
    (batch,) = landed_batches(bench.database)
    path = bench.storage.absolute(batch.file)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(LandingDamaged, match=batch.file):
        extract_events(bench.database, bench.storage, bench.settings)
