"""How fast old files are read, turned into messages, and landed as pages.

The file is the sandbox's, repeated. Keep out what it must say (`legacy/`).
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import orjson

from vtj_pipeline.legacy.messages import message_of
from vtj_pipeline.legacy.reader import records_in
from vtj_pipeline.legacy.record import Read
from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox.legacy_export import export_legacy

_OPTIONS = SandboxOptions(
    persons=400, days=60, seed=1, start=date(2026, 9, 1), clock=date(2026, 9, 1), activity=60.0
)


def legacy(records: int) -> Iterator[str]:
    """Measure the reader alone, and with messages.

    Args:
        records: About how many records.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = export_legacy(Sandbox(replace(_OPTIONS)), Path(folder), days_a_file=60)
        changes = made.files[-1].read_bytes()
    once, noticed = 0, Read()
    for _ in records_in(io.BytesIO(changes), noticed):
        once += 1
    content = changes * max(1, records // once)
    per_record = noticed.groups / once
    yield (
        f"{len(content) / 1e6:.0f} MB of changes, {per_record:.1f} groups and "
        f"{len(changes) / once:.0f} bytes a record"
    )
    read = Read()
    begun = _Clocks()
    count = sum(1 for _ in records_in(io.BytesIO(content), read))
    yield begun.told("read and checked", count, read.groups)
    begun = _Clocks()
    size = 0
    for one in records_in(io.BytesIO(content), Read()):
        made_of = message_of(one, is_change=True, fallback=_OPTIONS.start, where="f.MTT")
        size += len(orjson.dumps(made_of))
    yield begun.told("to messages in JSON", count, read.groups)
    yield f"{size / 1e6:.0f} MB of JSON"


class _Clocks:
    """Seconds since it was made: on the wall, and of the processor where others use it too."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def told(self, what: str, records: int, groups: int) -> str:
        """One line about so many records."""
        wall, processor = time.perf_counter() - self._wall, time.process_time() - self._processor
        return (
            f"{what}: {records:,} records in {wall:.1f} s: {records / wall:,.0f} records/s, "
            f"{groups / wall:,.0f} groups/s ({records / processor:,.0f} of the processor)"
        )
