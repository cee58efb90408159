"""How a call proves who we are: user id and password, in one of the two forms that DVV has used.

Add another `httpx.Auth` here when the source asks for one. Keep out certificates (`client.py`).
Contract §1.2.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TYPE_CHECKING

import httpx

from vtj_pipeline.errors import SettingsError
from vtj_pipeline.source.subscriptions import DEFAULT_PASSWORD_ENV, DEFAULT_USERNAME_ENV

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings
    from vtj_pipeline.source.subscriptions import Subscription


class MutpAuth(httpx.Auth):
    """The older form: headers `MUTP-Tunnus` and `MUTP-Salasana`."""

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the two headers to a request."""
        request.headers["MUTP-Tunnus"] = self._username
        request.headers["MUTP-Salasana"] = self._password
        yield request


def auth_of(settings: Settings, subscription: Subscription) -> httpx.Auth:
    """The auth strategy of a subscription.

    Raises:
        SettingsError: user id or password is not set; the message names the variable.
    """
    username = _value(
        subscription.username_env, subscription, DEFAULT_USERNAME_ENV, settings.api_username
    )
    password = _value(
        subscription.password_env,
        subscription,
        DEFAULT_PASSWORD_ENV,
        settings.api_password.get_secret_value() if settings.api_password else None,
    )
    if settings.api_auth == "mutp":
        return MutpAuth(username, password)
    return httpx.BasicAuth(username, password)


def _value(variable: str, subscription: Subscription, default: str, setting: str | None) -> str:
    # A subscription may name variables of its own, which `Settings` cannot know of beforehand.
    value = setting if variable == default else os.environ.get(variable)
    if not value:
        msg = (
            f"{variable} is not set. Subscription {subscription.name} needs it: set it to what DVV "
            "issued for the product."
        )
        raise SettingsError(msg)
    return value
