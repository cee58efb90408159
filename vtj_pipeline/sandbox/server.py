"""The sandbox as a server: all routes put together, and serving them.

The source's calls stand under `/api/v1` and under the X-Road path; `/`, `/openapi.json` and
`/sandbox` are ours. Keep out what any of them answers (`service.py`, `control.py`).
"""

from __future__ import annotations

import logging
import socket
import sys
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from uvicorn.config import LOGGING_CONFIG

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.control import Control
from vtj_pipeline.sandbox.fault_answers import Faulty
from vtj_pipeline.sandbox.http_access import XROAD_PATH
from vtj_pipeline.sandbox.service import Service
from vtj_pipeline.sandbox.simulation import Sandbox
from vtj_pipeline.settings import log_format

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from vtj_pipeline.sandbox.options import SandboxOptions

HOST = "127.0.0.1"
_CUT_ON_PURPOSE = "ASGI callable returned without completing response."


def application(sandbox: Sandbox) -> Faulty:
    """Return the ASGI application of a sandbox, with its faults before the source's calls."""
    service = Service(sandbox)
    control = Control(service)

    async def refuse(request: Request, error: Exception) -> Response:
        del request
        assert isinstance(error, HTTPException)
        return service.refuse(error.status_code, error.detail, dict(error.headers or {}))

    calls = service.routes()
    inner = Starlette(
        routes=[*control.routes(), Mount("/api/v1", routes=calls), Mount(XROAD_PATH, routes=calls)],
        exception_handlers={HTTPException: refuse},
    )
    inner.router.redirect_slashes = False
    faulty = Faulty(inner, control.dice)
    control.faulty = faulty
    return faulty


class _Announcing(uvicorn.Server):
    """A server that says on standard output when it takes requests."""

    address = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and log_format() == "json":
            logging.getLogger(__name__).info("ready %s", self.address)
        elif self.started:
            sys.stdout.write(f"ready {self.address}\n")
            sys.stdout.flush()


def _is_unexpected(record: logging.LogRecord) -> bool:
    return record.getMessage() != _CUT_ON_PURPOSE


def serve(options: SandboxOptions) -> None:
    """Make a sandbox and serve it on 127.0.0.1 until SIGTERM or SIGINT.

    Prints `ready http://127.0.0.1:PORT/api/v1` when it takes requests; where logs are JSON, as the
    message of a line.

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
            application(Sandbox(options)),
            log_config=None if log_format() == "json" else LOGGING_CONFIG,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        logging.getLogger("uvicorn.error").addFilter(_is_unexpected)
        server = _Announcing(config)
        server.address = f"http://{HOST}:{listener.getsockname()[1]}/api/v1"
        server.run(sockets=[listener])
