"""Who was shown persons is kept: by whom, when, by which view, how many, as of which settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg2
import pytest

from vtj_pipeline.privacy import forget_old_reads
from vtj_pipeline.privacy.reads import pgaudit_says
from vtj_pipeline_tests.views.cast import HERE, SETTINGS, THERE, Session, Town, execute

TODAY = SETTINGS[0]
RESIDENTS = "select person_id from municipality.resident"
LINE = "vtj-pipeline: rows of persons were shown: "
FIVE_YEARS = timedelta(days=5 * 365 + 2)


class Reads:
    """What was kept since a moment."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._since = self._ask("select coalesce(max(read_id), 0) as n from audit.read_access")

    def rows(self) -> list[dict[str, Any]]:
        query = "select * from audit.read_access where read_id > %s order by read_id"
        with self._town.session() as owner:
            return owner.table(query, self._since[0]["n"])

    def _ask(self, query: str) -> list[dict[str, Any]]:
        with self._town.session() as owner:
            return owner.table(query)


def lines(session: Session) -> list[dict[str, Any]]:
    """What the server's log was told, which this session was told too."""
    told = [n.partition(LINE)[2] for n in session.connection.notices if LINE in n]
    session.connection.notices.clear()
    return [json.loads(one) for one in told]


@contextmanager
def telling(town: Town, name: str, **settings: str) -> Iterator[Session]:
    """A session that is told what goes to the server's log as well."""
    with town.session(name, **settings) as session:
        session.ask("set client_min_messages = log")
        yield session


@pytest.mark.parametrize(
    ("name", "view", "codes"),
    [
        ("here", "municipality.resident", [HERE]),
        ("both", "wellbeing_area.client_list", [THERE, HERE]),
        ("everywhere", "municipality.mover", ["all"]),
        ("withheld_here", "protected.resident_location", [HERE]),
        ("figures_here", "analyst.resident", [HERE]),
    ],
)
def test_each_read_of_persons_is_kept(town: Town, name: str, view: str, codes: list[str]) -> None:
    began = datetime.now(UTC)
    for settings in SETTINGS:
        kept = Reads(town)
        with telling(town, name, **settings) as session:
            shown = len(session.ask(f"select * from {view}"))
            [line] = lines(session)
        [row] = kept.rows()
        assert began <= row.pop("read_at") <= datetime.now(UTC)
        del row["read_id"]
        moment = settings.get("recorded_at")
        assert row == {
            "login": town.login(name),
            "relation": view,
            "rows_shown": shown,
            "municipalities": codes,
            "valid_at": date.fromisoformat(settings["valid_at"]),
            "recorded_at": datetime.fromisoformat(moment + ":00") if moment else None,
        }
        assert shown >= 1
        assert {key: line[key] for key in ("login", "relation", "rows_shown")} == {
            key: row[key] for key in ("login", "relation", "rows_shown")
        }


def test_what_a_view_hands_over_counts_and_not_what_the_reader_keeps_of_it(town: Town) -> None:
    kept = Reads(town)
    with town.session("here", **TODAY) as session:
        many = len(session.ask(RESIDENTS))
        session.ask(f"{RESIDENTS} where last_name = 'Nobody'")
        session.ask(
            "select r.* from municipality.resident as r natural join municipality.voter_age"
        )
        session.ask(f"explain {RESIDENTS}")
    told = [(row["relation"], row["rows_shown"]) for row in kept.rows()]
    assert told[:2] == [("municipality.resident", many)] * 2
    assert sorted(one for one, _ in told[2:]) == ["municipality.resident", "municipality.voter_age"]


def test_nothing_is_kept_of_figures_and_of_who_sees_nothing(town: Town) -> None:
    kept = Reads(town)
    with town.session("figures_here", **TODAY) as session:
        session.ask("select * from statistics.population")
    with town.session("here", municipality=THERE, **TODAY) as session:
        assert session.ask(RESIDENTS) == []
    with town.session(**TODAY) as owner:
        assert owner.ask(RESIDENTS)
    assert kept.rows() == []


@pytest.mark.parametrize("begin", ["begin read only", "set default_transaction_read_only = on"])
def test_a_transaction_that_cannot_keep_it_is_shown_nothing(town: Town, begin: str) -> None:
    kept = Reads(town)
    with town.session("here", **TODAY) as session:
        session.ask(begin)
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction) as refused:
            session.ask(RESIDENTS)
        assert "READ WRITE" in str(refused.value.diag.message_hint)
        session.ask("rollback")
        # Figures are of nobody.
        session.ask("set default_transaction_read_only = off")
        assert session.ask(RESIDENTS)
    assert len(kept.rows()) == 1
    with town.session("figures_here", **TODAY) as session:
        session.ask(begin)
        assert session.ask("select count(*) from statistics.population")[0][0] > 0


@pytest.mark.parametrize("how", ["rollback", "savepoint", "error"])
def test_what_is_rolled_back_is_in_the_servers_log(town: Town, how: str) -> None:
    kept = Reads(town)
    with telling(town, "here", **TODAY) as session:
        session.ask("begin")
        if how == "savepoint":
            session.ask("savepoint before")
        assert session.ask(RESIDENTS)
        if how == "error":
            with pytest.raises(psycopg2.errors.DivisionByZero):
                session.ask("select 1 / 0")
        session.ask("rollback to before" if how == "savepoint" else "rollback")
        session.ask("commit")
        [line] = lines(session)
        assert (line["login"], line["relation"]) == (town.login("here"), "municipality.resident")
        # And no reader keeps a line out of it.
        assert session.is_refused("set log_min_messages = panic")
    assert kept.rows() == []


def test_no_text_of_a_reader_gets_into_the_record(town: Town) -> None:
    """Whoever sees all asks for what they like; a code alone is kept."""
    kept = Reads(town)
    asked = f"{HERE}, 010190-999X, x'; --\n, 12345"
    with telling(town, "everywhere", municipality=asked, **TODAY) as session:
        assert session.ask(RESIDENTS)
        [line] = lines(session)
    [row] = kept.rows()
    assert row["municipalities"] == line["municipalities"] == [HERE]


def test_auditors_read_the_record_and_nobody_writes_it(town: Town) -> None:
    with town.session("here", **TODAY) as session:
        session.ask(RESIDENTS)
        assert session.is_refused("select * from audit.read_access")
        assert session.is_refused("select audit.note_read('x', 1, '{}')")
    changes = (
        "delete from audit.read_access",
        "update audit.read_access set rows_shown = 0",
        "truncate audit.read_access",
    )
    with town.session("audits") as session:
        assert session.ask("select count(*) > 0 from audit.read_access") == [(True,)]
        for one in (
            *changes,
            "select audit.note_read('x', 1, '{}')",
            "insert into audit.read_access (login, relation, rows_shown, municipalities) "
            "values ('x', 'x', 1, '{}')",
        ):
            assert session.is_refused(one), one
    with town.session("operates") as session:
        assert session.is_refused("select * from audit.read_access")
    with town.session() as owner:
        for one in changes:
            assert owner.is_refused(one), one


def test_the_record_is_kept_five_years(town: Town) -> None:
    now = datetime.now(UTC)
    kept = Reads(town)
    old = {"old": now - FIVE_YEARS, "young": now - FIVE_YEARS + timedelta(days=5)}
    for login, moment in old.items():
        execute(
            town.database,
            "insert into audit.read_access (read_at, login, relation, rows_shown, municipalities) "
            f"values ('{moment.isoformat()}', '{login}', 'x', 1, '{{}}')",
        )
    assert forget_old_reads(town.database, now - timedelta(days=30)) == 0
    # A clock that is ahead forgets no more than the server's own.
    assert forget_old_reads(town.database, now + timedelta(days=4000)) == 1
    assert [row["login"] for row in kept.rows()] == ["young"]


def test_what_may_be_set_of_pgaudit_is_said() -> None:
    none = pgaudit_says("db", {})
    assert "is not loaded" in none and "audit.read_access" in none
    off = pgaudit_says("db", {"pgaudit.log": "ddl, -read", "pgaudit.log_statement": "on"})
    assert "alter database db set pgaudit.log = 'read';" in off
    assert "alter database db set pgaudit.log_statement = off;" in off
    with_text = pgaudit_says("db", {"pgaudit.log": "READ, write", "pgaudit.log_statement": "on"})
    assert "pgaudit.log =" not in with_text and "log_statement = off" in with_text
    good = {"pgaudit.log": "all", "pgaudit.log_statement": "off"}
    assert pgaudit_says("db", good) == "pgaudit logs every read, without its text."
