"""What a request to the sandbox must hold: credentials, X-Road header, and the body's properties.

The source forbids unknown properties and nulls (contract §1.3). Keep out answers (`core`) and
routes (`server`).
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from vtj_pipeline.sandbox.core import ACCOUNTS, MOST_CODES, RequestRefusedError

INSTANCES = ("FI", "FI-TEST", "FI-DEV")


def account_of(headers: Mapping[str, str]) -> str | None:
    """Return the account whose credentials the headers hold, Basic or MUTP-*, or None (§1.2)."""
    name, password = headers.get("mutp-tunnus", ""), headers.get("mutp-salasana", "")
    scheme, _, coded = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(coded, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return None
        name, _, password = pair.partition(":")
    account = ACCOUNTS.get(name)
    return name if account is not None and account.password == password else None


@dataclass(frozen=True)
class RoadFault:
    """What is wrong with an X-Road call, in X-Road's own words (contract §1.4)."""

    status: int
    kind: str
    message: str


def road_fault(instance: str, headers: Mapping[str, str]) -> RoadFault | None:
    """Return what a security server has against a call on its path, or None (contract §1.2)."""
    client = headers.get("x-road-client")
    if client is None:
        return RoadFault(400, "Client.MissingHeader", "Required header X-Road-Client is missing")
    parts = client.split("/")
    if len(parts) != 4 or not all(parts):
        message = "X-Road-Client must be instance/class/member code/subsystem"
        return RoadFault(400, "Client.BadRequest", message)
    if instance not in INSTANCES or parts[0] != instance:
        message = "The instance of the path or of X-Road-Client is not known here"
        return RoadFault(500, "Server.ClientProxy.UnknownMember", message)
    return None


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_cursor(value: object) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isdigit()
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def body_of(raw: bytes, *, allowed: tuple[str, ...], required: tuple[str, ...]) -> dict[str, Any]:
    """Return the body of a POST, checked property by property.

    Args:
        raw: The bytes that came.
        allowed: Properties that may be there.
        required: Properties that must be there.

    Raises:
        RequestRefusedError: Not a JSON object, an unknown or missing property, or a wrong type.
            The message never repeats a value.
    """
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        msg = "The body is not JSON."
        raise RequestRefusedError(msg) from None
    if not isinstance(body, dict):
        msg = "The body is not a JSON object."
        raise RequestRefusedError(msg)
    if unknown := set(body) - set(allowed):
        msg = f"{len(unknown)} unknown properties; allowed: {', '.join(allowed)}."
        raise RequestRefusedError(msg)
    if missing := [name for name in required if name not in body]:
        msg = f"The body lacks {', '.join(missing)}."
        raise RequestRefusedError(msg)
    for name, value in body.items():
        right = _is_cursor(value) if name == "viimeisinKirjausavain" else _is_texts(value)
        if not right:
            msg = f"{name} has the wrong type."
            raise RequestRefusedError(msg)
    return body


def codes_of(body: Mapping[str, Any]) -> list[str] | None:
    """Return `hetulista` of a basic data request, refusing more than 1000 codes (§1.4)."""
    codes: list[str] | None = body.get("hetulista")
    if codes is not None and len(codes) > MOST_CODES:
        msg = f"hetulista had {len(codes)} codes; give at most {MOST_CODES}."
        raise RequestRefusedError(msg)
    return codes


def date_of(text: object, what: str) -> date:
    """Return a yyyy-MM-dd date, or refuse, naming what it was for."""
    msg = f"{what} must be a date written yyyy-MM-dd."
    if not isinstance(text, str) or len(text) != len("yyyy-MM-dd"):
        raise RequestRefusedError(msg)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RequestRefusedError(msg) from None
