"""A file that is encrypted while it is written, for those that are too large to be held in memory.

It goes to a run's own folder first (`scratch.py`) and is adopted when it is whole. Keep out formats
and where files stay (`storage.py`).
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from vtj_pipeline.privacy.sealed import SealedWriter

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.privacy import DataKey


class SealedStream:
    """A new file for its owner alone, written from its beginning to its end; on a disk never plain.

    It has what pyarrow wants of a file object.
    """

    def __init__(self, path: Path, key: DataKey) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._writer = SealedWriter(self._file, key)
        self._hash = hashlib.sha256()
        self.closed = False

    @property
    def sha256(self) -> str:
        """Of what was written, before it is encrypted (hex)."""
        return self._hash.hexdigest()

    def write(self, content: bytes) -> int:
        """Take some bytes; returns how many."""
        self._hash.update(content)
        return self._writer.write(content)

    def tell(self) -> int:
        """How many bytes were taken."""
        return self._writer.tell()

    def flush(self) -> None:
        """Nothing waits but the last segment, which goes when the file is closed."""

    def close(self) -> None:
        """Write the last segment; only then the file is whole."""
        if self.closed:
            return
        self.closed = True
        with self._file:
            self._writer.finish()
