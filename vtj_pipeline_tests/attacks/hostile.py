"""A server that answers what no server should: bytes as they are told, for as long as told.

Keep out what is expected of whoever asks it (`test_hostile_server.py`), and well-behaved answers
(`source/fake_source.py`).
"""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache

CHUNK = 65_536
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Answer = Iterable[bytes]


class Hostile:
    """What it answers, by path, and what it was asked: the heads of requests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[], Answer]] = {}
        self.stop = threading.Event()

    def on(self, answer: Callable[[], Answer]) -> str:
        """An address under which this is answered, whatever is asked of it."""
        name = f"a{len(self.answers)}"
        self.answers[name] = answer
        return f"{self.url}/{name}/api/v1"

    def serve(self, connection: socket.socket) -> None:
        """Answer one connection until it ends."""
        with suppress(OSError), connection:
            head = b""
            while b"\r\n\r\n" not in head:
                some = connection.recv(CHUNK)
                if not some:
                    return
                head += some
            text = head.decode("latin-1")
            self.asked.append(text)
            for part in self.answers[text.split("/")[1]]():
                if self.stop.is_set():
                    return
                connection.sendall(part)
            # To close with something unread would take back what was sent last.
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(CHUNK):
                pass


@contextmanager
def hostile(tls: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """Such a server on a free port; every connection that is still open at the end is cut."""
    listening = socket.create_server(("127.0.0.1", 0))
    scheme = "https" if tls else "http"
    server = Hostile(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}")

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
                if tls is not None:
                    connection = tls.wrap_socket(connection, server_side=True)
            except ssl.SSLError:
                continue
            except OSError:
                return
            threading.Thread(target=server.serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def whole(body: bytes, *headers: str, length: int | None = None) -> Callable[[], Answer]:
    """An answer of so many bytes, or of as many as it says it has."""
    lines = "".join(f"{one}\r\n" for one in headers)
    size = len(body) if length is None else length
    return lambda: [f"{HEAD}{lines}Content-Length: {size}\r\n\r\n".encode(), body]


def endless(*headers: str, part: bytes = b" " * CHUNK) -> Callable[[], Answer]:
    """An answer without an end, in chunks, as fast as it is taken."""

    def answer() -> Answer:
        lines = "".join(f"{one}\r\n" for one in headers)
        yield f"{HEAD}{lines}Transfer-Encoding: chunked\r\n\r\n".encode()
        while True:
            yield b"%x\r\n%b\r\n" % (len(part), part)

    return answer


def dripping(seconds: float) -> Callable[[], Answer]:
    """An answer that comes byte by byte."""

    def answer() -> Answer:
        yield (HEAD + "Content-Length: 1000000\r\n\r\n").encode()
        waits = threading.Event()
        while True:
            waits.wait(seconds)
            yield b" "

    return answer


@cache
def bomb(times: int = 1, size: int = 400_000_000) -> bytes:
    """So many blanks, packed so many times."""
    if times > 1:
        return gzip.compress(bomb(times - 1, size))
    packer = zlib.compressobj(1, wbits=31)
    blanks = b" " * 1_000_000
    packed = b"".join(packer.compress(blanks) for _ in range(size // len(blanks)))
    return packed + packer.flush()
