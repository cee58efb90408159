"""A proxy before the store that fails as it is told: 503, slowness, connections that are lost.

Each request has a connection of its own. Keep out what is expected of who asks.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

_BUSY = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
Kind = Literal["busy", "mute", "cut", "deaf", "short"]


@dataclass
class Fault:
    """What happens to some requests.

    Attributes:
        method: Which requests.
        kind: `busy`: answered 503; `mute`: not answered until the proxy ends; `cut`: the
            connection is lost in the middle of what is sent; `deaf`: all of it reaches the store
            and the answer is lost; `short`: the connection is lost in the middle of the answer.
        times: To how many requests, the next ones.
        part: Of the path; empty: any.
    """

    method: str
    kind: Kind
    times: int = 1
    part: str = ""


@dataclass
class Failing:
    """The proxy.

    Attributes:
        url: Its address.
        requests: What was asked: method and path without its query.
        faults: What is to happen yet.
        sent: Bytes of the store's answers that were passed on.
    """

    url: str
    upstream: tuple[str, int]
    requests: list[tuple[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sent: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fails(self, *faults: Fault) -> None:
        """Let these happen, and forget what was asked before."""
        with self._lock:
            self.requests.clear()
            self.sent = 0
            self.faults[:] = faults

    def methods(self, part: str = "") -> list[str]:
        """The methods of what was asked for paths with this part."""
        return [method for method, path in self.requests if part in path]

    def asked(self, method: str, path: str) -> Kind | None:
        """Note a request; what is to happen to it."""
        with self._lock:
            self.requests.append((method, path))
            for one in self.faults:
                if one.times and one.method == method and one.part in path:
                    one.times -= 1
                    return one.kind
        return None


class _Handler(socketserver.BaseRequestHandler):
    failing: Failing

    def handle(self) -> None:
        head = self._head()
        if not head:
            return
        method, target, *_ = head.decode("latin-1").split(" ")
        kind = self.failing.asked(method, target.partition("?")[0])
        with suppress(OSError):
            if kind == "busy":
                self._answer_busy()
            elif kind == "mute":
                self.failing.ended.wait()
            else:
                self._pass_on(head, kind)

    def _head(self) -> bytes:
        head = b""
        with suppress(OSError):
            while b"\r\n\r\n" not in head:
                more = self.request.recv(1)
                if not more:
                    return b""
                head += more
        return head

    def _answer_busy(self) -> None:
        self.request.sendall(
            b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
            + f"Content-Length: {len(_BUSY)}\r\n\r\n".encode()
            + _BUSY
        )
        # Closing with bytes unread would reset the connection before the answer is read.
        self.request.shutdown(socket.SHUT_WR)
        while self.request.recv(65536):
            pass

    def _pass_on(self, head: bytes, kind: Kind | None) -> None:
        with socket.create_connection(self.failing.upstream) as store:
            store.sendall(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            # A half of what the tests write, or nothing of an answer but its being there.
            sending = threading.Thread(target=self._send, args=(store, kind), daemon=True)
            sending.start()
            self._receive(store, kind)
            for one in (store, self.request):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            sending.join()

    def _send(self, store: socket.socket, kind: Kind | None) -> None:
        with suppress(OSError):
            while content := self.request.recv(65536):
                if kind == "cut":
                    store.sendall(content[: len(content) // 2])
                    break
                store.sendall(content)
        if kind == "cut":
            for one in (store, self.request):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _receive(self, store: socket.socket, kind: Kind | None) -> None:
        answered = b""
        while content := store.recv(65536):
            answered += content
            is_go_on = answered.startswith(b"HTTP/1.1 100") and b" 200 " not in answered
            if kind == "deaf" and not is_go_on:
                return
            if kind == "short" and len(answered.partition(b"\r\n\r\n")[2]) > 1:
                self.request.sendall(content[:-1])
                return
            self.failing.sent += len(content)
            self.request.sendall(content)


@contextmanager
def failing_store(host: str) -> Iterator[Failing]:
    """A proxy before a store, that passes everything on until it is told otherwise."""
    name, _, port = host.partition(":")
    failing = Failing("", (name, int(port)))
    handler = type("_Handling", (_Handler,), {"failing": failing})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        failing.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield failing
        finally:
            failing.ended.set()
            server.shutdown()
            thread.join()
