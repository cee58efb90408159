"""A register of the first version goes on with this one, and is what landing alone would make."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from vtj_pipeline.cli import cli
from vtj_pipeline.events import extract_events
from vtj_pipeline.landing import Storage, landed_batches, read_pages
from vtj_pipeline.landing.ledger import ledger_schema
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import create_register, publish_pending
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY
from vtj_pipeline_tests.upgrades.old import load, rows, run, stored, unpack_landing

pytestmark = pytest.mark.slow

SCOPE = {"vantaa_kerava": ("092", "245")}
HISTORY = {
    f"register.{name}"
    for name in ("applied_batch", "publication", "schema_version", "touched_person")
}
_PUBLICATIONS = (
    "select publication_id, published_at, run_id, batches, persons, counts, catalogue_fingerprint "
    "from register.publication order by 1"
)
_TRUTH = "select to_jsonb(t) from ledger.{} as t order by 1"


def publish(database: Database, home: Path) -> None:
    settings, storage = Settings(home=home, person_key=KEY), Storage(home, DATA_KEYS)
    extract_events(database, storage, settings)
    publish_pending(database, storage, settings, SCOPE, run_id="test")


def test_it_catches_up_and_is_what_landing_alone_would_make(
    one_database: Database, tmp_path: Path
) -> None:
    load(one_database, "first issue")
    unpack_landing(tmp_path)
    published = rows(one_database, _PUBLICATIONS)
    done = CliRunner().invoke(
        cli,
        ["upgrade"],
        env={"VTJ_POSTGRES_URL": one_database.url, "VTJ_HOME": str(tmp_path)},
        catch_exceptions=False,
    )
    ledger = f"ledger: version 0 → {ledger_schema().newest}\n"
    assert f"{ledger}register: version 0 → 1\ndagster: revision" in done.output
    assert "Now `vtj-pipeline run register`" in done.output
    truth = [rows(one_database, _TRUTH.format(name)) for name in ("landing_batch", "call")]

    publish(one_database, tmp_path)
    # What readers saw and when is told on; what they see now is one publication more.
    assert rows(one_database, _PUBLICATIONS)[:-1] == published
    assert [rows(one_database, _TRUTH.format(name)) for name in ("landing_batch", "call")] == truth
    # Every landed file is read, and verified by its hash.
    pages = [
        read_pages(Storage(tmp_path, DATA_KEYS), one).num_rows
        for one in landed_batches(one_database)
    ]
    assert (len(pages), sum(pages)) == (10, len(truth[1]))

    found = stored(one_database)
    assert len(found["register.person"]) == 56
    run(one_database, "drop schema register cascade")
    create_register(one_database)
    for folder in ("events", "tmp"):
        shutil.rmtree(tmp_path / folder)
    publish(one_database, tmp_path)
    for name, anew in stored(one_database).items():
        if name not in HISTORY:
            assert found[name] == anew, name
