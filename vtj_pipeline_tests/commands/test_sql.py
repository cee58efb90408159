"""`vtj-pipeline sql`: what a person types, what comes back, and what can not happen."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vtj_pipeline.commands.session import READING, SEARCH_PATH, Session, reading, split
from vtj_pipeline.commands.sql import converse, open_psql, psql_program, run_sql
from vtj_pipeline.errors import DatabaseUnavailable, PermanentError
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings

COMMAND = str(Path(sys.executable).with_name("vtj-pipeline"))
TYPES = (
    "select 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as u, date 'infinity' as d, "
    "1.50::numeric as n, '{\"a\": 1}'::jsonb as j, array['x'] as l, interval '1 day' as i, "
    "null::date as z, 3 as k, 2.5::float8 as f, true as b, daterange('2026-01-01', null) as r"
)


@pytest.fixture
def filled(one_database: Database) -> Database:
    """A database with a view that follows a setting, and the function that sets it."""
    with one_database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "create schema municipality; create schema register;"
            "create table register.resident (n int);"
            "create view municipality.resident as "
            "select coalesce(current_setting('vtj.valid_at', true), 'now') as day;"
            "create function public.as_of(day date) returns date language plpgsql as $$ begin "
            "perform set_config('vtj.valid_at', day::text, false); "
            "raise notice 'as of %', day; return day; end $$"
        )
    return one_database


@pytest.fixture
def session(filled: Database) -> Iterator[Session]:
    with reading(filled) as session:
        yield session


def typed(*lines: str | type[BaseException]) -> Callable[[str], str]:
    """The lines of a person; an exception stands for a key."""
    rest = iter(lines)

    def read(_: str) -> str:
        line = next(rest, EOFError)
        if isinstance(line, str):
            return line
        raise line

    return read


def environment(database: Database, home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VTJ_", "PSQL"))}
    return {**kept, "VTJ_HOME": str(home), "VTJ_POSTGRES_URL": database.url, "TERM": "dumb"}


def command(
    database: Database, home: Path, *arguments: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "sql", *arguments],
        env=environment(database, home),
        input=given,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("text", "whole", "rest"),
    [
        ("select 1; select 2;", ["select 1", "select 2"], ""),
        ("select 1; select", ["select 1"], "select"),
        ("select ';\n", [], "select ';\n"),
        ("select 'a;''b';", ["select 'a;''b'"], ""),
        ('select ";" ; select 2', ['select ";"'], "select 2"),
        ("do $$ begin; end $$;", ["do $$ begin; end $$"], ""),
        ("do $x$ ; $$ ; ", [], "do $x$ ; $$ ; "),
        ("-- it's; \nselect 1;", ["-- it's; \nselect 1"], ""),
        ("/* a /* ; */ ; */ select 1;", ["/* a /* ; */ ; */ select 1"], ""),
        ("select 1; -- that was all", ["select 1"], ""),
        (";; ;", [], ""),
        ("explain select ';'; show x;", ["explain select ';'", "show x"], ""),
        ("select 'å;😀' ; select 'ö';", ["select 'å;😀'", "select 'ö'"], ""),
    ],
)
def test_a_statement_ends_where_postgresql_says(text: str, whole: list[str], rest: str) -> None:
    assert split(text) == (whole, rest)


def test_what_is_set_holds_and_names_need_no_schema(session: Session) -> None:
    session.ask("set vtj.valid_at = '2026-01-01'")
    table = session.ask("select day from resident")
    assert table is not None and table.to_pylist() == [{"day": "2026-01-01"}]
    table = session.ask("set vtj.valid_at = '2026-02-02'; select day from resident")
    assert table is not None and table.to_pylist() == [{"day": "2026-02-02"}]
    assert session.ask("set vtj.valid_at = '2026-03-03'") is None
    table = session.ask("show search_path")
    assert table is not None and table[0][0].as_py() == ",".join(SEARCH_PATH)


def test_a_public_function_may_set_it(session: Session) -> None:
    session.ask("select as_of('2026-01-01')")
    assert session.notices() == ["NOTICE:  as of 2026-01-01"] and session.notices() == []
    table = session.ask("select day from resident")
    assert table is not None and table.to_pylist() == [{"day": "2026-01-01"}]


def test_every_type_is_shown_as_postgresql_writes_it(session: Session) -> None:
    table = session.ask(TYPES)
    assert table is not None
    assert table.to_pylist() == [
        {
            "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "d": "infinity",
            "n": "1.50",
            "j": '{"a": 1}',
            "l": "{x}",
            "i": "1 day",
            "z": None,
            "k": 3,
            "f": 2.5,
            "b": True,
            "r": "[2026-01-01,)",
        }
    ]
    table = session.ask("select 1 as a, 2 as a where false")
    assert table is not None and (table.num_rows, table.column_names) == (0, ["a", "a"])


@pytest.mark.parametrize(
    "statement",
    [
        "delete from register.resident",
        "create table public.t (n int)",
        "set vtj.valid_at = '2026-01-01'; delete from register.resident",
    ],
)
def test_it_only_reads(session: Session, statement: str) -> None:
    with pytest.raises(PermanentError, match="read-only transaction") as caught:
        session.ask(statement)
    assert len(str(caught.value).splitlines()) == 1
    assert session.ask("select 1") is not None


def test_it_writes_where_it_was_told_to(session: Session) -> None:
    session.ask("set default_transaction_read_only = off")
    session.ask("insert into register.resident values (1)")


@pytest.mark.parametrize("statement", ["copy (select 1) to stdout", "", "-- x"])
def test_what_it_cannot_do_is_one_line(session: Session, statement: str) -> None:
    with pytest.raises(PermanentError) as caught:
        session.ask(statement)
    assert len(str(caught.value).splitlines()) == 1
    assert session.ask("select 1") is not None


def test_a_server_that_is_gone_ends_the_session(filled: Database, session: Session) -> None:
    with filled.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
    with pytest.raises(DatabaseUnavailable):
        session.ask("select 1")


def test_a_person_makes_mistakes_and_goes_on(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = typed(
        "select nothing from",
        "  resident; select as_of('2026-05-05');",
        "select oops",
        KeyboardInterrupt,
        "select day as asked from resident; select",
        r"\q",
        "select 'not reached';",
    )
    assert converse(session, "csv", lines, is_person=True) == 1
    said = capsys.readouterr()
    assert said.out.splitlines() == ["as_of", "2026-05-05", "", "asked", "2026-05-05"]
    error, notice = said.err.splitlines()
    assert error.startswith('error: The query was not answered: column "nothing" does not exist')
    assert notice == "NOTICE:  as of 2026-05-05"


def test_the_end_of_input_sends_the_rest_unless_a_person_typed_it(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    assert converse(session, "json", typed("select 1 as a; select 2 as b")) == 0
    assert capsys.readouterr().out == '{"a": 1}\n{"b": 2}\n'
    assert converse(session, "json", typed("select 2 as b"), is_person=True) == 0
    assert capsys.readouterr().out == "\n"
    assert converse(session, "json", typed("selec 2")) == 1


def test_several_statements_are_piped(filled: Database, tmp_path: Path) -> None:
    given = "set vtj.valid_at =\n'2026-01-01'; selec 1;\nselect day from resident; -- end\n"
    done = command(filled, tmp_path, "--format", "json", given=given)
    assert (done.returncode, done.stdout) == (1, '{"day": "2026-01-01"}\n')
    assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1
    done = command(filled, tmp_path, given="select 1 as a; select 2 as b")
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["a", "1", "b", "2"], "")


def test_several_statements_in_one_option(filled: Database, tmp_path: Path) -> None:
    both = "set vtj.valid_at = '2026-01-01'; select day from resident"
    done = command(filled, tmp_path, "-c", both)
    assert (done.returncode, done.stdout.split()) == (0, ["day", "2026-01-01"])
    done = command(filled, tmp_path, "-c", "select 1; drop table register.resident")
    assert done.returncode == 1 and "read-only" in done.stderr


def test_an_interrupt_ends_a_query_that_is_given(filled: Database, tmp_path: Path) -> None:
    given = [COMMAND, "sql", "-c", "select pg_sleep(60)"]
    with subprocess.Popen(given, env=environment(filled, tmp_path)) as process:
        wait_until(filled, "select 1 from pg_stat_activity where query like 'select pg_sleep%'")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130


def test_an_interrupt_at_a_terminal_stops_the_statement_alone(
    filled: Database, tmp_path: Path
) -> None:
    with terminal(filled, tmp_path, "--format", "csv") as (master, process):
        type_in(master, "set vtj.valid_at = '2026-01-01';\nselect pg_sleep(60);\n")
        wait_until(filled, "select 1 from pg_stat_activity where query like 'select pg_sleep%'")
        type_in(master, "\x03")
        type_in(master, "select day || '!' from resident;\n\\q\n")
        assert "2026-01-01!" in read_all(master)
        assert process.wait(10) == 0


def test_psql_opens_at_a_terminal(filled: Database, tmp_path: Path) -> None:
    with terminal(filled, tmp_path) as (master, process):
        type_in(master, "show search_path;\nselect as_of('2026-01-01');\nselect 'day' || day\n")
        type_in(master, "from resident;\ndelete from register.resident;\nselect pg_sleep(60);\n")
        wait_until(filled, "select 1 from pg_stat_activity where query like 'select pg_sleep%'")
        type_in(master, "\x03")
        type_in(master, "\\echo still here\n\\q\n")
        said = read_all(master)
        assert process.wait(10) == 0
    assert ",".join(SEARCH_PATH) in said
    assert "day2026-01-01" in said
    assert "cannot execute DELETE in a read-only transaction" in said
    assert "still here" in re.sub(r"\\echo still here", "", said)


def test_psqls_command_line_holds_no_secret() -> None:
    secret = "p4ss%2Fword"
    database = Database(
        f"postgresql://me:{secret}@db.example:6543/vtj?sslmode=verify-full&sslpassword=k3y"
        "&options=-c%20statement_timeout%3D5s"
    )
    address, secrets = database.for_programs(READING)
    assert "word" not in address and "k3y" not in address
    assert secrets == {"PGPASSWORD": "p4ss/word"}
    for part in ("db.example", "6543", "user=me", "sslmode=verify-full", "statement_timeout=5s"):
        assert part in address
    assert "default_transaction_read_only=on" in address


def test_a_psql_that_fails_is_a_failure(filled: Database) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(PermanentError, match="status 1"):
            open_psql("false", filled)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_which_psql_opens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    embedded = Settings(home=tmp_path)
    named = Settings(home=tmp_path, postgres_url="postgresql://db.example/vtj")
    monkeypatch.setattr("shutil.which", lambda _: "/system/psql")
    assert "pginstall" in str(psql_program(embedded))
    assert psql_program(named) == "/system/psql"
    monkeypatch.setattr("vtj_pipeline.commands.sql.find_spec", lambda _: None)
    assert psql_program(embedded) == "/system/psql"
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert psql_program(embedded) is None


def test_without_psql_the_small_client_opens(
    filled: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VTJ_POSTGRES_URL", filled.url)
    monkeypatch.setattr("vtj_pipeline.commands.sql.psql_program", lambda _: None)
    keyboard = io.StringIO("select 1 as one;\n")
    monkeypatch.setattr(keyboard, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", keyboard)
    run_sql(None, "json")
    assert json.loads(capsys.readouterr().out.splitlines()[1].removeprefix("vtj=> ")) == {"one": 1}


class terminal:  # noqa: N801  # used as a function
    """The command at a terminal of its own."""

    def __init__(self, database: Database, home: Path, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [COMMAND, "sql", *arguments],
            env={**environment(database, home), "PAGER": "cat"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            # Opened by the leader of a session, it becomes the session's own: Ctrl-C gets there.
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509
        )
        os.close(slave)

    def __enter__(self) -> tuple[int, subprocess.Popen[bytes]]:
        return self.master, self.process

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def type_in(master: int, keys: str) -> None:
    os.write(master, keys.encode())


def read_all(master: int) -> str:
    said = b""
    while True:
        try:
            more = os.read(master, 65536)
        except OSError:  # the other end is closed
            more = b""
        if not more:
            return said.decode().replace("\r", "")
        said += more


def wait_until(database: Database, query: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(query)
            if cursor.fetchall():
                return
        time.sleep(0.1)
    pytest.fail(f"never so: {query}")
