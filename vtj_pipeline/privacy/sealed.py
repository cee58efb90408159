"""Encrypted files: AES-256-GCM in segments, so that any part can be read without the rest.

A file is a header (magic, key id, salt, nonce prefix) and segments of 64 KiB, each with its tag.
Its own key is derived from the data key and the salt (HKDF-SHA-256); a segment's nonce is the
prefix, its number, and whether it is the last. So a segment that was changed, moved, left out or
cut off is not readable: the construction STREAM, as Google's Tink has it in its streaming AEAD.
Keep out whose files these are and which key is at hand (`data_keys.py`).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vtj_pipeline.errors import LandingDamaged
from vtj_pipeline.privacy.data_keys import KEY_BYTES, DataKey, DataKeys

ReadAt = Callable[[int, int], bytes | memoryview]
MAGIC = b"VTJSEAL1"
SEGMENT = 64 * 1024
_TAG = 16
_WHOLE = SEGMENT + _TAG
_SALT, _PREFIX, _KEY_ID = 32, 7, 8
HEADER = len(MAGIC) + _KEY_ID + _SALT + _PREFIX


class _Segments:
    """The cipher of one file.

    Args:
        key: The data key.
        header: The file's first bytes, of length `HEADER`.
    """

    def __init__(self, key: DataKey, header: bytes) -> None:
        salt = header[len(MAGIC) + _KEY_ID : -_PREFIX]
        derived = HKDF(SHA256(), KEY_BYTES, salt, header[: len(MAGIC) + _KEY_ID])
        self._cipher = AESGCM(derived.derive(key.secret))
        self._prefix = header[-_PREFIX:]

    def seal(self, number: int, content: bytes, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(number, is_last), content, None)

    def open(self, number: int, sealed: bytes, *, is_last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(number, is_last), sealed, None)

    def _nonce(self, number: int, is_last: bool) -> bytes:
        return self._prefix + struct.pack(">IB", number, is_last)


class SealedWriter:
    """Encrypts what is written to it, into a file that was opened for writing bytes.

    The file is whole only once this is finished.
    """

    def __init__(self, file: BinaryIO, key: DataKey) -> None:
        header = MAGIC + key.key_id + os.urandom(_SALT + _PREFIX)
        self._segments = _Segments(key, header)
        self._file = file
        self._waiting = bytearray()
        self._number = 0
        self._written = 0
        file.write(header)

    def write(self, content: bytes) -> int:
        """Take some bytes; returns how many."""
        self._waiting += content
        # The last segment is known as such only at the end.
        while len(self._waiting) > SEGMENT:
            self._seal(bytes(self._waiting[:SEGMENT]), is_last=False)
            del self._waiting[:SEGMENT]
        self._written += len(content)
        return len(content)

    def tell(self) -> int:
        """How many bytes were taken."""
        return self._written

    def finish(self) -> None:
        """Write the last segment."""
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, content: bytes, *, is_last: bool) -> None:
        self._file.write(self._segments.seal(self._number, content, is_last=is_last))
        self._number += 1


class SealedReader:
    """Any part of an encrypted file, decrypted.

    Raises:
        DataKeyMissing: when it is made: the file's key is not at hand.
        LandingDamaged: the file is not whole, or was changed.
    """

    def __init__(self, read_at: ReadAt, length: int, keys: DataKeys, what: str) -> None:
        """Read the header.

        Args:
            read_at: Gives some bytes of the file, by where they begin and how many they are.
            length: Of the file.
            keys: At hand.
            what: The file, for errors.
        """
        self._read_at = read_at
        self._what = what
        header = bytes(read_at(0, HEADER))
        body = length - HEADER
        self._count = max(1, -(-body // _WHOLE))
        self.size = body - self._count * _TAG
        if len(header) < HEADER or self.size < 0:
            raise self._damaged()
        self.key = keys.named(header[len(MAGIC) :][:_KEY_ID], what)
        self._segments = _Segments(self.key, header)
        self._kept: tuple[int, bytes] = (-1, b"")

    def read(self, start: int, size: int) -> bytes:
        """The bytes from `start` on, `size` of them or as many as there are."""
        size = max(0, min(size, self.size - start))
        if not size:
            # Of an empty file, too, the one segment has to be proven.
            if not self.size:
                self._open(0, 0)
            return b""
        first, last = start // SEGMENT, (start + size - 1) // SEGMENT
        content = self._open(first, last)
        return content[start - first * SEGMENT :][:size]

    def _open(self, first: int, last: int) -> bytes:
        kept, content = self._kept
        if first == last == kept:
            return content
        view = memoryview(self._read_at(HEADER + first * _WHOLE, (last - first + 1) * _WHOLE))
        parts = []
        for number in range(first, last + 1):
            part = view[(number - first) * _WHOLE :][:_WHOLE]
            parts.append(self._segment(number, bytes(part)))
        # What is read next often begins where this ended.
        self._kept = (last, parts[-1])
        return b"".join(parts)

    def _segment(self, number: int, content: bytes) -> bytes:
        try:
            return self._segments.open(number, content, is_last=number == self._count - 1)
        except InvalidTag:
            raise self._damaged() from None

    def _damaged(self) -> LandingDamaged:
        return LandingDamaged(
            f"{self._what} is encrypted and was changed or cut off since it was written: it cannot "
            "be read. Restore it from a backup; of files in events, remove it: it is made again. "
            "Nothing was changed."
        )


def sealed(content: bytes, key: DataKey) -> bytes:
    """Some bytes as an encrypted file."""
    file = BytesIO()
    writer = SealedWriter(file, key)
    writer.write(content)
    writer.finish()
    return file.getvalue()


def unsealed(content: bytes, keys: DataKeys, what: str) -> bytes:
    """What an encrypted file holds.

    Raises:
        DataKeyMissing: its key is not at hand.
        LandingDamaged: it is not whole, or was changed.
    """
    view = memoryview(content)
    reader = SealedReader(lambda start, size: view[start : start + size], len(content), keys, what)
    return reader.read(0, reader.size)


def is_sealed(begins: bytes) -> bool:
    """Whether a file that begins so is encrypted."""
    return begins.startswith(MAGIC)


def key_id_of(header: bytes) -> bytes:
    """The id of the key of an encrypted file that begins so."""
    return header[len(MAGIC) :][:_KEY_ID]
