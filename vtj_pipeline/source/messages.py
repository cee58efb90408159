"""The envelopes of the source's requests and answers: keys, types, nothing of the content.

Add a key here when an envelope gains one. Keep out the rows of a person (`events/`) and HTTP
(`client.py`). Contract §2. Unknown properties are accepted everywhere; an unused key of a request
is left out, never null (contract §1.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.source.salvage import readable, told_twice

DAY_CURSOR = "kirjausavain"
CHANGES = "muutokset"
BASIC_DATA = "perustiedot"
WEEKLY_COPY = "perustiedot-vko"

LARGEST_CURSOR = 2**63 - 1
# An object of Python takes sixty times as much as its brackets; rows have 20 bytes a bracket.
_SMALL, _BYTES_A_BRACKET = 1_000_000, 8
_FINNISH_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


class NotTheEnvelope(ValueError):
    """A body is JSON without the agreed keys; the text names the key, never a value."""


class NotJson(ValueError):
    """A body is not JSON, or ends too early."""


@dataclass(frozen=True)
class Envelope:
    """What the envelope of an answer says.

    Attributes:
        cursor: `viimeisinKirjausavain`, where the answer has one.
        caught_up: `ajanTasalla`, where the answer has one.
        answered: Messages or persons in the body.
        extraction_date: `poimintapv` of a weekly copy, as a Finnish calendar day.
    """

    cursor: int | None = None
    caught_up: bool | None = None
    answered: int = 0
    extraction_date: date | None = None


@dataclass(frozen=True)
class Answer:
    """One answer of the source, its body as received.

    Attributes:
        purpose: The endpoint: `muutokset`, `perustiedot` or `perustiedot-vko`.
        status: HTTP status.
        body: The body's bytes, after content decoding, otherwise untouched.
        fetched_at: When the body was complete, UTC.
        cursor_out: Cursor to go on with, for changes.
        caught_up: Whether the source has nothing more now.
        answered: Messages (changes) or persons (basic data) in the body.
        extraction_date: The day that a weekly copy was taken.
    """

    purpose: str
    status: int
    body: bytes
    fetched_at: datetime
    cursor_out: int | None
    caught_up: bool | None
    answered: int
    extraction_date: date | None


def changes_request(
    cursor: int, codes: Sequence[str] | None, extra: Mapping[str, Any]
) -> dict[str, Any]:
    """The body of `muutokset`, contract §2.2."""
    body: dict[str, Any] = {**extra, "viimeisinKirjausavain": cursor}
    if codes is not None:
        body["hetulista"] = list(codes)
    return body


def basic_data_request(
    *,
    codes: Sequence[str] | None = None,
    municipalities: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The body of `perustiedot` and `perustiedot-vko`, contract §2.3 and §2.4."""
    body: dict[str, Any] = {}
    if codes is not None:
        body["hetulista"] = list(codes)
    if municipalities is not None:
        body["kuntakoodit"] = list(municipalities)
    if groups is not None:
        body["tietoryhmat"] = list(groups)
    return body


def read_envelope(purpose: str, body: bytes) -> Envelope:
    """Check an answer's envelope and take from it what the program needs.

    Raises:
        NotJson: the body is not JSON.
        NotTheEnvelope: a key of contract §2 is missing or of another type.
    """
    document = _object(body)
    if purpose == DAY_CURSOR:
        return Envelope(cursor=_cursor(document))
    if told_twice(body):
        msg = "its list of messages stands there twice"
        raise NotTheEnvelope(msg)
    if purpose == CHANGES:
        return Envelope(
            cursor=_cursor(document),
            caught_up=_flag(document),
            answered=len(_list(document, "muutokset")),
        )
    return Envelope(
        caught_up=_flag(document),
        answered=len(_list(document, "perustiedot")),
        extraction_date=_extraction_date(document) if purpose == WEEKLY_COPY else None,
    )


def codes_of(body: bytes) -> list[str]:
    """The identity codes (`henkilotunnus`) of the persons in an answer with basic data.

    Raises:
        NotJson: the body is not JSON.
        NotTheEnvelope: a person has no `henkilotunnus`.
    """
    codes = []
    for person in _list(_object(body), "perustiedot"):
        code = person.get("henkilotunnus") if isinstance(person, dict) else None
        if not isinstance(code, str):
            raise NotTheEnvelope(_fault("perustiedot[].henkilotunnus", "a text"))
        codes.append(code)
    return codes


def subjects_of(body: bytes) -> set[str]:
    """The identity codes that an answer with changes names as subjects, as far as it can be read.

    Raises:
        NotJson: the body is not JSON.
        NotTheEnvelope: there is no list of messages.
    """
    codes = (
        message.get("henkilotunnus")
        for message in _list(_object(body), "muutokset")
        if isinstance(message, dict)
    )
    return {code for code in codes if isinstance(code, str)}


def _object(body: bytes) -> dict[str, Any]:
    if len(body) > _SMALL and body.count(b"{") + body.count(b"[") > len(body) / _BYTES_A_BRACKET:
        msg = "it is hardly more than brackets, which would take far more memory than its size"
        raise NotTheEnvelope(msg)
    document = _parsed(body)
    if document is None:
        text = readable(body)
        # Raised here, outside the handler: the parser's error carries the whole body along.
        if text is None:
            msg = "it is not JSON"
            raise NotJson(msg)
        document = _parsed(text)
    if not isinstance(document, dict):
        msg = "it is JSON, but not an object"
        raise NotTheEnvelope(msg)
    return document


def _parsed(body: bytes) -> Any:
    """The document; None if it is not JSON, or says nothing else."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _cursor(document: dict[str, Any]) -> int:
    value = document.get("viimeisinKirjausavain")
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value) if len(value) < 20 else None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_CURSOR:
        raise NotTheEnvelope(_fault("viimeisinKirjausavain", "a 64-bit whole number"))
    return value


def _flag(document: dict[str, Any]) -> bool:
    value = document.get("ajanTasalla")
    if not isinstance(value, bool):
        raise NotTheEnvelope(_fault("ajanTasalla", "true or false"))
    return value


def _list(document: dict[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    if not isinstance(value, list):
        raise NotTheEnvelope(_fault(key, "a list"))
    return value


def extraction_day(value: object) -> date | None:
    """The Finnish day that a `poimintapv` tells; None if it tells none (contract §9 row 22)."""
    return _day(value.strip()) if isinstance(value, str) else None


def _extraction_date(document: dict[str, Any]) -> date:
    found = extraction_day(document.get("poimintapv"))
    if found is not None:
        return found
    raise NotTheEnvelope(_fault("poimintapv", "a date"))


def _day(text: str) -> date | None:
    # The format is not documented (contract §9 row 22): every spelling of a day is accepted.
    finnish = _FINNISH_DATE.match(text)
    try:
        if finnish:
            return date(int(finnish[3]), int(finnish[2]), int(finnish[1]))
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(HELSINKI).date() if moment.tzinfo else moment.date()


def _fault(key: str, kind: str) -> str:
    return f"its key {key} is missing or not {kind}"
