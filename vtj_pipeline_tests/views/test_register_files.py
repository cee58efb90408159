"""The register's files hold what analysts may see of one publication, and nobody who must not be.

Persons land, are published and are written by the public doors; what is compared is read by the
newest manifest, as a reader would.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from vtj_pipeline.commands.doctor_register_files import register_files_findings
from vtj_pipeline.errors import RegisterError, ViewsError
from vtj_pipeline.landing import Storage, encrypt_anew, encryption_of
from vtj_pipeline.orchestration.assets.register_files import register_files_assets
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.orchestration.kept_views import current_state, remember
from vtj_pipeline.privacy import keep_pseudonyms
from vtj_pipeline.privacy.data_keys import DataKeys, new_key, parse_keys
from vtj_pipeline.register_files import (
    CONTENTS,
    FilesReport,
    Manifest,
    manifests_there,
    open_register_files,
    read_manifest,
    write_register_files,
)
from vtj_pipeline.register_files.parts import Bounds
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.builders import CODES, START, Bench, basic, day, message, row
from vtj_pipeline_tests.conftest import DATA_KEY, DATA_KEYS
from vtj_pipeline_tests.erasure.steps import begin, erase, finish, quiet
from vtj_pipeline_tests.leaks import leaks_in_text
from vtj_pipeline_tests.objects.conftest import (  # noqa: F401  # fixtures, used by their names
    failing,
    far,
    far_settings,
    reached,
    store,
)
from vtj_pipeline_tests.views.conftest import KEPT, BuiltViews, copied, renew

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.postgres import Cursor

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
AT = "2026-10-{:02}T08:00:00.123Z"
ORDER = row("TURVAKIELTO", "LISATTY", turvakieltoAktiivinen=True)
_numbers = count(1)


def lives(person: str, postal: str, house: str) -> dict[str, Any]:
    """A person of the scope with an address, a name and a day of birth."""
    return basic(
        person,
        row("SYNTYMAPAIVA", syntymapv=day("1990-01-01")),
        row("HENKILON_NIMI", etunimi="Etu", sukunimi="Koelähde", alkupv=day("2000-01-01")),
        row("KOTIKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2004-05-01")),
        row(
            "VAKINAINEN_KOTIMAINEN_OSOITE",
            katunimi={"fi": "Salaisenkatu"},
            katunumero=house,
            postinumero=postal,
            kuntakoodi="091",
            alkupv=day("2004-05-01"),
        ),
    )  # fmt: skip


@dataclass
class Filed:
    """A register with views, whose files are written."""

    bench: Bench
    built: BuiltViews
    kept: int = 2
    days: Iterator[int] = field(default_factory=lambda: count(5))

    @property
    def storage(self) -> Storage:
        return self.bench.storage

    def change(self, person: str, *rows: dict[str, Any]) -> None:
        """A change lands, is published, and the views follow it."""
        number = next(self.days)
        self.bench.land([message(person, AT.format(number), *rows)], cursor=START + 100 * number)
        self.bench.publish()
        self.follow()

    def follow(self) -> None:
        """Make the views' tables anew, as a build does."""
        database = self.bench.database
        keep_pseudonyms(database, self.bench.settings)
        with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
            renew(cursor, self.built.kept(*KEPT))
        remember(database, current_state(database, "of-tests"))

    def write(self, **more: Any) -> FilesReport:
        settings = self.bench.settings.model_copy(update={"register_files_kept": self.kept})
        return write_register_files(self.bench.database, self.storage, settings, NOW, **more)

    def newest(self) -> Manifest:
        return read_manifest(self.storage, next(iter(manifests_there(self.storage))))

    def numbers(self) -> list[int]:
        return list(manifests_there(self.storage))

    def rows(self, publication: int | None = None) -> dict[str, Counter[tuple[Any, ...]]]:
        """What the files hold, by table."""
        with open_register_files(self.storage, publication) as files:
            return {
                one.table: Counter(
                    files.relation(one.table).select(*one.columns).fetchall()
                )
                for one in CONTENTS
            }  # fmt: skip

    def shown(self) -> dict[str, Counter[tuple[Any, ...]]]:
        """What the views tell on the day of the manifest."""
        day_of = self.newest().valid_at
        found = {}
        for one in CONTENTS:
            columns = ", ".join(
                f"{name}::text" if name == "pseudonym" else name for name in one.columns
            )
            found[one.table] = Counter(self.ask(f"select {columns} from {one.table}", day_of))
        return found

    def ask(self, query: str, day_of: object) -> list[tuple[Any, ...]]:
        with closing(self.bench.database.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("select set_config('vtj.valid_at', %s, true)", (str(day_of),))
            cursor.execute(query)
            return cursor.fetchall()

    def pseudonym(self, person: str) -> str:
        [(found,)] = self.bench.query(
            "select y.pseudonym::text from timeline.pseudonym as y inner join "
            f"register.person as p using (person_id) where p.identity_code = '{CODES[person]}'"
        )
        return str(found)

    def place(self, person: str, publication: int | None = None) -> tuple[Any, ...]:
        """Municipality and postal code of a resident, as the files tell them."""
        with open_register_files(self.storage, publication) as files:
            [found] = (
                files.relation("analyst.resident")
                .filter(f"pseudonym = '{self.pseudonym(person)}'")
                .select("municipality_code", "postal_code")
                .fetchall()
            )
        return tuple(found)

    def texts(self) -> Iterator[bytes]:
        """Every file as it reads."""
        for path in self.storage.files("register"):
            content = self.storage.read(path)
            yield content
            if path.endswith(".parquet"):
                with open_register_files(self.storage) as files:
                    address = self.storage.engine_address(path)
                    yield repr(files.connection.sql(f"from '{address}'").fetchall()).encode()


@pytest.fixture
def opens(built_views: BuiltViews) -> Callable[[Storage, Settings], Filed]:
    """Opens a town of three: B and C live in one dwelling."""

    def opened(storage: Storage, settings: Settings) -> Filed:
        built = copied(built_views, f"files_{next(_numbers)}")
        filed = Filed(Bench(built.database, storage, settings), built)
        persons = [lives("A", "00100", "1"), lives("B", "00200", "2"), lives("C", "00200", "2")]
        filed.bench.land(persons, kind="baseline")
        filed.bench.publish()
        filed.follow()
        return filed

    return opened


@pytest.fixture
def filed(
    opens: Callable[[Storage, Settings], Filed], storage: Storage, settings: Settings
) -> Filed:
    return opens(storage, settings)


def test_the_files_hold_what_analysts_see_of_one_publication(filed: Filed) -> None:
    filed.change("B", ORDER)
    report = filed.write(bounds=Bounds(group=1, file=2))
    assert (report.outcome, report.left_out) == ("written", ())
    manifest = filed.newest()
    [(number, at)] = filed.bench.query(
        "select publication_id, published_at from register.publication order by 1 desc limit 1"
    )
    assert (manifest.publication, manifest.published_at) == (number, at) == (2, at)
    assert filed.rows() == filed.shown()
    # Everything that stands there is named, whole, and of bounded size.
    assert set(manifest.tables) == {one.table for one in CONTENTS}
    for name, table in manifest.tables.items():
        assert table.rows == sum(file.rows for file in table.files) == report_rows(filed, name)
        for file in table.files:
            content = filed.storage.read(file.path)
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file.bytes, file.sha256)
            assert file.rows <= 2
            assert filed.storage.key_id(file.path) == DATA_KEYS.current.key_id
    assert len(manifest.tables["analyst.resident"].files) == 2
    named = {file.path for file in manifest.files} | {manifest.path}
    assert set(filed.storage.files("register")) == named
    # Who is under an order, and who lives there, is listed without a place; nobody by name.
    assert filed.place("A") == ("091", "00100")
    assert filed.place("B") == filed.place("C") == (None, None)
    everything = b"".join(filed.texts())
    assert filed.pseudonym("B").encode() in everything
    assert leaks_in_text(everything) == Counter()
    ids = filed.bench.query("select person_id::text from register.person")
    for secret in (*CODES.values(), "Salaisenkatu", "Koelähde", "00200", *(one for (one,) in ids)):
        assert secret.encode() not in everything
    # Again is nothing.
    again = filed.write()
    assert (again.outcome, again.new_files, again.removed.files) == ("there before", 0, 0)
    assert filed.newest() == manifest


def report_rows(filed: Filed, table: str) -> int:
    return sum(filed.rows()[table].values())


def test_what_did_not_change_is_shared_and_old_publications_go(filed: Filed) -> None:
    first = filed.write()
    assert first.new_files == first.files == len(CONTENTS)
    born = row("SYNTYMAPAIVA", "KORJATTU", syntymapv=day("1991-01-01"))
    filed.change("A", row("HENKILON_NIMI", "LISATTY", etunimi="Uusi", alkupv=day("2026-10-01")))
    same = filed.write()
    # A name is in no file, so that all of them stand.
    assert (same.outcome, same.publication, same.new_files) == ("written", 2, 0)
    assert filed.numbers() == [2, 1]
    assert read_manifest(filed.storage, 1).tables == filed.newest().tables
    before = filed.newest()
    filed.change("A", row("SYNTYMAPAIVA", "KORJATTAVA", syntymapv=day("1990-01-01")), born)
    third = filed.write()
    assert filed.numbers() == [3, 2] and third.removed.manifests == 1
    changed = {name for name in before.tables if before.tables[name] != filed.newest().tables[name]}
    assert "analyst.resident" in changed and "analyst.mover" not in changed
    assert third.new_files == len(changed)
    assert filed.rows() == filed.shown()
    filed.kept = 1
    assert filed.write().removed.files == len(changed)
    assert filed.numbers() == [3]
    assert filed.rows() == filed.shown()
    with pytest.raises(RegisterError, match="publication 2"), open_register_files(filed.storage, 2):
        pass


def test_an_order_takes_the_files_away_that_tell_the_place(filed: Filed) -> None:
    filed.write()
    assert filed.place("C") == ("091", "00200")
    # The order is published, and the views have not followed: there are no files until they have.
    number = next(filed.days)
    filed.bench.land([message("B", AT.format(number), ORDER)], cursor=START + 100 * number)
    filed.bench.publish()
    assert filed.write().outcome == "views behind"
    assert filed.storage.files("register") == []
    filed.follow()
    assert filed.write().outcome == "written"
    assert filed.numbers() == [2]
    # So do those that tell of who came to live with somebody under an order.
    moved = row(
        "VAKINAINEN_KOTIMAINEN_OSOITE", "LISATTY", katunimi={"fi": "Salaisenkatu"}, katunumero="2",
        postinumero="00200", kuntakoodi="091", alkupv=day("2026-10-01"),
    )  # fmt: skip
    filed.change("A", moved)
    assert filed.write().outcome == "written"
    assert filed.place("A") == (None, None)
    assert filed.numbers() == [3]


def test_views_that_are_not_followed_keep_what_stood(filed: Filed) -> None:
    filed.write()
    number = next(filed.days)
    gone = row("KOTIKUNTA", "LISATTY", kuntakoodi="297", kuntaanMuuttopv=day("2026-10-01"))
    filed.bench.land([message("A", AT.format(number), gone)], cursor=START + 100 * number)
    filed.bench.publish()
    stood = filed.rows()
    report = filed.write()
    assert (report.outcome, report.is_there, report.publication) == ("views behind", False, 2)
    assert filed.numbers() == [1] and filed.rows() == stood
    # Views of another register, or of one that persons were taken out of, are as good as none.
    with closing(filed.bench.database.connect()) as connection, connection:
        connection.cursor().execute("comment on schema timeline is 'Made of something else.'")
    assert filed.write().outcome == "views behind"
    assert filed.storage.files("register") == []


def test_what_nobody_has_judged_is_not_written(filed: Filed) -> None:
    with closing(filed.bench.database.connect()) as connection, connection:
        cursor = connection.cursor()
        cursor.execute(
            "create view analyst.more as select p.person_id, n.last_name "
            "from register.person as p inner join register.name as n using (person_id)"
        )
        more_columns(cursor, "analyst.resident", "'Koelähde'::text as last_name")
    report = filed.write()
    assert report.left_out == ("analyst.more", "analyst.resident.last_name")
    assert set(filed.newest().tables) == {one.table for one in CONTENTS}
    assert "Koelähde".encode() not in b"".join(filed.texts())
    # A view that tells a guarded person's place stops it all, and nothing is kept.
    filed.change("B", ORDER)
    with closing(filed.bench.database.connect()) as connection, connection:
        connection.cursor().execute(
            "create view analyst.leak as select y.pseudonym, '091'::text as municipality_code "
            "from timeline.pseudonym as y"
        )
    with pytest.raises(ViewsError, match=r"analyst\.leak \(1\)"):
        filed.write()
    assert filed.storage.files("register") == []


def more_columns(cursor: Cursor, view: str, column: str) -> None:
    """Give a view a further column."""
    cursor.execute("select pg_get_viewdef(%s::regclass)", (view,))
    [(told,)] = cursor.fetchall()
    cursor.execute(
        f"create or replace view {view} as select v.*, {column} from ({told.rstrip(';')}) as v"
    )


KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from vtj_pipeline.landing import Storage
from vtj_pipeline.postgres import Database
from vtj_pipeline.privacy.data_keys import parse_keys
from vtj_pipeline.register_files import write
from vtj_pipeline.settings import Settings

write.write_manifest = lambda *_: os._exit(9)
home, url, keys = sys.argv[1:]
settings = Settings(home=Path(home))
storage = Storage(settings.home, parse_keys(keys))
write.write_register_files(Database(url), storage, settings, datetime.now(UTC))
"""


def test_a_run_that_is_killed_before_the_manifest_leaves_the_old_one(filed: Filed) -> None:
    filed.write()
    stood, before = filed.rows(), set(filed.storage.files("register"))
    gone = row("KOTIKUNTA", "LISATTY", kuntakoodi="297", kuntaanMuuttopv=day("2026-10-01"))
    filed.change("A", gone)
    command = [sys.executable, "-c", KILLED, str(filed.storage.root), filed.bench.database.url]
    assert subprocess.run([*command, DATA_KEY]).returncode == 9
    left = set(filed.storage.files("register")) - before
    assert left and filed.numbers() == [1] and filed.rows() == stood
    # What one leaves that wrote another publication is nobody's.
    filed.storage.write("register/analyst/resident/left.parquet", b"rows of persons")
    assert filed.write().outcome == "written"
    assert filed.numbers() == [2, 1] and filed.rows() == filed.shown()
    named = {file.path for n in (1, 2) for file in read_manifest(filed.storage, n).files}
    assert set(filed.storage.files("register")) - {"register/manifest-1.json"} == {
        "register/manifest-2.json", *named,
    }  # fmt: skip


def test_who_is_erased_is_in_no_file(filed: Filed) -> None:
    filed.write()
    pseudonym = filed.pseudonym("A").encode()
    assert pseudonym in b"".join(filed.texts())
    number = begin(filed.bench, "A")
    assert filed.write().outcome == "being erased"
    receipt = finish(filed.bench, number)
    assert receipt.told["register_files"] > len(CONTENTS)
    assert filed.storage.files("register") == []
    # Until the views are made anew there are none.
    assert filed.write().outcome == "views behind"
    filed.follow()
    assert filed.write().outcome == "written"
    assert filed.rows()["analyst.resident"].total() == 2
    assert pseudonym not in b"".join(filed.texts())
    assert filed.rows() == filed.shown()


def test_files_come_under_a_new_key(filed: Filed) -> None:
    filed.write()
    stood = filed.rows()
    keys = DataKeys(parse_keys(new_key()).current, (DATA_KEYS.current,))
    both = Storage(filed.storage.root, keys)
    assert encryption_of(both).earlier_keys >= len(CONTENTS) + 1
    encrypt_anew(both, quiet)
    filed.bench.storage = Storage(filed.storage.root, DataKeys(keys.current))
    assert filed.rows() == stood
    assert filed.write().outcome == "there before"


def test_an_object_store_holds_the_same(
    opens: Callable[[Storage, Settings], Filed],
    far: Storage,  # noqa: F811
    far_settings: Settings,  # noqa: F811
) -> None:
    filed = opens(far, far_settings)
    filed.change("B", ORDER)
    assert filed.write().outcome == "written"
    assert filed.rows() == filed.shown()
    assert not (far.root / "register").exists()
    assert filed.write().outcome == "there before"
    erase(filed.bench, "A")
    assert far.files("register") == []


def test_the_asset_writes_them_and_is_there_only_if_asked_for(
    filed: Filed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VTJ_DATA_KEY", DATA_KEY)
    more = {"postgres_url": filed.bench.database.url, "data_key": DATA_KEY, "home": tmp_path}
    off = Settings(**more)
    assert register_files_assets(Deployment(off, ())) == []
    on = Settings(**{**more, "register_files": True})
    [asset] = register_files_assets(Deployment(on, ()))
    landed, filed.bench.storage = filed.bench.storage, Storage(tmp_path, DATA_KEYS)
    with dg.DagsterInstance.ephemeral() as instance:
        done = dg.materialize([asset], instance=instance)
    [event] = done.asset_materializations_for_node("register_files__manifest")
    metadata = {name: one.value for name, one in event.metadata.items()}
    assert (metadata["outcome"], metadata["publication"]) == ("written", 1)
    assert metadata["tables"] == metadata["files"] == len(CONTENTS)
    assert filed.rows() == filed.shown()
    # The doctor knows whether they are of the newest publication, and finds those nobody wants.
    database = filed.bench.database
    [one] = register_files_findings(Deployment(on, ()), database)
    assert (one.result, one.found) == ("ok", "of publication 1, the newest")
    written, filed.bench.storage = filed.bench.storage, landed
    filed.change("B", ORDER)
    [one] = register_files_findings(Deployment(on, ()), database)
    assert (one.result, one.found) == ("warn", "the newest are of publication 1, not of 2")
    [one] = register_files_findings(Deployment(off, ()), database)
    assert one.result == "warn" and "VTJ_REGISTER_FILES is not true" in one.found
    written.remove("register/manifest-1.json")
    assert list(register_files_findings(Deployment(off, ()), database)) == []
