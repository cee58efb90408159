"""The keys that local files of persons are encrypted with, told apart by an id in each file.

The first key encrypts; further ones are only read with, while keys are exchanged. Keep out the
format of the files (`sealed.py`) and who reads and writes them (`landing/`).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vtj_pipeline.errors import DataKeyMissing, SettingsError
from vtj_pipeline.privacy.key_files import make_once, replace_file

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings

KEY_BYTES = 32
_NAMED = b"vtj-pipeline data key\0"
_TO_DO = (
    "Make one with `vtj-pipeline data-key new` and give it as VTJ_DATA_KEY, or in a file that "
    "VTJ_DATA_KEY_FILE names; keep a copy apart from the backups: without it nothing that landed "
    "can be read."
)


@dataclass(frozen=True)
class DataKey:
    """One key of AES-256.

    Attributes:
        secret: Its 32 bytes.
    """

    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> bytes:
        """Eight bytes that tell this key from another and give nothing of it away."""
        return hmac.digest(self.secret, _NAMED, "sha256")[:8]

    @property
    def name(self) -> str:
        """The id as people see it."""
        return self.key_id.hex()


@dataclass(frozen=True)
class DataKeys:
    """The keys at hand.

    Attributes:
        current: What new files are encrypted with.
        earlier: What older files may still be encrypted with.
    """

    current: DataKey
    earlier: tuple[DataKey, ...] = ()

    def named(self, key_id: bytes, what: str) -> DataKey:
        """The key of an id.

        Args:
            key_id: As a file has it.
            what: The file, for the error.

        Raises:
            DataKeyMissing: it is not at hand.
        """
        for one in (self.current, *self.earlier):
            if one.key_id == key_id:
                return one
        at_hand = ", ".join(one.name for one in (self.current, *self.earlier))
        msg = (
            f"{what} is encrypted with the key {key_id.hex()}, and VTJ_DATA_KEY is {at_hand}. Give "
            "the key that the file was written with: behind the other one and a space, if keys are "
            "being exchanged. Nothing was changed."
        )
        raise DataKeyMissing(msg)


def new_key() -> str:
    """A new key, as `VTJ_DATA_KEY` takes it."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def parse_keys(text: str) -> DataKeys:
    """The keys in a text: base64 of 32 bytes each, with spaces or ends of lines between.

    Raises:
        ValueError: it holds anything else, or nothing; the message tells nothing of it.
    """
    found = [DataKey(_decoded(one)) for one in text.split()]
    if not found:
        msg = "there is no key in it"
        raise ValueError(msg)
    return DataKeys(found[0], tuple(found[1:]))


def data_keys(settings: Settings) -> DataKeys:
    """The keys of this deployment: `VTJ_DATA_KEY`, else the key file under `VTJ_HOME`.

    Beside an embedded PostgreSQL the file is made at first need, readable by its owner alone. A
    deployment with a PostgreSQL of its own is not given a key unasked: one that nobody has put
    away is lost together with the disk, and all that landed with it.

    Raises:
        SettingsError: there is no key, or the file holds none.
    """
    if settings.data_key is not None:
        return parse_keys(settings.data_key.get_secret_value())
    path = key_file(settings)
    if not path.exists():
        if settings.postgres_url is not None:
            msg = (
                f"VTJ_DATA_KEY is not set, and landed files are never written without it. {_TO_DO}"
            )
            raise SettingsError(msg)
        make_once(path, new_key())
    return _read(path)


def key_file(settings: Settings) -> Path:
    """The key file under `VTJ_HOME`, whether or not it exists."""
    return settings.home / "keys" / "data.key"


def begin_exchange(settings: Settings) -> DataKeys:
    """Put a new key before those in the key file, unless an exchange is under way already.

    Raises:
        SettingsError: the key is not in that file.
    """
    path = key_file(settings)
    keys = data_keys(settings)
    if settings.data_key is not None or keys.earlier:
        return keys
    keys = DataKeys(parse_keys(new_key()).current, (keys.current,))
    _write(path, (keys.current, *keys.earlier))
    return keys


def end_exchange(settings: Settings, keys: DataKeys) -> None:
    """Take the earlier keys out of the key file, if that is where they are."""
    if settings.data_key is None:
        _write(key_file(settings), (keys.current,))


def _read(path: Path) -> DataKeys:
    fault = ""
    try:
        return parse_keys(path.read_text("ascii"))
    except OSError as error:
        fault = type(error).__name__
    except ValueError as error:
        fault = str(error)
    msg = f"The keys of landed files were to be read from {path}: {fault}. Restore that file."
    raise SettingsError(msg)


def _write(path: Path, keys: Iterable[DataKey]) -> None:
    lines = (base64.b64encode(one.secret).decode("ascii") for one in keys)
    replace_file(path, "\n".join(lines))


def _decoded(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != KEY_BYTES:
        msg = f"each key must be {KEY_BYTES} bytes in base64 (vtj-pipeline data-key new makes one)"
        raise ValueError(msg) from None
    return found
