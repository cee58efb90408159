"""The demo as a person meets it: one command, then the same again, then questions."""

import json
import zlib
from datetime import datetime

import pytest

from vtj_pipeline.commands.doctor_files import first_open
from vtj_pipeline_tests.deploy.operating import status_fields
from vtj_pipeline_tests.end_to_end.homes import DEMO, DEMO_DAYS, Home, demo, identity_codes

pytestmark = pytest.mark.slow
PUBLICATIONS = "select publication_id, published_at from register.publication order by 1"
TEXTS = (
    "select table_name, column_name from information_schema.columns "
    "where table_schema = 'dagster' and data_type in ('text', 'character varying', 'bytea')"
)


def as_text(value: str | memoryview) -> str:
    """A stored text; Dagster's snapshots are compressed."""
    return value if isinstance(value, str) else zlib.decompress(value).decode("utf-8")


@pytest.fixture(scope="module")
def home() -> Home:
    return demo()[0]


@pytest.fixture(scope="module")
def output() -> str:
    return demo()[1]


def test_it_answers_three_questions_and_says_how_to_go_on(output: str) -> None:
    now = output.index("Population by municipality now")
    before = output.index("The same as known")
    movers = output.index("Who moved in on")
    assert now < before < movers
    assert "Kuopio" in output[now:before]
    assert "moved_in" in output[movers:]
    assert "vtj-pipeline dev" in output[movers:]


def test_it_leaves_no_process_behind(home: Home) -> None:
    assert home.processes_after(10) == []


def test_files_are_encrypted_and_for_their_owner_alone(home: Home) -> None:
    assert first_open(home.path) is None
    (found,) = json.loads(home.run("status", "--json"))["encryption"]
    assert found["files"] > 2 * DEMO_DAYS
    assert found["plain"] == found["earlier_keys"] == found["missing_keys"] == 0
    files = [one for name in ("landing", "events") for one in (home.path / name).rglob("*.parquet")]
    assert len(files) == found["files"]
    assert [one for one in files if not one.read_bytes().startswith(b"VTJSEAL1")] == []


def test_a_second_demo_changes_nothing(home: Home) -> None:
    before = home.rows(PUBLICATIONS)
    assert len(before) == 1
    again = home.run(*DEMO)
    assert "nothing was changed" in again
    assert "Population by municipality now" in again
    assert home.rows(PUBLICATIONS) == before


def test_sql_answers(home: Home) -> None:
    query = "select count(*) as residents from municipality.resident"
    (answer,) = home.run("sql", "--format", "json", "-c", query).splitlines()
    ((residents,),) = home.rows(query)
    assert residents > 700
    assert json.loads(answer) == {"residents": residents}


def test_sql_refuses_to_write(home: Home) -> None:
    count = "select count(*) from register.person"
    before = home.rows(count)
    with home.start("sql", "-c", "delete from register.person") as process:
        text, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert text.startswith("error: ") and len(text.strip().splitlines()) == 1
    assert home.rows(count) == before


def test_status_is_json(home: Home) -> None:
    found = json.loads(home.run("status", "--json"))
    (register,) = found["register"]
    # Whoever was born or came since is more than the baseline.
    assert register["persons"] >= 800
    assert register["batches_to_publish"] == 0
    days = {row["kind"]: row["days_complete"] for row in found["landed"]}
    assert days["change"] == DEMO_DAYS
    documented = status_fields()
    assert list(found) == list(documented)
    for part, rows in found.items():
        assert all(set(row) == documented[part] for row in rows), part
    for row in found["landed"]:
        assert type(row["calls"]) is type(row["cursor"]) is int
    for moment in (register["published_at"], found["chain"][0]["proven_at"], row["fetched_to"]):
        assert datetime.fromisoformat(moment).tzname() == "UTC"
    plain = home.run("status")
    assert [line for line in plain.splitlines() if line in documented] == list(documented)
    assert f"publications {register['publications']}, published_at " in plain


def test_no_identity_code_in_what_was_written_or_in_dagsters_tables(
    home: Home, output: str
) -> None:
    assert identity_codes(output) == []
    assert identity_codes(home.run("status")) == []
    scanned = 0
    with home.served():
        codes = [code for (code,) in home.rows("select identity_code from register.person")]
        assert all(identity_codes(f"'{code}'") == [code] for code in codes)  # the sieve works
        for table, column in home.rows(TEXTS):
            found = home.rows(f"select {column} from dagster.{table} where {column} is not null")
            scanned += len(found)
            assert [c for (value,) in found for c in identity_codes(as_text(value))] == [], table
    assert scanned > 100
