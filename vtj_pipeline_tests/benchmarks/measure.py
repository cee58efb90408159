"""Seconds and memory of a piece of work that runs in a process of its own.

Every piece gets a fresh process, so that what one leaves behind is not counted for the next. Keep
out what the pieces do (`stages.py`).
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

_EVERY_SECONDS = 0.2


@dataclass(frozen=True)
class Measured:
    """What a piece of work gave and took.

    Attributes:
        value: What it returned.
        seconds: From call to return, without the start of its process.
        cpu_seconds: Processor time of its process and that one's children, which others on the
            machine change little.
        postgres_cpu_seconds: Likewise of the PostgreSQL server.
        peak_bytes: Most resident memory of its process and that one's children at one time.
        postgres_bytes: Likewise of the PostgreSQL server, shared pages counted once.
    """

    value: Any
    seconds: float
    cpu_seconds: float
    postgres_cpu_seconds: float
    peak_bytes: int
    postgres_bytes: int


def measured(work: Callable[..., Any], *args: object, postgres: Path) -> Measured:
    """Run `work(*args)` in a process of its own; `postgres` is the server's data folder.

    Raises:
        RuntimeError: the work failed; its process has printed why.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_worker, args=(there, work, args))
    process.start()
    there.close()
    assert process.pid is not None
    with Sampler(process.pid, postgres) as sampler:
        with suppress(EOFError):
            value, seconds, cpu_seconds = here.recv()
        process.join()
    if process.exitcode != 0:
        msg = f"{work.__name__} failed with exit status {process.exitcode}"
        raise RuntimeError(msg)
    return Measured(
        value, seconds, cpu_seconds, sampler.postgres_cpu, sampler.peak, sampler.postgres_peak
    )


def _worker(answer: Connection, work: Callable[..., Any], args: tuple[object, ...]) -> None:
    started, cpu_started = time.perf_counter(), _cpu_seconds()
    value = work(*args)
    answer.send((value, time.perf_counter() - started, _cpu_seconds() - cpu_started))


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


class Sampler:
    """Looks at the memory of two families of processes, again and again, in a thread.

    Args:
        pid: The head of the one.
        postgres: The data folder of the PostgreSQL server that is the other.
        every_seconds: How often; a look at many processes costs time of its own.
    """

    def __init__(self, pid: int, postgres: Path, every_seconds: float = _EVERY_SECONDS) -> None:
        self._every = every_seconds
        self.peak = 0
        self.postgres_peak = 0
        self._server_cpu: dict[psutil.Process, tuple[float, float]] = {}
        self._pid = pid
        self._postgres = postgres
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def postgres_cpu(self) -> float:
        """Processor time of the server since the start, as far as it was seen."""
        return sum(last - first for first, last in self._server_cpu.values())

    def _look(self) -> None:
        while not self._over.wait(self._every):
            with suppress(psutil.Error, OSError, ValueError):
                self.peak = max(self.peak, _resident(self._pid))
                server = _family(self._server())
                self.postgres_peak = max(self.postgres_peak, _proportional(server))
                self._count(server)

    def _count(self, server: list[psutil.Process]) -> None:
        begins = not self._server_cpu
        for process in server:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                used = times.user + times.system
                # A process that was not there before has worked for this piece alone.
                before = used if begins else 0.0
                first, _ = self._server_cpu.get(process, (before, before))
                self._server_cpu[process] = (first, used)

    def _server(self) -> int:
        return int((self._postgres / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _resident(pid: int) -> int:
    total = 0
    for process in _family(pid):
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total


def _proportional(processes: list[psutil.Process]) -> int:
    """Memory of processes that share much: a shared page counts once, not for every process."""
    total = 0
    for process in processes:
        with suppress(psutil.Error):
            info = process.memory_full_info()
            total += getattr(info, "pss", info.uss)
    return total
