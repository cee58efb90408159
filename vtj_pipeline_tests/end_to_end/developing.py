"""`vtj-pipeline dev` of a home, and what it makes by itself."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread

import httpx

from vtj_pipeline_tests.end_to_end.homes import Home
from vtj_pipeline_tests.orchestration.ui import ask
from vtj_pipeline_tests.servers import free_port

START_SECONDS = 180
END_SECONDS = 90
FOLLOW_SECONDS = 240
# As a line of its own, or the message of a line of JSON.
_ADDRESS = re.compile(r'(?:^|")UI: (http://[^\s"]+)')
MADE = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
  assetMaterializations(limit: 1) { runId } } } }"""


@contextmanager
def dev(home: Home, log: Path) -> Iterator[httpx.Client]:
    """A client of `vtj-pipeline dev`, which answers; ended as Ctrl-C ends it, leaving nothing."""
    process = home.start("dev", "--port", str(free_port()))
    said: Queue[str] = Queue()
    reader = Thread(target=_read, args=(process, log, said))
    reader.start()
    try:
        address = said.get(timeout=START_SECONDS)
        assert address, log.read_text("utf-8")
        with httpx.Client(base_url=address, timeout=60) as client:
            yield client
        process.send_signal(signal.SIGINT)
        process.wait(END_SECONDS)
        assert home.processes_after(30) == [], log.read_text("utf-8")
    finally:
        home.kill_all()
        reader.join()


def wait_until_made(client: httpx.Client, *asset: str) -> None:
    """Wait until an asset has been materialised once."""
    deadline = time.monotonic() + FOLLOW_SECONDS
    while not ask(client, MADE, key={"path": asset})["assetNodeOrError"]["assetMaterializations"]:
        assert time.monotonic() < deadline, f"{asset} was never materialised"
        time.sleep(0.5)


def _read(process: subprocess.Popen[str], log: Path, said: Queue[str]) -> None:
    """Keep what the command writes; tell the address that it says, or that it ended."""
    assert process.stdout is not None
    with log.open("w", encoding="utf-8") as file:
        for line in process.stdout:
            file.write(line)
            file.flush()
            found = _ADDRESS.search(line)
            if found:
                said.put(found[1])
    said.put("")
