"""The connection to the source: address, credentials, certificates, all from the settings.

Keep out what is asked over it (`client.py`).
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx

from vtj_pipeline.errors import SettingsError
from vtj_pipeline.source.auth import auth_of

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings
    from vtj_pipeline.source.subscriptions import Subscription


def open_http(
    settings: Settings,
    subscription: Subscription,
    *,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """The connection to the source: address, credentials, certificates.

    Raises:
        SettingsError: as `open_source`.
    """
    if settings.api_url is None:
        msg = "VTJ_API_URL is not set. Set it to the source's address, up to and with /api/v1."
        raise SettingsError(msg)
    headers = {"Accept": "application/json"}
    if settings.xroad_client is not None:
        headers["X-Road-Client"] = settings.xroad_client
    return httpx.Client(
        base_url=settings.api_url + "/",
        auth=auth_of(settings, subscription),
        headers=headers,
        verify=_tls(settings),
        timeout=settings.api_timeout_seconds,
        limits=httpx.Limits(max_connections=settings.api_concurrency),
        follow_redirects=False,
        # Proxies and certificates come from the settings alone.
        trust_env=False,
        transport=transport,
    )


def _tls(settings: Settings) -> ssl.SSLContext:
    variable = "VTJ_CA_FILE"
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.client_cert_file is not None:
            variable = "VTJ_CLIENT_CERT_FILE or VTJ_CLIENT_KEY_FILE"
            # Without a password here OpenSSL would stop the run to ask for one.
            context.load_cert_chain(
                settings.client_cert_file, settings.client_key_file, password=""
            )
    except (ssl.SSLError, OSError, ValueError) as error:
        kind = type(error).__name__
    else:
        return context
    msg = f"{variable} cannot be used ({kind}). It must name an unencrypted PEM file."
    raise SettingsError(msg)
