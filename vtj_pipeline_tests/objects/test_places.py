"""Files in an object store: whole or not there, read in parts, and every failure in our words."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from vtj_pipeline.errors import LandingDamaged, SettingsError, StoreRefused, StoreUnavailable
from vtj_pipeline.landing import Storage, encrypt_anew, encryption_of, private_engine, storage_of
from vtj_pipeline.landing.engine_objects import BLOCK, KeptBlocks
from vtj_pipeline.landing.local_files import LocalFiles
from vtj_pipeline.landing.object_calls import ObjectCalls, Patience
from vtj_pipeline.landing.objects import Objects
from vtj_pipeline.privacy.data_keys import new_key, parse_keys
from vtj_pipeline.settings import Settings, load_settings
from vtj_pipeline_tests.conftest import DATA_KEY, DATA_KEYS
from vtj_pipeline_tests.objects.failing import Failing, Fault, Kind
from vtj_pipeline_tests.objects.store import BUCKET, READER, READER_SECRET, SECRET, Store

TOLD = b"010190-9997"
FILE = "landing/x/one.parquet"
CONTENT = TOLD * 40_000
HASHES = " || ".join(f"md5((4 * i + {more})::varchar)" for more in range(4))
ROWS = f"select i, '010190-9997 ' || {HASHES} as told from range(100000) as t(i)"
SUM = "select count(*), sum(i) from"


def quiet(what: str, done: int, of: int | None) -> None:
    del what, done, of


def test_a_file_is_one_object_and_is_read_back(far: Storage, failing: Failing) -> None:
    digest = far.write(FILE, CONTENT)
    assert digest == hashlib.sha256(CONTENT).hexdigest()
    # One request, however large: never a part of a file.
    assert failing.methods() == ["PUT"]
    assert far.read(FILE, sha256=digest) == CONTENT
    assert far.exists(FILE) and far.sizes("landing", [FILE])[FILE] > len(CONTENT)
    far.write("landing/x/two.parquet", b"")
    # What tools leave to keep a folder is none of ours.
    assert far.far is not None
    far.far.put("landing/x/.keep", b"")
    assert far.files("landing") == [FILE, "landing/x/two.parquet"]
    assert far.files("landing/y") == [] and far.files("events") == []
    missing = ["landing/x/none", "landing/none"]
    assert far.missing("landing", [missing[0], FILE, missing[1]]) == missing
    far.remove(FILE)
    far.remove(FILE)
    assert not far.exists(FILE) and far.sizes("landing", [FILE]) == {}
    assert far.remove_left_behind("landing", at_once=True) == 0
    # Nothing of it has been on this machine.
    assert not far.root.exists()


def test_what_stands_in_the_store_is_not_plain(far: Storage, store: Store, reached: str) -> None:
    far.write(FILE, CONTENT)
    found = store.client().get_object(
        Bucket=BUCKET, Key=f"{reached.removeprefix(f's3://{BUCKET}/')}/{FILE}"
    )
    content = found["Body"].read()
    assert len(content) > len(CONTENT) and TOLD not in content


def test_a_missing_or_changed_object_is_damage_and_is_named(far: Storage) -> None:
    with pytest.raises(LandingDamaged, match=rf"{FILE}, and s3://{BUCKET}/.* does not have it"):
        far.read(FILE)
    with pytest.raises(LandingDamaged, match=r"one\.parquet"):
        far.key_id(FILE)
    assert far.far is not None
    far.far.put(FILE, far.keys.current.key_id)
    with pytest.raises(LandingDamaged, match="SHA-256 differs"):
        far.read(FILE, sha256="0" * 64)


def test_more_objects_than_one_answer_lists(
    hurried: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(hurried.far, Objects)
    client = hurried.far.calls._client
    listed = client.list_objects_v2
    monkeypatch.setattr(client, "list_objects_v2", lambda **more: listed(MaxKeys=2, **more))
    names = [f"events/v/{number}.parquet" for number in range(5)]
    for name in names:
        hurried.write(name, b"x")
    assert hurried.files("events") == names


def adopted(storage: Storage) -> str:
    """A Parquet file that the engine wrote, taken over by the storage; its address."""
    with private_engine(storage, "500MB") as engine:
        target = f"copy ({ROWS}) to '{engine.address('x')}' (format parquet, row_group_size 200000)"
        engine.connection.execute(target)
        storage.adopt(engine.folder / "x", "events/v/x.parquet")
        assert list(engine.folder.iterdir()) == []
    return storage.engine_address("events/v/x.parquet")


def test_the_engine_reads_the_columns_that_it_needs(far: Storage, failing: Failing) -> None:
    address = adopted(far)
    assert far.sizes("events", ["events/v/x.parquet"])["events/v/x.parquet"] > 8 * BLOCK
    failing.fails()
    with private_engine(far, "500MB") as engine:
        asked = f"{SUM} read_parquet('{address}')"
        assert engine.connection.sql(asked).fetchall() == [(100_000, sum(range(100_000)))]
        first = len(failing.methods())
        # Listed once, and not asked for each.
        assert set(failing.methods()) == {"GET"}
        assert failing.sent < 4 * BLOCK
        # What was read a moment ago is still there.
        assert engine.connection.sql(asked).fetchall() == [(100_000, sum(range(100_000)))]
        assert len(failing.methods()) == first
    with duckdb.connect() as plain:
        expected = plain.sql(f"select max(told), min(told) from ({ROWS})").fetchall()
    with private_engine(far, "500MB") as engine:
        asked = f"select max(told), min(told) from read_parquet('{address}')"
        assert engine.connection.sql(asked).fetchall() == expected


def test_parts_are_fetched_once_and_forgotten_in_their_turn(tmp_path: Path) -> None:
    asked: list[tuple[int, int]] = []

    class Counted(LocalFiles):
        def get_range(self, path: str, start: int, size: int, version: str = "") -> bytes:
            asked.append((start // BLOCK, size // BLOCK))
            return super().get_range(path, start, size, version)

    place = Counted(tmp_path)
    content = os.urandom(4 * BLOCK + 5)
    place.put("x", content)
    head = place.head("x")
    assert head is not None
    kept = KeptBlocks(place, most=3)
    assert kept.read("x", head, BLOCK + 3, 5) == content[BLOCK + 3 : BLOCK + 8]
    # Those on both sides of what is kept, and not the one between.
    assert kept.read("x", head, 10, 3 * BLOCK) == content[10 : 10 + 3 * BLOCK]
    assert asked == [(1, 1), (0, 1), (2, 2)]
    assert kept.read("x", head, 4 * BLOCK, 99) == content[-5:]
    assert kept.read("x", head, 2 * BLOCK, 2 * BLOCK) == content[2 * BLOCK : 4 * BLOCK]
    assert asked[3:] == [(4, 1)]
    assert kept.read("x", head, 0, 1) == content[:1]
    assert asked[4:] == [(0, 1)]
    # What was asked for last stays, whenever it came.
    assert kept.read("x", head, 2 * BLOCK, 1) == content[2 * BLOCK : 2 * BLOCK + 1]
    assert len(asked) == 5
    assert kept.read("x", head, len(content), 5) == b""


def test_an_object_that_is_exchanged_under_a_reader_is_told_as_that(far: Storage) -> None:
    far.write(FILE, os.urandom(2 * BLOCK))
    assert far.far is not None
    head, kept = far.far.head(FILE), KeptBlocks(far.far)
    assert head is not None
    before = kept.read(FILE, head, 0, BLOCK)
    # As an exchange of keys does it: the same content, encrypted otherwise.
    far.write(FILE, far.read(FILE))
    assert kept.read(FILE, head, 0, BLOCK) == before
    with pytest.raises(StoreUnavailable, match="another version"):
        kept.read(FILE, head, BLOCK, BLOCK)


def test_keys_are_exchanged_in_the_store(far: Storage) -> None:
    digest = far.write(FILE, CONTENT)
    adopted(far)
    new = parse_keys(f"{new_key()} {DATA_KEY}")
    both = Storage(far.root, new, far=far.far)
    assert encryption_of(both).earlier_keys == 2
    assert encrypt_anew(both, quiet) == 2
    assert encryption_of(both).earlier_keys == 0
    assert both.read(FILE, sha256=digest) == CONTENT


@pytest.mark.parametrize("kind", ["busy", "cut", "deaf"])
def test_a_put_that_fails_is_tried_again(far: Storage, failing: Failing, kind: Kind) -> None:
    failing.fails(Fault("PUT", kind, times=2))
    digest = far.write(FILE, CONTENT)
    assert failing.methods() == ["PUT"] * 3
    assert far.read(FILE, sha256=digest) == CONTENT


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("busy", "answered 503, SlowDown"),
        ("mute", "gave no answer (ReadTimeoutError)"),
        ("cut", "gave no answer"),
    ],
)
def test_a_put_that_never_succeeds_leaves_nothing(
    hurried: Storage, failing: Failing, kind: Kind, said: str
) -> None:
    failing.fails(Fault("PUT", kind, times=99))
    with pytest.raises(StoreUnavailable) as told:
        hurried.write(FILE, CONTENT)
    assert said in str(told.value) and FILE in str(told.value) and "3 tries" in str(told.value)
    assert "start the same again later" in str(told.value) and SECRET not in str(told.value)
    assert told.value.__suppress_context__
    failing.fails()
    assert hurried.files("landing") == []
    hurried.write(FILE, CONTENT)
    assert hurried.read(FILE) == CONTENT


def test_what_the_store_does_not_take_from_the_engine_is_gone_here_too(
    hurried: Storage, failing: Failing, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    made.write_bytes(CONTENT)
    failing.fails(Fault("PUT", "busy", times=99))
    with pytest.raises(StoreUnavailable):
        hurried.adopt(made, "events/v/x.parquet")
    assert not made.exists() and hurried.files("events") == []


@pytest.mark.parametrize("kind", ["busy", "short"])
def test_a_read_that_fails_is_tried_again(far: Storage, failing: Failing, kind: Kind) -> None:
    digest = far.write(FILE, CONTENT)
    failing.fails(Fault("GET", kind, times=2))
    assert far.read(FILE, sha256=digest) == CONTENT
    assert failing.methods() == ["GET"] * 3


@pytest.mark.parametrize(
    ("method", "kind"), [("GET", "short"), ("GET", "mute"), ("HEAD", "busy"), ("DELETE", "mute")]
)
def test_what_never_succeeds_is_transient(
    hurried: Storage, failing: Failing, method: str, kind: Kind
) -> None:
    hurried.write(FILE, CONTENT)
    ask: dict[str, Callable[[str], object]] = {
        "GET": hurried.read,
        "HEAD": hurried.exists,
        "DELETE": hurried.remove,
    }
    failing.fails(Fault(method, kind, times=99))
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="3 tries"):
        ask[method](FILE)
    # Of a store that keeps its silence, too.
    assert time.monotonic() - began < 30
    assert failing.methods() == [method] * 3


def test_the_engine_tells_a_store_that_is_gone_as_that(
    far: Storage, hurried: Storage, failing: Failing
) -> None:
    address = adopted(far)
    # Already when it is listed, or only when it is read.
    for part in ("", "x.parquet"):
        failing.fails(Fault("GET", "busy", times=99, part=part))
        with private_engine(hurried, "500MB") as engine:
            with pytest.raises(duckdb.Error):
                engine.connection.sql(f"{SUM} read_parquet('{address}')").fetchall()
            with pytest.raises(StoreUnavailable, match="answered 503"):
                engine.raise_ours()


def calls(bucket: str = BUCKET) -> ObjectCalls:
    return ObjectCalls(bucket, Patience(attempts=1))


@pytest.mark.usefixtures("reached")
def test_what_a_store_refuses_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(StoreRefused, match=r"NoSuchBucket.*Make the bucket"):
        calls("no-such-bucket").put("x", b"")
    with pytest.raises(StoreRefused, match="NoSuchBucket"):
        list(calls("no-such-bucket").listed(""))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", READER_SECRET)
    with pytest.raises(StoreRefused, match=r"403, AccessDenied.*the right to"):
        calls().put("x", b"")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    for ask in (lambda: calls().put("x", b""), lambda: calls().head("x")):
        with pytest.raises(StoreRefused, match=r"403.*AWS_SECRET_ACCESS_KEY") as told:
            ask()
        assert SECRET not in str(told.value) and READER not in str(told.value)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(StoreRefused, match=r"NoCredentialsError.*AWS_ACCESS_KEY_ID"):
        calls().put("x", b"")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "no-address")
    with pytest.raises(StoreRefused, match="AWS_ENDPOINT_URL_S3"):
        calls().put("x", b"")


def test_a_store_that_is_not_there(reached: str, monkeypatch: pytest.MonkeyPatch) -> None:
    del reached
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
        calls().head("x")


@pytest.mark.parametrize(
    ("url", "place"),
    [("s3://vtj/a/b/", "s3://vtj/a/b"), ("s3://vtj", "s3://vtj"), ("s3://a.b-c/", "s3://a.b-c")],
)
def test_where_files_stand_is_a_setting(
    url: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VTJ_DATA_URL", url)
    assert storage_of(load_settings(), DATA_KEYS).where == place


@pytest.mark.parametrize(
    "url", ["https://x/y", "s3://", "s3://UPPER", "s3://vtj//a", "s3://vtj/../a", "s3://k:s@vtj/a"]
)
def test_a_wrong_address_is_named_and_not_shown(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTJ_DATA_URL", url)
    with pytest.raises(SettingsError, match="VTJ_DATA_URL: must be s3://bucket") as told:
        load_settings()
    assert url.removeprefix("s3://") not in str(told.value) or url == "s3://"


def test_without_a_store_files_stay_under_the_home(settings: Settings) -> None:
    assert storage_of(settings, DATA_KEYS) == Storage(settings.home, DATA_KEYS)
    assert storage_of(settings, DATA_KEYS).where == str(settings.home)


def test_without_the_extra_it_is_named(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "sys.modules['botocore'] = None\n"
        "from vtj_pipeline.landing import storage_of\n"
        "from vtj_pipeline.settings import load_settings\n"
        "from vtj_pipeline.privacy import data_keys\n"
        "from vtj_pipeline.errors import SettingsError\n"
        "try:\n"
        "    storage_of(load_settings(), data_keys(load_settings()))\n"
        "except SettingsError as error:\n"
        "    print(error)\n"
    )
    environment = {**os.environ, "VTJ_HOME": str(tmp_path), "VTJ_DATA_URL": "s3://vtj"}
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment
    )
    assert "vtj-pipeline[s3]" in ran.stdout, ran.stderr
