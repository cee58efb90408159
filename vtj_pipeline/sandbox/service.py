"""The source's four calls over HTTP, under `/api/v1` and under the X-Road path.

Keep out what is answered (`simulation.py`), the sandbox's own calls (`control.py`) and faults
(`fault_answers.py`). Nothing here logs a request's body.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox import requests
from vtj_pipeline.sandbox.http_access import find_account, xroad_fault
from vtj_pipeline.sandbox.journal import CursorTooOldError
from vtj_pipeline.sandbox.quota import Quota
from vtj_pipeline.sandbox.refusals import refusal
from vtj_pipeline.sandbox.simulation import NotPermittedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request

    from vtj_pipeline.sandbox.simulation import Sandbox

    Call = Callable[[Request, str], Awaitable[Response]]

_JSON = "application/json"


class Service:
    """The source's calls on one sandbox.

    Attributes:
        sandbox: What answers.
        quota: The calls of each account.
        clock_lock: Held while a weekly copy is written piece by piece: the clock must not move in
            the middle of it.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        """Serve this sandbox."""
        self.sandbox = sandbox
        self.quota = Quota(sandbox.options.daily_quota)
        self.clock_lock = asyncio.Lock()

    def routes(self) -> list[Route]:
        """Return the routes of the calls, without what stands before them."""
        return [
            Route("/kirjausavain", self._guarded("kirjausavain", self.newest_cursor)),
            Route("/kirjausavain/{day}", self._guarded("kirjausavain", self.cursor)),
            self._post("muutokset", self.changes),
            self._post("perustiedot", self.basic_data),
            self._post("perustiedot-vko", self.weekly_copy),
        ]

    def _post(self, name: str, call: Call) -> Route:
        return Route(f"/{name}", self._guarded(name, call), methods=["POST"])

    def refuse(self, status: int, message: str, headers: dict[str, str] | None = None) -> Response:
        """Return an error in the shape that the options want."""
        return refusal(self.sandbox.options.error_body, status, message, headers)

    def _guarded(self, name: str, call: Call) -> Callable[[Request], Awaitable[Response]]:
        """Let a call through only with an X-Road client where needed, credentials and a permit."""

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
                return self.refuse(401, "The user id or the password is wrong.", challenge)
            if name not in account.product.calls:
                return self.refuse(403, f"The product of this account has no permit for {name}.")
            if not self.quota.spend(account.name, self.sandbox.today):
                return self.refuse(429, f"The quota of {self.quota.daily} calls a day is spent.")
            return await self._answer(call, request, account.name)

        return endpoint

    async def _answer(self, call: Call, request: Request, account: str) -> Response:
        try:
            return await call(request, account)
        except NotPermittedError as error:
            return self.refuse(403, str(error))
        except CursorTooOldError as error:
            return self.refuse(self.sandbox.options.expired_cursor_status, str(error))
        except SandboxError as error:
            return self.refuse(400, str(error))

    async def newest_cursor(self, request: Request, account: str) -> Response:
        """Answer GET kirjausavain, which no client uses (contract §9 #4)."""
        del request, account
        if self.sandbox.options.dateless_cursor == "refused":
            raise HTTPException(404)
        return JSONResponse({"viimeisinKirjausavain": self.sandbox.newest_cursor()})

    async def cursor(self, request: Request, account: str) -> Response:
        """Answer GET kirjausavain/{pvm} (contract §2.1)."""
        del account
        day = requests.read_day(request.path_params["day"])
        return JSONResponse({"viimeisinKirjausavain": self.sandbox.cursor_of_day(day)})

    async def changes(self, request: Request, account: str) -> Response:
        """Answer POST muutokset (contract §2.2)."""
        body = requests.read_changes(await request.body(), self.sandbox.options)
        found = self.sandbox.changes_body(body.cursor or 0, body.codes, account)
        return Response(found, media_type=_JSON)

    async def basic_data(self, request: Request, account: str) -> Response:
        """Answer POST perustiedot (contract §2.3)."""
        body = requests.read_basic_data(await request.body(), self.sandbox.options)
        found = self.sandbox.basic_data_body(body.codes or (), body.groups, account)
        return Response(found, media_type=_JSON)

    async def weekly_copy(self, request: Request, account: str) -> Response:
        """Answer POST perustiedot-vko (contract §2.4), piece by piece."""
        body = requests.read_weekly_copy(await request.body(), self.sandbox.options)
        chosen = (body.municipalities, body.codes, body.groups, account)
        self.sandbox.check_weekly(*chosen)

        async def pieces() -> AsyncIterator[bytes]:
            async with self.clock_lock:
                for piece in self.sandbox.weekly_chunks(*chosen):
                    yield piece
                    await asyncio.sleep(0)

        return StreamingResponse(pieces(), media_type=_JSON)
