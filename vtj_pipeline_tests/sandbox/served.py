"""A sandbox served over real HTTP, for as long as a test needs it.

By a thread of this process (`served`), or as the process of its own that it is (`sandbox_process`).
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox.accounts import CENSORED, PASSWORD
from vtj_pipeline.sandbox.server import HOST, application


@contextmanager
def served(options: SandboxOptions | Sandbox, account: str = CENSORED) -> Iterator[httpx.Client]:
    """Yield a client of a sandbox; its base is the server's root."""
    sandbox = options if isinstance(options, Sandbox) else Sandbox(options)
    started = threading.Event()
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        config = uvicorn.Config(
            application(sandbox), log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
        server = _Announcing(config, started)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert started.wait(20)
            base = f"http://{HOST}:{listener.getsockname()[1]}"
            with httpx.Client(base_url=base, auth=(account, PASSWORD), timeout=20) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(20)


@contextmanager
def sandbox_process(**options: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a sandbox process that is ready, and its address; options as its command has them."""
    command = [sys.executable, "-m", "vtj_pipeline.sandbox"]
    command += [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            word, address = process.stdout.readline().split()
            assert word == "ready"
            yield process, address
        finally:
            # One that a test has stopped could not end.
            process.send_signal(signal.SIGCONT)
            process.terminate()


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: threading.Event) -> None:
        super().__init__(config)
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started.set()
