"""Who calls: credentials in both styles, and the X-Road header of the `/r1/` path.

Keep out what a caller may see (`accounts.py`) and the calls themselves (`server.py`).
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vtj_pipeline.sandbox.accounts import Account

XROAD_PATH = "/r1/{instance}/GOV/0245437-2/VTJmutpa/VTJmutpa/api/v1"
_CALLS = re.compile(r"(?:/r1/[^/]+/GOV/0245437-2/VTJmutpa/VTJmutpa)?/api/v1(/.*)")
_INSTANCES = ("FI", "FI-TEST", "FI-DEV")
_CLIENT = re.compile(r"([A-Z-]+)/[A-Z]+/[^/\s]+/[^/\s]+")


def canonical_path(path: str) -> str | None:
    """Return the path of a call of the source without what leads to it, or None for another."""
    match = _CALLS.fullmatch(path)
    return None if match is None else match[1]


def find_account(headers: Mapping[str, str], accounts: Mapping[str, Account]) -> Account | None:
    """Return the account whose credentials the request carries, in either style (contract §1.2)."""
    given = _basic(headers.get("authorization", "")) or (
        headers.get("mutp-tunnus", ""),
        headers.get("mutp-salasana", ""),
    )
    account = accounts.get(given[0])
    if account is None:
        return None
    matches = secrets.compare_digest(account.password.encode(), given[1].encode())
    return account if matches else None


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def xroad_fault(instance: str, client: str | None) -> dict[str, str] | None:
    """Return the envelope of an X-Road fault, or None where the request may pass (§1.4)."""
    if client is None:
        return _fault("Client.BadRequest", "Missing required header X-Road-Client")
    match = _CLIENT.fullmatch(client)
    if match is None:
        return _fault("Client.BadRequest", "Header X-Road-Client is not a client identifier")
    if instance not in _INSTANCES or match[1] != instance:
        return _fault("Server.ClientProxy.UnknownMember", "No such service for this client")
    return None


def _fault(kind: str, message: str) -> dict[str, str]:
    return {"type": kind, "message": message, "detail": secrets.token_hex(8)}
