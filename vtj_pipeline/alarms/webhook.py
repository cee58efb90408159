"""Alarms as JSON, posted to an address: a chat room, an on-call service, a program of one's own.

Signatures follow Standard Webhooks. Keep out the document (`alarm.py`) and the settings
(`configured.py`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import orjson

from vtj_pipeline.alarms.certificates import refused_certificate
from vtj_pipeline.alarms.notifier import Receipt
from vtj_pipeline.errors import AlarmNotSent

if TYPE_CHECKING:
    import ssl

    from vtj_pipeline.alarms.alarm import Alarm

_PAUSES = (1.0, 3.0)
_LONGEST_PAUSE = 5.0
_PORTS = {"https": 443, "http": 80}
MARK = "whsec_"


@dataclass(frozen=True)
class WebhookNotifier:
    """Tells by a POST.

    Attributes:
        url: The address; it may be a secret in itself, so that only its host is ever shown.
        tls: Which certificates are accepted.
        token: Sent as bearer token.
        hmac_key: Signs id, time and body.
        timeout: Seconds to wait for a connection, and for an answer.
        sleep: Waits so many seconds.
        clock: What time it is.
    """

    url: str = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)
    token: str | None = field(default=None, repr=False)
    hmac_key: str | None = field(default=None, repr=False)
    timeout: float = 10.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)

    def __post_init__(self) -> None:
        # It tells whole addresses at INFO.
        logging.getLogger("httpx").setLevel(logging.WARNING)

    @property
    def name(self) -> str:
        """Its name."""
        return "webhook"

    @property
    def target(self) -> str:
        """The host of its address."""
        parts = urlsplit(self.url)
        return f"webhook at {parts.hostname}:{parts.port or _PORTS[parts.scheme]}"

    def send(self, alarm: Alarm) -> Receipt:
        """Post it; a server that is busy or troubled is asked a few times.

        Raises:
            AlarmNotSent: no answer, or another one than 2xx.
        """
        body = orjson.dumps(alarm.document)
        status = 0
        try:
            with self._client() as client:
                for pause in (*_PAUSES, None):
                    status, wanted = self._post(client, alarm.id, body)
                    if 200 <= status < 300:
                        return Receipt(f"{self.target} answered {status}")
                    if pause is None or not (status == 429 or status >= 500):
                        break
                    if (wanted or 0) > _LONGEST_PAUSE:
                        break
                    self.sleep(pause if wanted is None else wanted)
        except httpx.HTTPError as error:
            reason = _reason(error)
        else:
            reason = f"answered {status}. {_advice(status)}"
        # Outside of the handler: the library's own words hold the address.
        msg = f"{self.target} was posted to and {reason}"
        raise AlarmNotSent(msg)

    def reach(self) -> None:
        """Connect, and encrypt where it is https; a request would be an alarm.

        Raises:
            AlarmNotSent: one of it fails.
        """
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        try:
            with socket.create_connection((host, port), self.timeout) as line:
                if parts.scheme == "https":
                    self.tls.wrap_socket(line, server_hostname=host).close()
        except OSError as error:
            reason = _reason(error)
        else:
            return
        msg = f"{self.target} was to be reached and {reason}"
        raise AlarmNotSent(msg)

    def _client(self) -> httpx.Client:
        # Proxies and certificates come from the settings alone, as for the source.
        return httpx.Client(
            verify=self.tls, timeout=self.timeout, follow_redirects=False, trust_env=False
        )

    def _post(self, client: httpx.Client, key: str, body: bytes) -> tuple[int, float | None]:
        """Status, and the seconds that the server wants to be left alone, if it says."""
        # What it answers besides is not read: it may be anything, of any length.
        with client.stream(
            "POST", self.url, content=body, headers=self._headers(key, body)
        ) as response:
            wanted = response.headers.get("Retry-After", "").strip()
            return response.status_code, float(wanted) if _is_number(wanted) else None

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        moment = str(int(self.clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "vtj-pipeline",
            "webhook-id": key,
            "webhook-timestamp": moment,
        }
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.hmac_key is not None:
            signed = f"{key}.{moment}.".encode() + body
            digest = hmac.new(key_bytes(self.hmac_key), signed, hashlib.sha256).digest()
            headers["webhook-signature"] = "v1," + base64.b64encode(digest).decode()
        return headers


def key_bytes(key: str) -> bytes:
    """The bytes of a key: base64 behind `whsec_`, as receivers give it out, else as it stands."""
    return base64.b64decode(key.removeprefix(MARK)) if key.startswith(MARK) else key.encode()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _reason(error: Exception) -> str:
    return refused_certificate(error) or (
        f"gave no usable answer ({type(error).__name__}). Check VTJ_ALARM_WEBHOOK_URL, the "
        "firewall, and that the server runs."
    )


def _advice(status: int) -> str:
    if status in (401, 403):
        return "Check VTJ_ALARM_WEBHOOK_TOKEN or VTJ_ALARM_WEBHOOK_HMAC_KEY."
    if status == 429 or status >= 500:
        return "It is busy or troubled: see to that server if it stays so."
    if 300 <= status < 400:
        return "Set VTJ_ALARM_WEBHOOK_URL to where it redirects: nothing is followed."
    return "Check VTJ_ALARM_WEBHOOK_URL, and that the server takes this JSON."
