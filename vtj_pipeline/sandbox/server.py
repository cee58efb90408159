"""The sandbox over HTTP: the source's four calls, and the sandbox's own clock.

The source's calls stand under `/api/v1` and under the X-Road path; `/sandbox` is ours and no part
of the imitation. Keep out what is answered (`simulation.py`). Nothing here logs a request's body.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import requests
from vtj_pipeline.sandbox.http_access import XROAD_PATH, find_account, xroad_fault
from vtj_pipeline.sandbox.journal import CursorTooOldError
from vtj_pipeline.sandbox.simulation import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request

    from vtj_pipeline.sandbox.options import SandboxOptions

    Call = Callable[[Request, str], Awaitable[Response]]

HOST = "127.0.0.1"
_JSON = "application/json"


class Service:
    """The routes of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Serve this sandbox."""
        self.sandbox = sandbox
        # A weekly copy is written piece by piece; the clock must not move in the middle of it.
        self._clock_lock = asyncio.Lock()

    def application(self) -> Starlette:
        """Return the application with all routes."""
        calls = [
            Route("/kirjausavain/{day}", self._guarded(self.cursor)),
            Route("/muutokset", self._guarded(self.changes), methods=["POST"]),
            Route("/perustiedot", self._guarded(self.basic_data), methods=["POST"]),
            Route("/perustiedot-vko", self._guarded(self.weekly_copy), methods=["POST"]),
        ]
        return Starlette(
            routes=[
                Mount("/api/v1", routes=calls),
                Mount(XROAD_PATH, routes=calls),
                Route("/sandbox/clock", self.clock, methods=["GET", "POST"]),
                Route("/sandbox/persons", self.counts),
                Route("/sandbox/truth/counts", self.counts),
            ],
        )

    def _guarded(self, call: Call) -> Callable[[Request], Awaitable[Response]]:
        """Let a call through only with an X-Road client where needed, and credentials."""

        async def endpoint(request: Request) -> Response:
            instance = request.path_params.get("instance")
            if instance is not None:
                fault = xroad_fault(instance, request.headers.get("x-road-client"))
                if fault is not None:
                    status = self.sandbox.options.xroad_fault_status
                    return JSONResponse(fault, status, {"X-Road-Error": fault["type"]})
            account = find_account(request.headers, self.sandbox.accounts)
            if account is None:
                challenge = {"WWW-Authenticate": 'Basic realm="VTJmutpa"'}
                return _refusal(401, "The user id or the password is wrong.", challenge)
            try:
                return await call(request, account.name)
            except (requests.BadRequestError, CursorTooOldError, SandboxError) as error:
                return _refusal(400, str(error))

        return endpoint

    async def cursor(self, request: Request, account: str) -> Response:
        """Answer GET kirjausavain/{pvm} (contract §2.1)."""
        del account
        day = requests.read_day(request.path_params["day"])
        return JSONResponse({"viimeisinKirjausavain": self.sandbox.cursor_of_day(day)})

    async def changes(self, request: Request, account: str) -> Response:
        """Answer POST muutokset (contract §2.2)."""
        body = requests.read_changes(await request.body(), refuse_malformed=self._refuses)
        found = self.sandbox.changes_body(body.cursor or 0, body.codes, account)
        return Response(found, media_type=_JSON)

    async def basic_data(self, request: Request, account: str) -> Response:
        """Answer POST perustiedot (contract §2.3)."""
        body = requests.read_basic_data(await request.body(), refuse_malformed=self._refuses)
        found = self.sandbox.basic_data_body(body.codes or (), body.groups, account)
        return Response(found, media_type=_JSON)

    async def weekly_copy(self, request: Request, account: str) -> Response:
        """Answer POST perustiedot-vko (contract §2.4), piece by piece."""
        body = requests.read_weekly_copy(await request.body(), refuse_malformed=self._refuses)

        async def pieces() -> AsyncIterator[bytes]:
            async with self._clock_lock:
                for piece in self.sandbox.weekly_chunks(
                    body.municipalities, body.codes, body.groups, account
                ):
                    yield piece
                    await asyncio.sleep(0)

        return StreamingResponse(pieces(), media_type=_JSON)

    async def clock(self, request: Request) -> Response:
        """Answer the sandbox's current day, and set it on POST."""
        if request.method == "POST":
            try:
                day = requests.read_clock(await request.body())
                async with self._clock_lock:
                    self.sandbox.advance_to(day)
            except SandboxError as error:
                return _refusal(400, str(error))
        return JSONResponse({"today": self.sandbox.today.isoformat()})

    async def counts(self, request: Request) -> Response:
        """Answer how many persons and entries there are."""
        del request
        return JSONResponse(self.sandbox.counts())

    @property
    def _refuses(self) -> bool:
        return self.sandbox.options.refuse_malformed_codes


def _refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error in a shape of our own: the source's is not known (contract §9 #10)."""
    return JSONResponse({"status": status, "message": message}, status, headers)


class _Announcing(uvicorn.Server):
    """A server that says on standard output when it takes requests."""

    address = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"ready {self.address}\n")
            sys.stdout.flush()


def serve(options: SandboxOptions) -> None:
    """Make a sandbox and serve it on 127.0.0.1 until SIGTERM or SIGINT.

    Prints `ready http://127.0.0.1:PORT/api/v1` when it takes requests.

    Raises:
        SandboxError: the options cannot be met, or the port is taken.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, options.port))
        except OSError as error:
            msg = f"Port {options.port} of {HOST} cannot be used: choose another, or 0 for any."
            raise SandboxError(msg) from error
        config = uvicorn.Config(
            Service(Sandbox(options)).application(),
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = _Announcing(config)
        server.address = f"http://{HOST}:{listener.getsockname()[1]}/api/v1"
        server.run(sockets=[listener])
