"""The sandbox's days as files of the retired Muutostietopalvelu: a base file and files of changes.

So that what one road leads to can be held against the other. Keep out records
(`legacy_records.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.sandbox.accounts import CENSORED
from vtj_pipeline.sandbox.legacy_records import NEW_LINE, RecordWriter

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.simulation import Sandbox

Message = dict[str, Any]
CUSTOMER, REGISTER = "99999", "SANDBOX"
_MOST_CODES = 1000


@dataclass(frozen=True)
class Export:
    """Files that were written, and records in them."""

    files: tuple[Path, ...]
    records: int


def export_legacy(
    sandbox: Sandbox,
    folder: Path,
    *,
    until: date | None = None,
    days_a_file: int = 7,
    account: str = CENSORED,
) -> Export:
    """Write a base file of the sandbox's first day, and what changed from then on.

    Args:
        sandbox: Its clock stands at its first day; it is moved on.
        folder: Where the files go; made.
        until: The first day that is not told any more; by default that of the options' last day.
        days_a_file: How many days one file of changes holds.
        account: Through whose eyes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    start = sandbox.today
    end = until or start + timedelta(days=sandbox.options.days)
    writer = RecordWriter()
    base = folder / f"{CUSTOMER}_PT{start:%y%m%d}{REGISTER}_001.PTT"
    files, records = [base], _write(base, _base(sandbox, writer, account))
    cursor = sandbox.cursor_of_day(start)
    number, day = 0, start
    while day < end:
        last = min(day + timedelta(days=days_a_file), end)
        sandbox.advance_to(last)
        number, named = number + 1, last - timedelta(days=1)
        path = folder / f"{CUSTOMER}_{named:%Y%m%d}{REGISTER}_{(number - 1) % 999 + 1:03}.MTT"
        messages, cursor = _messages(sandbox, cursor, account)
        lines = list(_records(writer, messages))
        records += _write(path, lines)
        files.append(path)
        day = last
    return Export(tuple(files), records)


def _base(sandbox: Sandbox, writer: RecordWriter, account: str) -> list[str]:
    codes = sandbox.in_scope_codes(account)
    lines = []
    for first in range(0, len(codes), _MOST_CODES):
        answer = sandbox.basic_data(codes[first : first + _MOST_CODES], account=account)
        for person in answer["perustiedot"]:
            line = writer.record(
                person["henkilotunnus"], sandbox.today, person["tietoryhmat"], is_base=True
            )
            if line is not None:
                lines.append(line)
    return lines


def _messages(sandbox: Sandbox, cursor: int, account: str) -> tuple[list[Message], int]:
    """What changed since, and where the next reading begins."""
    found: list[Message] = []
    caught_up = False
    while not caught_up:
        answer = sandbox.changes(cursor, account=account)
        cursor, caught_up = answer["viimeisinKirjausavain"], answer["ajanTasalla"]
        found += answer["muutokset"]
    return found, cursor


def _records(writer: RecordWriter, messages: list[Message]) -> Iterator[str]:
    for message in messages:
        moment = datetime.fromisoformat(message["muutospv"]).astimezone(HELSINKI)
        line = writer.record(
            message["henkilotunnus"], moment.date(), message["tietoryhmat"], is_base=False
        )
        if line is not None:
            yield line


def _write(path: Path, lines: list[str]) -> int:
    path.write_bytes("".join(line + NEW_LINE for line in lines).encode("latin-1"))
    return len(lines)
