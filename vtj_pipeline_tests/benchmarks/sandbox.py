"""How fast the sandbox makes its people and answers, as a server of its own over HTTP.

Seconds are of the clock and of the server's processor time: the second say what a machine that does
nothing else would take. Keep out the pipeline (`stages.py`).
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil

from vtj_pipeline.sandbox.accounts import PASSWORD, UNCENSORED

_BATCH = 1000
_PAGE = 5000


@dataclass(frozen=True)
class Pace:
    """A piece of work: how many of what in how long."""

    what: str
    count: int
    seconds: float
    cpu_seconds: float

    def __str__(self) -> str:
        by_clock = self.count / max(self.seconds, 1e-9)
        by_cpu = self.count / max(self.cpu_seconds, 1e-9)
        return (
            f"{self.what:<38} {self.count:>10,} in {self.seconds:7.1f} s "
            f"({self.cpu_seconds:7.1f} s CPU): {by_clock:>9,.0f}/s, {by_cpu:>9,.0f}/s of CPU"
        )


class _Server:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = psutil.Process(process.pid)

    @property
    def cpu_seconds(self) -> float:
        used = self._process.cpu_times()
        return used.user + used.system

    @property
    def resident_bytes(self) -> int:
        return int(self._process.memory_info().rss)


def sandbox(persons: int, asked: int, messages: int) -> Iterator[str]:
    """Yield a line for each measurement.

    Args:
        persons: Residents of the area; a fifth as many live elsewhere.
        asked: Persons asked for by code.
        messages: Messages of a bulk day; 0 leaves it out.
    """
    options = ["--persons", str(persons), "--days", "1" if messages else "0"]
    if messages:
        options += ["--bulk-messages", str(messages), "--page-size", str(_PAGE)]
    started = time.perf_counter()
    with _served(options) as (url, server), _client(url) as client:
        made = client.get("/sandbox/persons").json()
        took = time.perf_counter() - started
        yield str(
            Pace("persons made, to the first answer", made["persons"], took, server.cpu_seconds)
        )
        yield f"{'':<38} {server.resident_bytes / 1e9:.2f} GB resident"
        codes = _codes(client)
        yield str(_basic_data(client, server, codes[:asked]))
        yield str(_weekly_copy(client, server, made["in_scope"]))
        if messages:
            yield str(_changes(client, server))


def _codes(client: httpx.Client) -> list[str]:
    copy = client.post("/api/v1/perustiedot-vko", json={"tietoryhmat": []}).json()
    return [person["henkilotunnus"] for person in copy["perustiedot"]]


def _basic_data(client: httpx.Client, server: _Server, codes: list[str]) -> Pace:
    started, cpu = time.perf_counter(), server.cpu_seconds
    for first in range(0, len(codes), _BATCH):
        body = {"hetulista": codes[first : first + _BATCH]}
        client.post("/api/v1/perustiedot", json=body).raise_for_status()
    took = time.perf_counter() - started
    return Pace("persons of perustiedot, by 1000", len(codes), took, server.cpu_seconds - cpu)


def _weekly_copy(client: httpx.Client, server: _Server, persons: int) -> Pace:
    started, cpu = time.perf_counter(), server.cpu_seconds
    with client.stream("POST", "/api/v1/perustiedot-vko", json={}) as answer:
        for _ in answer.iter_raw():
            pass
    took = time.perf_counter() - started
    return Pace("persons of perustiedot-vko, one answer", persons, took, server.cpu_seconds - cpu)


def _changes(client: httpx.Client, server: _Server) -> Pace:
    started, cpu = time.perf_counter(), server.cpu_seconds
    cursor, seen, caught_up = 0, 0, False
    while not caught_up:
        body = {"viimeisinKirjausavain": cursor}
        page = client.post("/api/v1/muutokset", json=body).json()
        cursor, caught_up = page["viimeisinKirjausavain"], page["ajanTasalla"]
        seen += len(page["muutokset"])
    took = time.perf_counter() - started
    return Pace(f"messages of muutokset, by {_PAGE}", seen, took, server.cpu_seconds - cpu)


@contextmanager
def _served(options: list[str]) -> Iterator[tuple[str, _Server]]:
    command = [sys.executable, "-m", "vtj_pipeline.sandbox", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ready "), "the sandbox did not start"
        try:
            yield line.split()[1].removesuffix("/api/v1"), _Server(process)
        finally:
            process.terminate()


def _client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, auth=(UNCENSORED, PASSWORD), timeout=600)
