"""A real mail server on a free port, which keeps what it gets and refuses what it is told to."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

LOGIN = ("register", "word-nobody-may-read")
SENDER = "register@example.fi"
RECIPIENTS = ("on-call@example.fi", "officer@example.fi")


@dataclass
class Mailbox:
    """What came, and who is turned away."""

    refused: tuple[str, ...] = ()
    answer: str = "250 taken"
    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return f"550 <{address}> unknown here"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.messages.append(message)
            self.recipients.append(envelope.rcpt_tos)
            self.encrypted.append(session.ssl is not None)
        return self.answer

    def login(self, server: Any, session: Any, envelope: Any, kind: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == LOGIN, handled=False)


class _OnAFreePort(Controller):
    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mailbox(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: bool = False,
) -> Iterator[Mailbox]:
    """A mail server that speaks TLS from STARTTLS on, from the first byte, or never."""
    box = Mailbox()
    controller = _OnAFreePort(
        box,
        hostname="127.0.0.1",
        port=0,
        server_hostname="mail.example.fi",
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=box.login,
        auth_required=login,
        auth_require_tls=starttls is not None,
    )
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()
