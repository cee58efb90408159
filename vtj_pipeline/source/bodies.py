"""The bytes of an answer: read piece by piece, unpacked, and never more than is allowed.

httpx unpacks whatever a server says it packed, as often as it says so, and keeps it all: a few
kilobytes can become more than the memory holds. Keep out what the bytes say (`messages.py`).
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

PACKED = "gzip"
"""The one way of packing that is asked for, and understood."""

CERTIFICATE = "server_certificate"
"""The extension of an answer that holds the server's certificate."""

SMALL_ANSWER = 1_000_000
"""Bytes that an answer of a few words may have."""

_PIECE = 1_000_000
_GZIP = 16 + zlib.MAX_WBITS
# Enough to see what a refusal speaks of, and whether a gateway answers.
_OF_A_REFUSAL = 64_000
# Bytes a second: slower than any line, and than any source that works.
_SLOWEST = 10_000
_FORGOTTEN = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class AnswerTooLarge(Exception):
    """An answer is larger than allowed; nothing of it was kept."""


class AnswerTooSlow(httpx.TransportError):
    """An answer comes so slowly that it would never end."""


class UnknownPacking(httpx.DecodingError):
    """An answer is packed in a way that was not asked for, or is not what it says."""


@dataclass(frozen=True)
class Bounds:
    """What one answer may cost.

    Attributes:
        size: Bytes, unpacked.
        seconds: Until the whole answer is there; a large one gets more, by its size.
    """

    size: int
    seconds: float


@contextmanager
def asked(
    http: httpx.Client, method: str, path: str, body: Mapping[str, Any] | None, bounds: Bounds
) -> Iterator[httpx.Response]:
    """Ask, and give the answer with its whole body, unpacked.

    Of an answer other than 200 only the beginning is read. The certificate that the server has
    shown (DER; None without TLS) is the extension `CERTIFICATE`: the connection may be closed.

    Raises:
        AnswerTooLarge: it is larger than the bounds say.
        httpx.TransportError: no whole answer came, or not in time.
        httpx.DecodingError: it is packed in a way that was not asked for.
    """
    headers = {"Accept-Encoding": PACKED}
    with http.stream(method, path, json=body, headers=headers) as response:
        certificate = _certificate(response)
        refused = response.status_code != 200
        size = min(bounds.size, _OF_A_REFUSAL) if refused else bounds.size
        parts: list[bytes] = []
        left = size
        for part in _unpacked(response, _timely(response, bounds.seconds)):
            left -= len(part)
            parts.append(part)
            if left < 0 and refused:
                break
            if left < 0:
                raise AnswerTooLarge
        yield httpx.Response(
            response.status_code,
            headers=[one for one in response.headers.raw if one[0].lower().decode("latin-1")
                     not in _FORGOTTEN],
            content=b"".join(parts)[:size],
            request=response.request,
            extensions={**response.extensions, CERTIFICATE: certificate},
        )  # fmt: skip


def _certificate(response: httpx.Response) -> bytes | None:
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    return None if tls is None else tls.getpeercert(True)


def _timely(response: httpx.Response, seconds: float) -> Iterator[bytes]:
    started, came = time.monotonic(), 0
    for part in response.iter_raw():
        came += len(part)
        if time.monotonic() - started > seconds + came / _SLOWEST:
            msg = "too slow"
            raise AnswerTooSlow(msg)
        yield part


def _unpacked(response: httpx.Response, parts: Iterator[bytes]) -> Iterator[bytes]:
    """The body in pieces of bounded size, however well it was packed."""
    packing = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packing in ("", "identity"):
        yield from parts
        return
    if packing != PACKED:
        msg = "packed otherwise than asked"
        raise UnknownPacking(msg)
    unpacker = zlib.decompressobj(_GZIP)
    for part in parts:
        rest = part
        while rest:
            if unpacker.eof:
                msg = "it goes on behind its end"
                raise UnknownPacking(msg)
            piece = _piece(unpacker, rest)
            rest = unpacker.unconsumed_tail or unpacker.unused_data
            yield piece
    if not unpacker.eof:
        msg = "it breaks off"
        raise UnknownPacking(msg)


def _piece(unpacker: zlib._Decompress, packed: bytes) -> bytes:
    try:
        return unpacker.decompress(packed, _PIECE)
    except zlib.error:
        # Raised below, outside the handler.
        pass
    msg = "not what it says it is"
    raise UnknownPacking(msg)
