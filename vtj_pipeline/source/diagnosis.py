"""What a first call tells of the way to the source: TLS, credentials, clock.

One call, as the pipeline would make it, and what stands around its answer. Keep out what is advised
(`commands/doctor.py`). Nothing here holds a secret.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from vtj_pipeline.errors import SettingsError
from vtj_pipeline.source.bodies import CERTIFICATE, SMALL_ANSWER, AnswerTooLarge, Bounds, asked
from vtj_pipeline.source.connection import open_http
from vtj_pipeline.source.messages import DAY_CURSOR, NotJson, NotTheEnvelope, read_envelope
from vtj_pipeline.source.refusals import xroad_code
from vtj_pipeline.source.retry import CallLog, TriedCall

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings
    from vtj_pipeline.source.subscriptions import Subscription


@dataclass(frozen=True)
class FirstCall:
    """What came of asking for the cursor of a day, once.

    Attributes:
        status: HTTP status; None if no answer came.
        error: The class of error, where no answer came; with TLS, what OpenSSL found wrong.
        is_tls_fault: No answer came because of a certificate.
        xroad_error: The X-Road error's code, if there is one.
        has_cursor: The answer is the agreed JSON.
        clock_ahead: How far the clock here is ahead of the server's; None if it does not say.
        seconds: Until the answer was there.
        server_certificate_ends: When the server's certificate ends; None without TLS.
    """

    status: int | None = None
    error: str | None = None
    is_tls_fault: bool = False
    xroad_error: str = ""
    has_cursor: bool = False
    clock_ahead: timedelta | None = None
    seconds: float = 0.0
    server_certificate_ends: datetime | None = None


def first_call(
    settings: Settings, subscription: Subscription, day: date, log: CallLog
) -> FirstCall:
    """Ask for the cursor of a day (contract §2.1), once and without retries.

    Raises:
        SettingsError: address, credentials or a certificate are missing or unusable.
        BudgetExhausted: the day's quota is spent.
    """
    with open_http(settings, subscription) as http:
        log.take(DAY_CURSOR)
        before = datetime.now(UTC)
        found = _call(http, day, Bounds(SMALL_ANSWER, settings.api_timeout_seconds))
        seconds = (datetime.now(UTC) - before).total_seconds()
        error = found.error or (None if found.has_cursor else "status")
        log.record(TriedCall(DAY_CURSOR, 1, before, seconds, found.status, error))
    return found


def _call(http: httpx.Client, day: date, bounds: Bounds) -> FirstCall:
    before = datetime.now(UTC)
    try:
        with asked(http, "GET", f"kirjausavain/{day.isoformat()}", None, bounds) as response:
            ends = _server_certificate_ends(response)
    except httpx.ConnectError as error:
        reason = _tls_reason(error)
        return FirstCall(error=reason or type(error).__name__, is_tls_fault=bool(reason))
    except (httpx.TransportError, httpx.DecodingError, AnswerTooLarge) as error:
        return FirstCall(error=type(error).__name__)
    after = datetime.now(UTC)
    return FirstCall(
        status=response.status_code,
        xroad_error=xroad_code(response),
        has_cursor=_has_cursor(response),
        clock_ahead=_clock_ahead(response, before + (after - before) / 2),
        seconds=(after - before).total_seconds(),
        server_certificate_ends=ends,
    )


def certificate_ends(path: Path) -> datetime:
    """When the first certificate of a PEM file ends.

    Raises:
        SettingsError: there is no certificate in it.
    """
    ends = None
    try:
        text = path.read_text("ascii", errors="replace")
        begin = text.index("-----BEGIN CERTIFICATE-----")
        end = text.index("-----END CERTIFICATE-----", begin) + len("-----END CERTIFICATE-----")
        ends = _not_after(ssl.PEM_cert_to_DER_cert(text[begin:end]))
    except (OSError, ValueError, IndexError):
        ends = None
    if ends is None:
        msg = f"{path} holds no certificate that can be read. It must be a PEM file."
        raise SettingsError(msg)
    return ends


def _not_after(der: bytes) -> datetime:
    """The end of a certificate's validity (RFC 5280 §4.1): its fifth part, or sixth."""
    whole, _ = _content(der, 0)
    body, _ = _content(der, whole)
    place = body
    # [0] version, where there is one; then serial, signature algorithm and issuer.
    for _ in range(4 if der[place] == 0xA0 else 3):
        start, length = _content(der, place)
        place = start + length
    validity, _ = _content(der, place)
    start, length = _content(der, validity)
    start, length = _content(der, start + length)
    text = der[start : start + length].decode("ascii")
    # UTCTime has a year of two digits, GeneralizedTime of four.
    return datetime.strptime(text, "%y%m%d%H%M%SZ" if length == 13 else "%Y%m%d%H%M%SZ").replace(
        tzinfo=UTC
    )


def _content(der: bytes, place: int) -> tuple[int, int]:
    """Where the content of a DER value begins, and how long it is."""
    length = der[place + 1]
    if length < 0x80:
        return place + 2, length
    size = length & 0x7F
    return place + 2 + size, int.from_bytes(der[place + 2 : place + 2 + size])


def _server_certificate_ends(response: httpx.Response) -> datetime | None:
    certificate = response.extensions.get(CERTIFICATE)
    return None if certificate is None else _not_after(certificate)


def _tls_reason(error: httpx.ConnectError) -> str:
    """What OpenSSL found wrong, in its own words; empty if it was something else."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"certificate not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or type(cause).__name__}"
        cause = cause.__cause__ or cause.__context__
    return "certificate not accepted" if "CERTIFICATE_VERIFY_FAILED" in str(error) else ""


def _has_cursor(response: httpx.Response) -> bool:
    if response.status_code != 200:
        return False
    try:
        read_envelope(DAY_CURSOR, response.content)
    except (NotJson, NotTheEnvelope):
        return False
    return True


def _clock_ahead(response: httpx.Response, now: datetime) -> timedelta | None:
    try:
        said = parsedate_to_datetime(response.headers.get("Date", ""))
    except (ValueError, OverflowError):
        return None
    # The header has whole seconds.
    server: datetime = said.replace(tzinfo=said.tzinfo or UTC)
    return now - server - timedelta(seconds=0.5)
