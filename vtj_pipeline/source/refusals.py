"""Answers that are none: what a refusal or an unreadable body means, in words for a person.

Add here what another status or error of the source means. Keep out tries (`client.py`) and pauses
(`retry.py`). Messages never hold what was asked or answered, but for an X-Road error's code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vtj_pipeline.errors import CursorExpired, SourceError, SourceRefused, UnreadableAnswer
from vtj_pipeline.source.messages import CHANGES, DAY_CURSOR

if TYPE_CHECKING:
    import httpx

_TOO_OLD = (
    ": the source no longer keeps the changes asked for. Run the baseline again (vtj-pipeline run "
    "baseline --fetch-again), then the changes from the day of that baseline on (vtj-pipeline run "
    "changes). It tells how things stand; what became of them in between is lost."
)
_NO_USE = (
    ". Trying again would not help: check VTJ_API_URL, the subscription's municipalities or code "
    "list, and its extra_body."
)
_XROAD_ERROR = re.compile(r"[A-Za-z0-9_.]{1,80}")


def refusal(purpose: str, response: httpx.Response, *, old: bool) -> SourceError:
    """The error that an answer other than 200 means; `old`: more was asked than may be kept."""
    error = _meaning(purpose, response, old=old)
    error.status = response.status_code
    return error


def _meaning(purpose: str, response: httpx.Response, *, old: bool) -> SourceError:
    status = response.status_code
    said = f"{purpose} was refused with status {status}{xroad(response)}"
    if status in (401, 403):
        return SourceRefused(
            f"{said}. Check VTJ_API_USERNAME and VTJ_API_PASSWORD (or the variables that the "
            "subscription names), VTJ_API_AUTH, VTJ_XROAD_CLIENT, and that the permit covers this."
        )
    if purpose in (CHANGES, DAY_CURSOR) and _expired(response, old=old):
        return CursorExpired(said + _TOO_OLD)
    if 200 <= status < 300:
        return UnreadableAnswer(unreadable(purpose, response, "status 200 was expected"))
    if 300 <= status < 400:
        return SourceRefused(
            f"{said}, a redirect, which is not followed. Set VTJ_API_URL to the final address."
        )
    return SourceRefused(said + _NO_USE)


def aged(purpose: str, error: SourceError, *, too_old: bool) -> SourceError:
    """A refusal of which it is known by now whether age was the reason."""
    if isinstance(error, CursorExpired) == too_old:
        return error
    said = f"{purpose} was refused with status {error.status}"
    known: SourceError
    if too_old:
        known = CursorExpired(f"{said}, and answered for today{_TOO_OLD}")
    else:
        known = SourceRefused(said + _NO_USE)
    known.status = error.status
    return known


def _expired(response: httpx.Response, *, old: bool) -> bool:
    """Whether a refusal means that the cursor is too old; the source's own code is unknown."""
    if response.status_code == 410:
        return True
    if response.status_code not in (400, 404):
        return False
    return old or b"viimeisinKirjausavain" in response.content


def unreadable(purpose: str, response: httpx.Response, reason: str) -> str:
    """What to say of a body that is not the agreed JSON."""
    kind = response.headers.get("Content-Type", "").split(";")[0][:60] or "none"
    return (
        f"{purpose} was answered with something that is not the agreed JSON: {reason}. Status "
        f"{response.status_code}, content type {kind}, {len(response.content)} bytes. Check that "
        "VTJ_API_URL ends in /api/v1 and that no gateway answers in the source's place."
    )


def too_large(purpose: str, size: int) -> str:
    """What to say of a body of more bytes than allowed."""
    return (
        f"{purpose} was answered with more than {size // 1_000_000} MB, and nothing of it was "
        "kept. If the source has so much to tell, raise VTJ_API_MAX_ANSWER_MB (an answer takes "
        "several times its size of memory), or ask for fewer municipalities at once; else check "
        "that no gateway answers in the source's place."
    )


def xroad(response: httpx.Response) -> str:
    """The X-Road error's code for a message; empty where there is none."""
    code = xroad_code(response)
    return f" (X-Road {code})" if code else ""


def xroad_code(response: httpx.Response) -> str:
    """The X-Road error's code; empty where there is none, or other text in its place."""
    code: str = response.headers.get("X-Road-Error", "")
    return code if _XROAD_ERROR.fullmatch(code) else ""
