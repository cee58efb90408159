"""A small HTTP server that answers what a test tells it to, and remembers what it was asked.

The envelopes here are written by hand from contract §2, so that a misreading in the client is not
repeated in its test. Keep out what a person's data look like (`builders.py`).
"""

from __future__ import annotations

import json
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JSON = "application/json"
BASE = "/api/v1"


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Told:
    """One response to give.

    Attributes:
        cut: The body ends this many bytes before the length that the header promises.
    """

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


def told(document: Any, **more: Any) -> Told:
    """A response with a JSON body."""
    return Told(json.dumps(document, ensure_ascii=False).encode(), **more)


def cursor(value: Any) -> Told:
    """What `kirjausavain/{pvm}` answers (contract §2.1)."""
    return told({"viimeisinKirjausavain": value})


def changes(value: Any, messages: Sequence[Any] = (), *, caught_up: bool = True) -> Told:
    """What `muutokset` answers (contract §2.2)."""
    return told(
        {
            "viimeisinKirjausavain": value,
            "muutokset": list(messages),
            "ajanTasalla": caught_up,
        }
    )


def persons(codes: Sequence[str]) -> list[dict[str, Any]]:
    """Persons of an answer with basic data."""
    return [{"henkilotunnus": code, "tietoryhmat": []} for code in codes]


def basic_data(codes: Sequence[str]) -> Told:
    """What `perustiedot` answers (contract §2.3)."""
    return told({"perustiedot": persons(codes), "ajanTasalla": True})


def weekly_copy(codes: Sequence[str], taken: str) -> Told:
    """What `perustiedot-vko` answers (contract §2.4)."""
    return told({"perustiedot": persons(codes), "ajanTasalla": True, "poimintapv": taken})


Rule = Told | Callable[[Asked], Told]


class FakeSource:
    """The server's programme and what it was asked, by path under `/api/v1`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self._rules: dict[str, list[Rule]] = defaultdict(list)
        self._lock = threading.Lock()

    def on(self, path: str, *rules: Rule) -> None:
        """Answer a path with these, one after another; the last one repeats."""
        with self._lock:
            self._rules[path] = list(rules)

    def paths(self) -> list[str]:
        """Paths under `/api/v1`, in the order asked."""
        return [one.path for one in self.asked]

    def bodies(self, path: str) -> list[Any]:
        """The request bodies that came to a path, in order."""
        return [one.body for one in self.asked if one.path == path]

    def answer(self, asked: Asked) -> Told:
        """Remember a request and choose its response."""
        with self._lock:
            self.asked.append(asked)
            rules = self._rules.get(asked.path, [])
            if not rules:
                return told({"virhe": f"nothing is programmed for {asked.path}"}, status=418)
            rule = rules.pop(0) if len(rules) > 1 else rules[0]
        return rule(asked) if callable(rule) else rule


@contextmanager
def running_source(tls: ssl.SSLContext | None = None) -> Iterator[FakeSource]:
    """A server on a free port, with TLS if a context is given; stopped at the end."""
    server = _Server(("127.0.0.1", 0), _Handler)
    scheme = "http"
    if tls is not None:
        scheme = "https"
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    source = FakeSource(f"{scheme}://127.0.0.1:{server.server_address[1]}{BASE}")
    server.source = source
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield source
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that leave in the middle, as a TLS client may that is not glad."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def _respond(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        content = self.rfile.read(length)
        response = self.server.source.answer(
            Asked(
                method=self.command,
                path=self.path.removeprefix(BASE + "/"),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=json.loads(content) if content else None,
            )
        )
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body[: len(response.body) - response.cut])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Say nothing: a test's output is not a server's log."""
