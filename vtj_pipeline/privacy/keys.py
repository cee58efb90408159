"""The keys that turn an identity code into a person_id, and a person_id into a pseudonym.

Keep out what is done with them, and the keys of files (`data_keys.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from vtj_pipeline.privacy.key_files import make_once

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

    from vtj_pipeline.settings import Settings

_BLOCK = 64
# What a key makes is told apart by these; a person_id is made of the bare code.
_PSEUDONYM = b"vtj-pipeline pseudonym\0"
_FINGERPRINT = b"vtj-pipeline fingerprint\0"
# No code begins like these.
_TOMBSTONE, _STAND_IN = "tombstone ", "stand-in "


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
        return UUID(self._digest(code)[:32])

    def tombstone_of(self, code: str) -> UUID:
        """What is kept of a code that was erased; from it no person_id can be made."""
        return UUID(self._digest(_TOMBSTONE + code)[:32])

    def stand_in_of(self, code: str) -> str:
        """What stands for an erased code in the rows of others, so that these stay apart."""
        return f"erased-{self._digest(_STAND_IN + code)[:20]}"

    def _digest(self, text: str) -> str:
        inner = hashlib.sha256(self.inner + text.encode()).digest()
        return hashlib.sha256(self.outer + inner).hexdigest()


@dataclass(frozen=True)
class AnalystKey:
    """A secret that makes the pseudonyms by which analysts tell persons apart.

    Attributes:
        secret: The key of HMAC-SHA-256.
    """

    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """What tells this key from another and gives nothing of it away."""
        return hmac.digest(self.secret, _FINGERPRINT, "sha256").hex()[:16]

    def pseudonym_of(self, person_id: bytes) -> bytes:
        """The 16 bytes of the pseudonym of a person_id's 16 bytes."""
        return hmac.digest(self.secret, _PSEUDONYM + person_id, "sha256")[:16]


def has_person_key(settings: Settings) -> bool:
    """Whether there is a key yet; `person_key` makes one where there is none."""
    return settings.person_key is not None or _person_file(settings).exists()


def person_key(settings: Settings) -> PersonKey:
    """The key of this deployment: `VTJ_PERSON_KEY`, else the key file under `VTJ_HOME`.

    The file is made at first need, readable by its owner alone. Who loses it, or changes the
    variable, gets other person_ids.
    """
    return PersonKey.of(_secret(settings.person_key, _person_file(settings)))


def analyst_key(settings: Settings) -> AnalystKey:
    """The key of this deployment: `VTJ_ANALYST_KEY`, else the key file under `VTJ_HOME`.

    The file is made at first need, readable by its owner alone. Who loses it, or changes the
    variable, gets other pseudonyms.
    """
    return AnalystKey(_secret(settings.analyst_key, settings.home / "keys" / "analyst.key"))


def _person_file(settings: Settings) -> Path:
    return settings.home / "keys" / "person.key"


def _secret(given: SecretStr | None, path: Path) -> bytes:
    """The secret that is given, else the one that the file holds; it is made at first need."""
    if given is not None:
        return given.get_secret_value().encode()
    if not path.exists():
        make_once(path, secrets.token_hex(32))
    return path.read_text("ascii").strip().encode()
