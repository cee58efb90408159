"""The key that turns a personal identity code into a person_id.

Add other keys here. Keep out what is done with them.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings

_BLOCK = 64


@dataclass(frozen=True)
class PersonKey:
    """A secret for HMAC-SHA-256 (RFC 2104), in the two forms that SQL can finish it with.

    Attributes:
        inner: Key xor 0x36, one block.
        outer: Key xor 0x5c, one block.
    """

    inner: bytes = field(repr=False)
    outer: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> PersonKey:
        """The key made of a secret of any length."""
        block = secret if len(secret) <= _BLOCK else hashlib.sha256(secret).digest()
        block = block.ljust(_BLOCK, b"\0")
        return cls(bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block))

    def person_id_of(self, code: str) -> UUID:
        """The person_id that a code has on its own (design §7.3), as SQL finishes it too."""
        inner = hashlib.sha256(self.inner + code.encode()).digest()
        return UUID(hashlib.sha256(self.outer + inner).hexdigest()[:32])


def person_key(settings: Settings) -> PersonKey:
    """The key of this deployment: `VTJ_PERSON_KEY`, else the key file under `VTJ_HOME`.

    The file is made at first need, readable by its owner alone. Who loses it, or changes the
    variable, gets other person_ids.
    """
    if settings.person_key is not None:
        return PersonKey.of(settings.person_key.get_secret_value().encode())
    path = settings.home / "keys" / "person.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".person.key.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            # A link, not a rename: of two processes that start together one key must win.
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return PersonKey.of(path.read_text("ascii").strip().encode())
