"""Alarms as mail, over a mail server that is named in the settings.

Keep out the words (`alarm.py`) and the settings (`configured.py`).
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from vtj_pipeline.alarms.certificates import refused_certificate
from vtj_pipeline.alarms.notifier import Receipt
from vtj_pipeline.errors import AlarmNotSent

if TYPE_CHECKING:
    import ssl

    from vtj_pipeline.alarms.alarm import Alarm

Security = Literal["starttls", "tls", "none"]
_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp+plain": ("none", 25),
}
# Any server takes it and none has to change it; a subject stays in one piece.
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=998)


@dataclass(frozen=True)
class MailServer:
    """A mail server and how the line to it is encrypted: from STARTTLS on, always, or never."""

    host: str
    port: int
    security: Security

    @classmethod
    def of(cls, url: str) -> MailServer:
        """The server of an address as VTJ_ALARM_SMTP_URL has it."""
        parts = urlsplit(url)
        security, port = _SCHEMES[parts.scheme]
        return cls(parts.hostname or "", parts.port or port, security)


@dataclass(frozen=True)
class SmtpNotifier:
    """Tells by mail.

    Attributes:
        server: The mail server.
        sender: The address that the mail comes from.
        recipients: The addresses that it goes to.
        tls: Which certificates are accepted.
        login: User name and password, if the server asks for them.
        timeout: Seconds to wait for each answer.
    """

    server: MailServer
    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)
    timeout: float = 10.0

    @property
    def name(self) -> str:
        """Its name."""
        return "email"

    @property
    def target(self) -> str:
        """The mail server."""
        return f"mail server {self.server.host}:{self.server.port}"

    def send(self, alarm: Alarm) -> Receipt:
        """Give the mail to the server.

        Raises:
            AlarmNotSent: the server took it for nobody.
        """
        with self._session() as session:
            refused = session.send_message(self._message(alarm), self.sender, self.recipients)
        taken = len(self.recipients) - len(refused)
        said = f"{self.target} took it for {taken} of {len(self.recipients)} recipients"
        if refused:
            said += ". Check the others in VTJ_ALARM_EMAIL_TO"
        return Receipt(said, is_complete=not refused)

    def reach(self) -> None:
        """Connect, encrypt and log in.

        Raises:
            AlarmNotSent: one of it fails.
        """
        with self._session() as session:
            session.noop()

    def _message(self, alarm: Alarm) -> EmailMessage:
        domain = self.sender.rpartition("@")[2]
        message = EmailMessage(_POLICY)
        message["From"] = self.sender
        message["To"] = ", ".join(self.recipients)
        message["Subject"] = f"[vtj-pipeline] {alarm.subject}"
        message["Date"] = format_datetime(alarm.at)
        message["Message-ID"] = f"<{alarm.id}@{domain}>"
        # Mail programs put an alarm, its repetitions and its end together by it.
        message["References"] = f"<{alarm.thread}@{domain}>"
        # No out-of-office notice comes back (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(alarm.text)
        return message

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        session: smtplib.SMTP | None = None
        try:
            session = self._connected()
            if self.login is not None:
                session.login(*self.login)
            yield session
        except (smtplib.SMTPException, OSError) as error:
            reason = _reason(error)
        else:
            return
        finally:
            if session is not None:
                # What the server has taken, it has taken, however we part.
                with suppress(smtplib.SMTPException, OSError):
                    session.quit()
        msg = f"{self.target} was asked to take a mail and {reason}"
        # Named, since a context manager's exceptions are chained: the server's words may quote.
        raise AlarmNotSent(msg) from None

    def _connected(self) -> smtplib.SMTP:
        host, port = self.server.host, self.server.port
        if self.server.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=self.timeout, context=self.tls)
        session = smtplib.SMTP(host, port, timeout=self.timeout)
        if self.server.security == "starttls":
            try:
                session.starttls(context=self.tls)
            except BaseException:
                session.close()
                raise
        return session


def _reason(error: Exception) -> str:
    """What the server did, and what to do; none of its own words."""
    match error:
        case smtplib.SMTPNotSupportedError():
            return (
                "offers no STARTTLS, or no login. Let VTJ_ALARM_SMTP_URL start with smtps:// if it "
                "speaks TLS from the first byte; unset VTJ_ALARM_SMTP_USERNAME if it wants none."
            )
        case smtplib.SMTPAuthenticationError():
            return (
                f"refused the login ({error.smtp_code}). Check VTJ_ALARM_SMTP_USERNAME and "
                "VTJ_ALARM_SMTP_PASSWORD."
            )
        case smtplib.SMTPRecipientsRefused():
            codes = sorted({code for code, _ in error.recipients.values()})
            said = ", ".join(map(str, codes))
            return f"refused every recipient ({said}). Check VTJ_ALARM_EMAIL_TO."
        case smtplib.SMTPSenderRefused():
            return f"refused the sender ({error.smtp_code}). Check VTJ_ALARM_EMAIL_FROM."
        case smtplib.SMTPResponseException():
            return f"answered {error.smtp_code}. See the mail server's own log."
    # smtplib says of everything that it was disconnected.
    cut = isinstance(error, smtplib.SMTPServerDisconnected) and error.__context__
    return refused_certificate(error) or (
        f"gave no usable answer ({type(cut or error).__name__}). Check VTJ_ALARM_SMTP_URL "
        "(scheme, host, port), the firewall, and that the server runs."
    )
