"""The sandbox on HTTP: the source's paths, directly and behind X-Road, and a clock to turn.

Add an endpoint as a method of `Service` and a route. All runs on one event loop, so a request never
sees half a day. Keep out rules about bodies (`requests`) and answers (`core`).
"""

import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.core import RequestRefusedError, Sandbox
from vtj_pipeline.sandbox.options import SandboxOptions
from vtj_pipeline.sandbox.requests import account_of, body_of, codes_of, date_of, road_fault

ROAD_PATH = "/r1/{instance}/GOV/0245437-2/VTJmutpa/VTJmutpa/api/v1"
HOST = "127.0.0.1"
Answerer = Callable[[Request, str], Awaitable[dict[str, Any]]]


def _json(content: dict[str, Any], status: int = 200, **headers: str) -> Response:
    made = Response(orjson.dumps(content), status, media_type="application/json")
    for name, value in headers.items():
        made.headers[name.replace("_", "-")] = value
    return made


class Service:
    """The endpoints of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Serve this sandbox."""
        self.sandbox = sandbox

    async def cursor(self, request: Request, account: str) -> dict[str, Any]:
        """GET kirjausavain/{pvm} (contract §2.1)."""
        day = date_of(request.path_params["pvm"], "pvm")
        return {"viimeisinKirjausavain": self.sandbox.cursor_of_day(day)}

    async def changes(self, request: Request, account: str) -> dict[str, Any]:
        """POST muutokset (contract §2.2)."""
        names = ("viimeisinKirjausavain", "hetulista")
        body = body_of(await request.body(), allowed=names, required=names[:1])
        cursor = int(body["viimeisinKirjausavain"])
        return self.sandbox.changes(cursor, body.get("hetulista"), account)

    async def basic_data(self, request: Request, account: str) -> dict[str, Any]:
        """POST perustiedot (contract §2.3)."""
        names = ("hetulista", "tietoryhmat")
        body = body_of(await request.body(), allowed=names, required=names[:1])
        codes = codes_of(body) or []
        return self.sandbox.basic_data(codes, body.get("tietoryhmat"), account)

    async def weekly_copy(self, request: Request, account: str) -> dict[str, Any]:
        """POST perustiedot-vko (contract §2.4)."""
        names = ("hetulista", "kuntakoodit", "tietoryhmat")
        body = body_of(await request.body(), allowed=names, required=())
        return self.sandbox.weekly_copy(
            body.get("kuntakoodit"), codes_of(body), body.get("tietoryhmat"), account
        )

    async def clock(self, request: Request) -> Response:
        """GET or POST /sandbox/clock: the current day; not part of the imitated interface."""
        if request.method == "POST":
            try:
                body = orjson.loads(await request.body())
                today = body.get("today") if isinstance(body, dict) else None
                self.sandbox.advance_to(date_of(today, "today"))
            except orjson.JSONDecodeError:
                return _json({"error": "The body is not JSON."}, 400)
            except SandboxError as error:
                return _json({"error": str(error)}, 400)
        return _json({"today": self.sandbox.today.isoformat()})

    async def counts(self, request: Request) -> Response:
        """GET /sandbox/counts: counts of the sandbox's own truth."""
        return _json(self.sandbox.counts())


def _endpoint(answer: Answerer) -> Callable[[Request], Awaitable[Response]]:
    """Put X-Road's checks, credentials and refusals around an answer."""

    async def endpoint(request: Request) -> Response:
        instance = request.path_params.get("instance")
        fault = road_fault(instance, request.headers) if instance is not None else None
        if fault is not None:
            content = {"type": fault.kind, "message": fault.message, "detail": "sandbox"}
            return _json(content, fault.status, X_Road_Error=fault.kind)
        account = account_of(request.headers)
        if account is None:
            content = {"error": "Wrong or missing credentials."}
            return _json(content, 401, WWW_Authenticate="Basic")
        try:
            return _json(await answer(request, account))
        except RequestRefusedError as error:
            return _json({"error": str(error)}, 400)

    return endpoint


def create_app(sandbox: Sandbox) -> Starlette:
    """Return the application that serves a sandbox."""
    service = Service(sandbox)
    api: list[BaseRoute] = [
        Route("/kirjausavain/{pvm}", _endpoint(service.cursor), methods=["GET"]),
        Route("/muutokset", _endpoint(service.changes), methods=["POST"]),
        Route("/perustiedot", _endpoint(service.basic_data), methods=["POST"]),
        Route("/perustiedot-vko", _endpoint(service.weekly_copy), methods=["POST"]),
    ]
    return Starlette(
        routes=[
            Mount("/api/v1", routes=api),
            Mount(ROAD_PATH, routes=api),
            Route("/sandbox/clock", service.clock, methods=["GET", "POST"]),
            Route("/sandbox/counts", service.counts, methods=["GET"]),
        ]
    )


class _Server(uvicorn.Server):
    """Says on stdout when requests are accepted, so that a parent process can wait for it."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            port = sockets[0].getsockname()[1]
            sys.stdout.write(f"ready http://{HOST}:{port}/api/v1\n")
            sys.stdout.flush()


def _listen(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
    except OSError as error:
        made.close()
        reason = error.strerror or "unknown reason"
        msg = f"The sandbox cannot listen on port {port} of {HOST}: {reason}; use another or 0."
        raise SandboxError(msg) from error
    return made


def serve(options: SandboxOptions, port: int, clock: date | None = None) -> None:
    """Build a sandbox and serve it on 127.0.0.1 until the process is told to stop.

    Args:
        options: What the sandbox is made of.
        port: The port; 0 takes a free one. One line on stdout tells the address when it is ready.
        clock: The first current day; None for `options.first_clock`.

    Raises:
        SandboxError: The port is taken, or the options cannot be met.
    """
    listener = _listen(port)
    try:
        sandbox = Sandbox(options)
        if clock is not None:
            sandbox.advance_to(clock)
        config = uvicorn.Config(create_app(sandbox), log_level="warning", access_log=False)
        _Server(config).run(sockets=[listener])
    finally:
        listener.close()
