"""The notifiers that a deployment's settings name.

Add another way of telling here. Keep out what it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.alarms.certificates import trusted
from vtj_pipeline.alarms.smtp import MailServer, SmtpNotifier
from vtj_pipeline.alarms.webhook import WebhookNotifier

if TYPE_CHECKING:
    from pydantic import SecretStr

    from vtj_pipeline.alarms.notifier import Notifier
    from vtj_pipeline.settings import Settings

UNCONFIGURED = (
    "Nobody is told of alarms. Set VTJ_ALARM_SMTP_URL, VTJ_ALARM_EMAIL_FROM and "
    "VTJ_ALARM_EMAIL_TO, or VTJ_ALARM_WEBHOOK_URL, and try them: vtj-pipeline alarm test."
)


def are_notifiers_named(settings: Settings) -> bool:
    """Whether anybody is told at all."""
    return settings.alarm_smtp_url is not None or settings.alarm_webhook_url is not None


def notifiers_of(settings: Settings) -> tuple[Notifier, ...]:
    """Every notifier that the settings name; none if they name none.

    Raises:
        SettingsError: `VTJ_CA_FILE` cannot be used.
    """
    found: list[Notifier] = []
    if settings.alarm_smtp_url is not None:
        found.append(_mail(settings, settings.alarm_smtp_url))
    if settings.alarm_webhook_url is not None:
        found.append(_webhook(settings, settings.alarm_webhook_url.get_secret_value()))
    return tuple(found)


def _mail(settings: Settings, url: str) -> SmtpNotifier:
    login = None
    if settings.alarm_smtp_username is not None and settings.alarm_smtp_password is not None:
        login = (settings.alarm_smtp_username, settings.alarm_smtp_password.get_secret_value())
    return SmtpNotifier(
        server=MailServer.of(url),
        sender=settings.alarm_email_from or "",
        recipients=settings.alarm_email_to,
        tls=trusted(settings.ca_file),
        login=login,
        timeout=settings.alarm_timeout_seconds,
    )


def _webhook(settings: Settings, url: str) -> WebhookNotifier:
    return WebhookNotifier(
        url=url,
        tls=trusted(settings.ca_file),
        token=_value(settings.alarm_webhook_token),
        hmac_key=_value(settings.alarm_webhook_hmac_key),
        timeout=settings.alarm_timeout_seconds,
    )


def _value(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
