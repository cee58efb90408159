"""What is right to say of an answer, read with the standard library, and what the program says.

`wrong_in` names what is not right; the program's own ways of reading are not used to judge it.
Keep out how answers are made (`bodies.py`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from vtj_pipeline.catalogue import CATALOGUE, GROUPS, Field, Kind
from vtj_pipeline.events.reader import PageReader
from vtj_pipeline.events.slices import mended_pages
from vtj_pipeline.landing.pages import Page, pages_file
from vtj_pipeline.source.messages import NotJson, NotTheEnvelope, read_envelope
from vtj_pipeline_tests.attacks.fuzz.bodies import AT, GOOD, LISTS, healthy
from vtj_pipeline_tests.properties.rows import ATTRIBUTES, MASK

PURPOSES = {"change": "muutokset", "base": "perustiedot-vko"}
_CODE = re.compile(r"[0-9A-Z+-]{1,40}")
_HEAD = {"tietoryhma", "muutosattribuutti", "voimassaolevatTiedot"}
Storable = Callable[[list[str]], bool]


@dataclass
class Reader:
    """The events reader of one kind of answer, on an engine of its own.

    Attributes:
        target: Where it writes.
        storable: Whether PostgreSQL takes these texts as jsonb.
    """

    kind: str
    target: Path
    storable: Storable = lambda _: True

    def __post_init__(self) -> None:
        self._engine = duckdb.connect()
        self._engine.execute("set threads = 1")
        self._reader = PageReader(self._engine, self.kind, CATALOGUE)

    def events(self, bodies: list[bytes]) -> list[dict[str, Any]]:
        """The events of answers that landed in one file."""
        self.write(bodies)
        found: list[dict[str, Any]] = pq.read_table(self.target).to_pylist()
        return found

    def write(self, bodies: list[bytes]) -> None:
        """Write the events of answers that landed in one file, read as the program reads them."""
        pages = [Page(place, "?", 1, 2, True, None, "h", 0, 0,
                      datetime(2026, 11, 1, tzinfo=UTC), 200, body)
                 for place, body in enumerate(bodies)]  # fmt: skip
        content = pages_file(pages, subscription="t", kind=self.kind, partition_day=None)
        table = pq.read_table(pa.BufferReader(content))
        try:
            self._reader.read([(table, str(self.target))])
        except duckdb.Error:
            self._reader.read([(mended_pages(table), str(self.target))])

    def wrong_in(self, answers: list[tuple[bytes, bool]]) -> str:
        """What is not right in what the program says of answers; empty: nothing.

        Args:
            answers: Bodies, and whether each has its healthy message, untouched.
        """
        accepted: list[tuple[bytes, bool, int]] = []
        for body, whole in answers:
            try:
                answered = read_envelope(PURPOSES[self.kind], body).answered
            except (NotJson, NotTheEnvelope) as error:
                if whole:
                    return f"refused although only a message is wrong ({error}): {body[:3000]!r}"
            else:
                accepted.append((body, whole, answered))
        events = self.events([body for body, _, _ in accepted])
        for place, (body, whole, answered) in enumerate(accepted):
            own = [one for one in events if one["page"] == place]
            reason = (
                self._unfit(own)
                or (_healthy_is_missing(self.kind, own) if whole else "")
                or _differs(self.kind, body, answered, own)
            )
            if reason:
                return f"{reason}: {body[:3000]!r}"
        return ""

    def _unfit(self, events: list[dict[str, Any]]) -> str:
        texts = [one[key] for one in events for key in ("payload", "valid_now") if one[key]]
        names = [one[key] for one in events for key in ("subject", "tietoryhma") if one[key]]
        if any("\0" in text or len(text) > 100 for text in names):
            return "a name that no index holds"
        for one in events:
            if one["fault"] and (one["payload"] or one["valid_now"]):
                return "what could not be read is quoted"
            if not 1000 <= one["recorded_at"].year <= 9999:
                return "a moment beyond the calendar"
        return "" if self.storable(texts) else "what PostgreSQL cannot hold"


def _healthy_is_missing(kind: str, events: list[dict[str, Any]]) -> str:
    (wanted,) = healthy(kind)["tietoryhmat"]
    found = [one for one in events if one["subject"] == GOOD]
    if len(found) != 1 or found[0]["fault"]:
        return "the healthy message is not there once, without fault"
    payload = json.loads(found[0]["payload"])
    if payload["ammatti"] != wanted["ammatti"] or payload["alkupv"]["arvo"] != "2001-01-01":
        return "the healthy message is not as it was"
    return ""


def _differs(  # noqa: C901  # one place after another
    kind: str, body: bytes, answered: int, events: list[dict[str, Any]]
) -> str:
    """Where the events are not those of the answer as the standard library reads it."""
    try:
        told = _read(body)[LISTS[kind]]
    except (ValueError, RecursionError):
        return ""
    if len(told) != answered:
        return "another number of messages"
    found = {(one["message"], one["line"]): one for one in events}
    if len(found) != len(events):
        return "two events of one place"
    wanted: set[tuple[int, int]] = set()
    for number, message in enumerate(told, 1):
        whole = found.get((number, 0))
        if whole is not None:
            wanted.add((number, 0))
            if not whole["fault"] or _is_fine(kind, message):
                return "a message that can be read is none"
            continue
        rows = message.get("tietoryhmat") if isinstance(message, dict) else None
        if not isinstance(rows, list):
            return "a message without rows is not in quarantine"
        places = [(number, line) for line, _ in enumerate(rows, 1)]
        wanted.update(places)
        for place, row in zip(places, rows, strict=True):
            if place not in found:
                return "a row is lost"
            if reason := _row_differs(kind, message, row, found[place]):
                return reason
    return "" if wanted == set(found) else "an event of nothing"


class _Number(str):
    """A number as it is spelt."""


class _Object(dict[str, Any]):
    """An object; the first of several keys counts.

    Attributes:
        is_told_twice: It has a key twice.
        depth: How deep it goes.
        is_beyond: Something in it, also under a key that does not count, is no number or no text.
    """

    is_told_twice = False
    is_beyond = False
    depth = 0


def _first(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(reversed(pairs))
    made.is_told_twice = len(made) < len(pairs)
    values = [value for _, value in pairs]
    made.depth = 1 + max((_depth(value) for value in values), default=0)
    made.is_beyond = any(_is_beyond(one) for pair in pairs for one in pair)
    return made


def _depth(value: Any) -> int:
    if isinstance(value, _Object):
        return value.depth
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def _is_beyond(value: Any) -> bool:
    if isinstance(value, _Object):
        return value.is_beyond
    if isinstance(value, list):
        return any(map(_is_beyond, value))
    if isinstance(value, _Number):
        return not isfinite(float(value))
    return isinstance(value, str) and value.encode(errors="ignore").decode() != value


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _read(text: bytes | str) -> Any:
    """A document as the standard library reads it; numbers as they are spelt."""
    return json.loads(
        text,
        object_pairs_hook=_first,
        parse_float=_Number,
        parse_int=_Number,
        parse_constant=_no_number,
    )


def _is_fine(kind: str, message: Any) -> bool:
    """Whether a message can be read, whatever its rows are."""
    return (
        isinstance(message, _Object)
        and "unreadable_json" not in message
        and type(message.get("henkilotunnus")) is str
        and _CODE.fullmatch(message["henkilotunnus"]) is not None
        and isinstance(message.get("tietoryhmat"), list)
        and (kind == "base" or message.get("muutospv") == AT)
        and message.depth < 900
        and not message.is_beyond
    )


def _row_differs(kind: str, message: Any, row: Any, event: dict[str, Any]) -> str:
    if not isinstance(row, dict):
        return "" if event["fault"] else "what is no row is none in quarantine"
    if type(message["henkilotunnus"]) is str and event["subject"] != message["henkilotunnus"]:
        return "another subject"
    if isinstance(row.get(MASK), list) and not event["masked"]:
        return "a withheld row is not withheld"
    if event["fault"]:
        return ""
    if type(row.get("tietoryhma")) is str and row["tietoryhma"] != event["tietoryhma"]:
        return "another group"
    if kind == "change" and row.get("muutosattribuutti") not in ATTRIBUTES:
        return "a row without a known attribute"
    if "\0" in json.dumps(row) or "\\u0000" in json.dumps(row).replace("\\\\", ""):
        return "a row with NUL"
    if row.is_told_twice:
        return "a row that says a thing twice"
    return _content_differs(row, event)


def _content_differs(row: dict[str, Any], event: dict[str, Any]) -> str:
    group = GROUPS.get(event["tietoryhma"])
    payload = _read(event["payload"])
    aliases = {a: f.name for f in group.fields for a in f.aliases} if group else {}
    content = {aliases.get(key, key): value for key, value in row.items() if key not in _HEAD}
    if group is None or not group.is_known or event["unknown_fields"]:
        same = _plain(payload) == _plain(content)
        return "" if same else "another content"
    fields = {one.name: one for one in group.fields}
    for name, value in content.items():
        if name in fields and not _says(fields[name], value, payload.get(name)):
            return f"another value of a field of kind {fields[name].kind}"
    return ""


def _plain(value: Any) -> Any:
    """A value whose numbers are compared as numbers."""
    if isinstance(value, _Number):
        # What is nearly nothing is nothing.
        return Decimal(value) if float(value) else Decimal(0)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _says(field: Field, value: Any, found: Any) -> bool:
    """Whether a field's value came through; one of another shape is for the reader to judge."""
    if value is None:
        return found is None or field.kind not in (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN)
    if field.kind in (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN):
        return _same(value, found)
    if field.kind is Kind.PARTIAL_DATE and isinstance(value, dict):
        return all(_same(value.get(part), found[part]) for part in ("arvo", "tarkkuus"))
    if field.kind is Kind.LOCALIZED and isinstance(value, dict):
        return all(_same(value.get(part), found[part]) for part in ("fi", "sv"))
    if field.kind in (Kind.TEXT_LIST, Kind.OBJECT_LIST) and isinstance(value, list):
        return found is not None and len(found) == len(value)
    return True


def _same(value: Any, found: Any) -> bool:
    """Whether a plain value came through as text, as everything is read."""
    if isinstance(value, (dict, list)):
        return True
    if isinstance(value, _Number):
        return found is not None and float(found) == float(value)
    return found == (str(value).lower() if isinstance(value, bool) else value)


def counted(reasons: Counter[str]) -> str:
    """How often what was found."""
    return ", ".join(f"{reason}: {number}" for reason, number in reasons.most_common()) or "none"
