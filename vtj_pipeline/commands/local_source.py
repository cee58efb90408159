"""The bundled sandbox as the source of a demo's state, started when nothing else is named.

Keep out the sandbox itself (`sandbox/`): it runs as a process of its own and is only talked to.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vtj_pipeline.errors import SandboxError

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.settings import Settings

ACCOUNT = ("mutpT1x", "pwd")
# As a line of its own, or the message of a line of JSON.
_READY = re.compile(r'(?:^|")ready (http://[^\s"]+)')


@dataclass(frozen=True)
class DemoState:
    """The sandbox that a demo's register was loaded from."""

    persons: int
    start: str
    days: int
    seed: int = 1
    wellbeing_area: str = "13"

    @property
    def first_day(self) -> date:
        """The day of the baseline and of the first partition."""
        return date.fromisoformat(self.start)

    @property
    def last_day(self) -> date:
        """The last partition."""
        return self.first_day + timedelta(days=self.days - 1)


def demo_file(home: Path) -> Path:
    """Where a demo's state is remembered."""
    return home / "demo.json"


def read_demo_state(home: Path) -> DemoState | None:
    """The demo's state under this home, if there is one."""
    path = demo_file(home)
    return DemoState(**json.loads(path.read_text("utf-8"))) if path.is_file() else None


def write_demo_state(home: Path, state: DemoState) -> None:
    """Remember a demo's state."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = demo_file(home).with_suffix(".part")
    temporary.write_text(json.dumps(asdict(state)), "utf-8")
    temporary.replace(demo_file(home))


@contextmanager
def source_at_hand(settings: Settings, *, clock: date | None = None) -> Iterator[str | None]:
    """Start the demo's sandbox unless `VTJ_API_URL` names a source; yields its address.

    While it runs the `VTJ_API_*` variables of this process and its children name it.

    Raises:
        SandboxError: the sandbox does not start.
    """
    state = read_demo_state(settings.home)
    if settings.api_url is not None or state is None:
        yield settings.api_url
        return
    process = _start(state, clock)
    try:
        url = _address(process)
        os.environ.update(VTJ_API_URL=url, VTJ_API_USERNAME=ACCOUNT[0], VTJ_API_PASSWORD=ACCOUNT[1])
        yield url
    finally:
        for name in ("VTJ_API_URL", "VTJ_API_USERNAME", "VTJ_API_PASSWORD"):
            os.environ.pop(name, None)
        process.terminate()
        process.wait(timeout=10)


def set_clock(url: str, today: date) -> None:
    """Tell a running sandbox what day it is."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=60)) as connection:
        connection.request("POST", "/sandbox/clock", json.dumps({"today": today.isoformat()}))
        answer = connection.getresponse()
        said = answer.read().decode()
    if answer.status != 200:
        msg = f"The sandbox was told that today is {today}, and answered {answer.status}: {said}"
        raise SandboxError(msg)


def _start(state: DemoState, clock: date | None) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "vtj_pipeline.sandbox",
        "--persons", str(state.persons),
        "--days", str(state.days),
        "--seed", str(state.seed),
        "--start", state.start,
        "--wellbeing-area", state.wellbeing_area,
        "--port", "0",
    ]  # fmt: skip
    if clock is not None:
        command += ["--clock", clock.isoformat()]
    # A Ctrl-C on the terminal must reach the command first, which then ends the sandbox.
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = _READY.search(line)
        if found:
            return found[1]
    msg = (
        f"The sandbox was started and ended with status {process.wait()} before it was ready. "
        "Start `vtj-pipeline sandbox serve` to see why."
    )
    raise SandboxError(msg)
