"""DuckDB on encrypted files: nothing of a person is plain on the disk, and errors are ours."""

from __future__ import annotations

import gc
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from vtj_pipeline.errors import DataKeyMissing, LandingDamaged
from vtj_pipeline.landing import Storage, private_engine
from vtj_pipeline.landing.engine_files import SPILLS, SpillFiles
from vtj_pipeline.privacy.data_keys import new_key, parse_keys
from vtj_pipeline_tests.conftest import DATA_KEY

TOLD = b"010190-9997"
ROWS = "select i, '010190-9997 ' || md5(i::varchar) as told from range(400000) as t(i)"
SUM = "select count(*), sum(i), max(told), min(told) from"


def plain_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file() and TOLD in one.read_bytes()]


def test_a_file_is_written_and_read_in_place_and_is_not_plain(storage: Storage) -> None:
    with private_engine(storage, "500MB") as engine:
        address = engine.address("x.parquet")
        engine.connection.execute(
            f"copy ({ROWS}) to '{address}' (format parquet, compression zstd)"
        )
        [file] = (one for one in engine.folder.rglob("*") if one.is_file())
        assert (plain_in(engine.folder), stat.S_IMODE(file.stat().st_mode)) == ([], 0o600)
        engine.connection.execute("set threads = 4")
        asked = f"{SUM} read_parquet('{address}')"
        assert (
            engine.connection.sql(asked).fetchall()
            == engine.connection.sql(f"{SUM} ({ROWS})").fetchall()
        )


def test_what_the_engine_spills_is_not_plain_and_comes_back_whole(storage: Storage) -> None:
    with private_engine(storage, "20MB") as engine:
        spilling = engine.connection
        spilling.execute("set threads = 4")
        spilling.execute("set preserve_insertion_order = false")
        spilling.execute(f"create temp table x as {ROWS}")
        # One value may be larger than a block.
        spilling.execute("create temp table wide as select repeat(told, 20000) as w from x limit 9")
        files = [one for one in engine.folder.rglob("*") if one.is_file()]
        assert sum(one.stat().st_size for one in files) > 5_000_000
        assert plain_in(engine.folder) == []
        assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
        found = spilling.sql(f"{SUM} x").fetchall()
        assert spilling.sql("select count(distinct length(w)) from wide").fetchall() == [(1,)]
    with duckdb.connect() as plain:
        assert found == plain.sql(f"{SUM} ({ROWS})").fetchall()
    assert list(storage.absolute("tmp").iterdir()) == []


@pytest.fixture
def no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
def test_a_file_that_was_read_is_open_no_longer(storage: Storage) -> None:
    """A process may have a thousand files open, and a register is of more."""
    with private_engine(storage, "500MB") as engine:
        address = engine.address("x.parquet")
        engine.connection.execute(f"copy ({ROWS}) to '{address}' (format parquet)")
        assert engine.connection.sql(f"{SUM} read_parquet('{address}')").fetchall()
        assert _open_in(engine.folder) == []


@pytest.mark.usefixtures("no_collection")
def test_what_was_spilled_gives_its_disk_back(storage: Storage) -> None:
    """The disk of a removed file is taken for as long as somebody has it open."""
    with private_engine(storage, "20MB") as engine:
        engine.connection.execute("set preserve_insertion_order = false")
        engine.connection.execute(f"create temp table x as {ROWS}")
        assert _open_in(engine.folder)
        engine.connection.execute("drop table x")
        assert _open_in(engine.folder) == []


def _open_in(folder: Path) -> list[str]:
    """The files in a folder that this process has open, removed ones too."""
    found = []
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(str(one.readlink()))
    return [one for one in found if one.startswith(f"{folder}/") and not one.endswith("_owner")]


def test_threads_that_share_an_open_file_do_not_move_each_other(tmp_path: Path) -> None:
    """DuckDB says where to write and then writes, in two calls, from several threads at once."""
    with SpillFiles().open(f"{SPILLS}://{tmp_path}/spilled", "rb+") as file:
        file.seek(64)
        with ThreadPoolExecutor(1) as another:
            another.submit(file.seek, 0).result()
            file.write(b"b" * 64)
            another.submit(file.write, b"a" * 64).result()
        for place, expected in ((64, b"b" * 64), (0, b"a" * 64)):
            file.seek(place)
            assert file.read(64) == expected
    assert b"aa" not in (tmp_path / "spilled").read_bytes()


def written(storage: Storage) -> str:
    """An encrypted Parquet file of two segments and more."""
    with private_engine(storage, "500MB") as engine:
        target = f"copy ({ROWS}) to '{engine.address('x')}' (format parquet)"
        engine.connection.execute(target)
        storage.adopt(engine.folder / "x", "events/x.parquet")
    return storage.engine_address("events/x.parquet")


def read(storage: Storage, address: str) -> None:
    """Ask an engine for a file, as extraction and fold do."""
    with private_engine(storage, "500MB") as engine:
        try:
            engine.connection.sql(f"{SUM} read_parquet('{address}')").fetchall()
        except duckdb.Error:
            engine.raise_ours()


def test_a_changed_file_is_named_though_the_engine_reads_it(storage: Storage) -> None:
    address = written(storage)
    file = storage.absolute("events/x.parquet")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(LandingDamaged, match=r"x\.parquet is encrypted and was changed"):
        read(storage, address)


def test_another_key_is_named_and_neither_key_is_told(storage: Storage) -> None:
    address = written(storage)
    key = new_key()
    other = Storage(storage.root, parse_keys(key))
    with pytest.raises(DataKeyMissing, match=r"VTJ_DATA_KEY is [0-9a-f]{16}") as told:
        read(other, address)
    assert isinstance(told.value.__context__, duckdb.Error)
    for one in (told.value, told.value.__context__, other):
        assert key not in repr(one) and DATA_KEY not in repr(one)


def test_files_of_several_keys_and_plain_ones_are_read_together(storage: Storage) -> None:
    written(storage)
    keys = parse_keys(f"{new_key()} {DATA_KEY}")
    both = Storage(storage.root, keys)
    both.write("events/y.parquet", storage.read("events/x.parquet"))
    both.absolute("events/z.parquet").write_bytes(storage.read("events/x.parquet"))
    files = [both.engine_address(f"events/{name}.parquet") for name in "xyz"]
    with private_engine(both, "500MB") as engine:
        counted = engine.connection.execute(
            "select filename, count(*) from read_parquet(?, filename = true) group by 1 order by 1",
            [files],
        ).fetchall()
    assert counted == [(file, 400_000) for file in files]
