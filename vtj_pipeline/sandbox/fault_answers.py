"""What faults look like over HTTP: an ASGI layer between the server and the service.

It touches the source's own calls alone, never `/sandbox`. Add the look of a fault here; keep out
which request meets it (`fault_plan.py`).
"""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, NamedTuple

import orjson

from vtj_pipeline.sandbox import fault_plan as f
from vtj_pipeline.sandbox.http_access import canonical_path

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    Headers = list[tuple[bytes, bytes]]

_STATUSES = (500, 502, 503)
_HTML = b"text/html; charset=utf-8"
_JSON = b"application/json"
_CREDENTIALS = (b"authorization", b"mutp-tunnus", b"mutp-salasana")
LOGIN_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in</h1>"
    b'<form method="post"><input name="user"><input name="password" type="password">'
    b"</form></body></html>"
)
_ERROR_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>gateway</body></html>"
_REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes


class Faulty:
    """A service some of whose answers go wrong."""

    def __init__(self, service: ASGIApp, dice: f.FaultDice) -> None:
        """Stand before a service; `dice` may be replaced while it runs."""
        self.dice = dice
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = canonical_path(scope["path"]) if scope["type"] == "http" else None
        if path is None:
            await self._service(scope, receive, send)
            return
        body = await _body(receive)
        credentials = [value for name, value in scope["headers"] if name in _CREDENTIALS]
        asked = (scope["method"].encode(), path.encode(), *credentials, body)
        dice = self.dice
        kind, number = dice.decide(b"\0".join(asked))
        if kind in f.SPOILED:
            await self._spoil(kind, dice, (scope, _replayed(body, receive), send))
        elif kind is not None:
            dice.injected[kind] += 1
            await _reply(send, _instead(kind, number, dice.plan))
        else:
            await self._service(scope, _replayed(body, receive), send)

    async def _spoil(
        self, kind: str, dice: f.FaultDice, exchange: tuple[Scope, Receive, Send]
    ) -> None:
        scope, receive, send = exchange
        if kind == f.SLOW:
            dice.injected[kind] += 1
            await asyncio.sleep(dice.plan.slow_seconds)
            await self._service(scope, receive, send)
            return
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await self._service(scope, receive, keep)
        answer = Answer(
            sent[0]["status"],
            [pair for pair in sent[0].get("headers", ()) if pair[0] != b"content-length"],
            b"".join(message.get("body", b"") for message in sent[1:]),
        )
        # A refusal is left as it is: the fault would hide what the caller did wrong.
        if answer.status >= 400:
            await _reply(send, answer)
            return
        dice.injected[kind] += 1
        await _reply_badly(kind, send, answer)


async def _reply_badly(kind: str, send: Send, answer: Answer) -> None:
    half = answer.body[: max(1, len(answer.body) // 2)]
    if kind == f.TRUNCATED:
        await _reply(send, answer._replace(body=half))
    elif kind == f.WRONG_TYPE:
        others = [pair for pair in answer.headers if pair[0] != b"content-type"]
        await _reply(send, answer._replace(headers=[*others, (b"content-type", b"text/plain")]))
    else:
        headers = list(answer.headers)
        if kind == f.CUT:
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        # Returning before the last piece makes the server close the connection.
        await send({"type": "http.response.body", "body": half, "more_body": True})


async def _reply(send: Send, answer: Answer) -> None:
    length = (b"content-length", str(len(answer.body)).encode())
    headers = [*answer.headers, length]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _instead(kind: str, number: int, plan: f.FaultPlan) -> Answer:
    if kind == f.LOGIN_PAGE:
        return Answer(200, [(b"content-type", _HTML)], LOGIN_PAGE)
    if kind in f.THROTTLED:
        return _throttled(kind, plan.retry_after_seconds)
    status = _STATUSES[number % len(_STATUSES)]
    reason = _REASONS[status]
    if kind == "error-html":
        return Answer(status, [(b"content-type", _HTML)], _ERROR_PAGE.format(reason).encode())
    if kind == "error-json":
        return _json(status, {"status": status, "message": reason})
    name = "Server.ServerProxy.ServiceFailed"
    found = _json(status, {"type": name, "message": reason, "detail": f"{number:08x}"})
    return found._replace(headers=[*found.headers, (b"x-road-error", name.encode())])


def _throttled(kind: str, seconds: int) -> Answer:
    found = _json(429, {"status": 429, "message": "Too many requests."})
    if kind == "throttled":
        return found
    after = str(seconds)
    if kind == "throttled-date":
        # The only clock here that is not the sandbox's own: HTTP's dates are real ones.
        after = formatdate(time.time() + seconds, usegmt=True)
    return found._replace(headers=[*found.headers, (b"retry-after", after.encode())])


def _json(status: int, body: dict[str, object]) -> Answer:
    return Answer(status, [(b"content-type", _JSON)], orjson.dumps(body))


async def _body(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives the service the body that was read, and then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
