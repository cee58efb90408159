"""The settings of alarms: who is told, and how they are reached.

They are part of `Settings` (`settings.py`). Keep out settings of anything else.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

_LOCAL = ("127.0.0.1", "localhost", "::1")
_MAIL_SCHEMES = ("smtp", "smtps", "smtp+plain")
_MAIL_ADDRESS = re.compile(r"[!-~]+@[!-~]+")
_ADDRESS_SIGNS = frozenset('<>(),;:"\\[]')

_SHORTEST_KEY = 24


class AlarmSettings(BaseSettings):
    """The settings of alarms."""

    alarm_smtp_url: str | None = Field(
        None,
        description=(
            "Mail server for alarms. smtp://host: TLS by STARTTLS, port 587; smtps://host: TLS "
            "from the first byte, port 465; smtp+plain://host: not encrypted, port 25. Another "
            "port is written behind the host."
        ),
    )
    alarm_smtp_username: str | None = Field(None, description="Login at the mail server.")
    alarm_smtp_password: SecretStr | None = Field(None, description="Its password.")
    alarm_email_from: str | None = Field(None, description="Sender of the alarms' mail.")
    alarm_email_to: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Who gets the alarms' mail: addresses, parted by commas."
    )
    alarm_webhook_url: SecretStr | None = Field(
        None, description="Where alarms are posted as JSON: https, or http to this machine."
    )
    alarm_webhook_token: SecretStr | None = Field(
        None, description="Sent to the webhook as Authorization: Bearer …."
    )
    alarm_webhook_hmac_key: SecretStr | None = Field(
        None, description="Signs what is posted, as Standard Webhooks (webhook-signature) has it."
    )
    alarm_timeout_seconds: float = Field(
        10.0, gt=0, le=15, description="Longest wait for a step of a mail server or webhook."
    )
    alarm_repeat_hours: float = Field(
        24.0, gt=0, description="A check that still fails is told again after so many hours."
    )
    ui_url: str | None = Field(
        None, description="Address of Dagster's UI as its users see it, for links in alarms."
    )

    @field_validator("ui_url")
    @classmethod
    def _ui_url_is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            msg = "must start with https:// or http://"
            raise ValueError(msg)
        return value and value.rstrip("/")

    @field_validator("alarm_smtp_url")
    @classmethod
    def _mail_server_is_named(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in _MAIL_SCHEMES or not parts.hostname or not _has_port(value):
            msg = "must be smtp://host[:port], smtps://host[:port] or smtp+plain://host[:port]"
            raise ValueError(msg)
        if parts.username or parts.password or parts.path.strip("/") or parts.query:
            msg = (
                "must name scheme, host and port alone; a login goes to VTJ_ALARM_SMTP_USERNAME "
                "and VTJ_ALARM_SMTP_PASSWORD"
            )
            raise ValueError(msg)
        return value

    @field_validator("alarm_email_to", mode="before")
    @classmethod
    def _addresses_are_parted(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(one.strip() for one in value.split(",") if one.strip())
        return value

    @field_validator("alarm_email_to", "alarm_email_from")
    @classmethod
    def _addresses_are_addresses(
        cls, value: tuple[str, ...] | str | None
    ) -> tuple[str, ...] | str | None:
        for one in (value,) if isinstance(value, str) else value or ():
            if not _MAIL_ADDRESS.fullmatch(one) or _ADDRESS_SIGNS & set(one):
                msg = "must hold addresses such as register@example.fi, without names"
                raise ValueError(msg)
        return value

    @field_validator("alarm_webhook_url")
    @classmethod
    def _webhook_is_encrypted(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        parts = urlsplit(value.get_secret_value())
        is_local = parts.scheme == "http" and parts.hostname in _LOCAL
        if not parts.hostname or not (parts.scheme == "https" or is_local):
            msg = "must start with https:// (or http:// for a server on this machine)"
            raise ValueError(msg)
        return value

    @field_validator("alarm_webhook_hmac_key")
    @classmethod
    def _key_is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        key = value.get_secret_value()
        try:
            length = len(b64decode(key[6:], validate=True) if key.startswith("whsec_") else key)
        except binascii.Error:
            length = 0
        if length < _SHORTEST_KEY:
            msg = f"must have {_SHORTEST_KEY} characters or more, or be base64 behind whsec_"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _mail_is_whole(self) -> AlarmSettings:
        parts = (self.alarm_smtp_url, self.alarm_email_from, self.alarm_email_to)
        if any(parts) and not all(parts):
            msg = (
                "VTJ_ALARM_SMTP_URL, VTJ_ALARM_EMAIL_FROM and VTJ_ALARM_EMAIL_TO go together: one "
                "of them is not set"
            )
            raise ValueError(msg)
        if (self.alarm_smtp_username is None) != (self.alarm_smtp_password is None):
            msg = (
                "VTJ_ALARM_SMTP_USERNAME and VTJ_ALARM_SMTP_PASSWORD go together: one of them is "
                "not set"
            )
            raise ValueError(msg)
        server = urlsplit(self.alarm_smtp_url or "")
        is_open = server.scheme == "smtp+plain" and server.hostname not in _LOCAL
        if self.alarm_smtp_username and is_open:
            msg = (
                "VTJ_ALARM_SMTP_USERNAME: the password would be sent over an open line; let "
                "VTJ_ALARM_SMTP_URL start with smtp:// or smtps://"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> AlarmSettings:
        if self.alarm_webhook_url is None and (
            self.alarm_webhook_token or self.alarm_webhook_hmac_key
        ):
            msg = (
                "VTJ_ALARM_WEBHOOK_TOKEN and VTJ_ALARM_WEBHOOK_HMAC_KEY need "
                "VTJ_ALARM_WEBHOOK_URL, which is not set"
            )
            raise ValueError(msg)
        return self


def _has_port(url: str) -> bool:
    """Whether the port of an address is a port, if it names one."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False
