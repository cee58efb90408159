"""Settings of alarms: what is refused, by name and without its value; secrets from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from vtj_pipeline.alarms import notifiers_of
from vtj_pipeline.errors import SettingsError
from vtj_pipeline.settings import Settings, load_settings

SECRET = "hunter2-hunter2"
MAIL = {
    "VTJ_ALARM_SMTP_URL": "smtp://mail.example.fi",
    "VTJ_ALARM_EMAIL_FROM": "register@example.fi",
    "VTJ_ALARM_EMAIL_TO": "on-call@example.fi, officer@example.fi",
}


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert SECRET not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VTJ_ALARM_SMTP_URL", f"http://{SECRET}"),
        ("VTJ_ALARM_SMTP_URL", f"smtp://register:{SECRET}@mail.example.fi"),
        ("VTJ_ALARM_SMTP_URL", f"smtp://mail.example.fi:{SECRET}"),
        ("VTJ_ALARM_EMAIL_FROM", f"Register <{SECRET}@example.fi>"),
        ("VTJ_ALARM_EMAIL_TO", f"on-call@example.fi {SECRET}"),
        ("VTJ_ALARM_WEBHOOK_URL", f"http://hooks.example.fi/{SECRET}"),
        ("VTJ_ALARM_WEBHOOK_HMAC_KEY", SECRET),
        ("VTJ_ALARM_WEBHOOK_HMAC_KEY", f"whsec_{SECRET}-no-base64-no-base64"),
        ("VTJ_UI_URL", SECRET),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    assert name in refusal(monkeypatch, **{**MAIL, name: value})


@pytest.mark.parametrize("missing", list(MAIL))
def test_half_a_mail_is_refused(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    rest = {name: value for name, value in MAIL.items() if name != missing}
    assert missing in refusal(monkeypatch, **rest)


def test_half_a_login_or_one_over_an_open_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal(monkeypatch, **MAIL, VTJ_ALARM_SMTP_USERNAME="register")
    assert "VTJ_ALARM_SMTP_PASSWORD" in said
    monkeypatch.setenv("VTJ_ALARM_SMTP_PASSWORD", SECRET)
    assert load_settings().alarm_smtp_username == "register"
    assert "open line" in refusal(monkeypatch, VTJ_ALARM_SMTP_URL="smtp+plain://mail.example.fi")


def test_a_key_without_a_webhook_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "VTJ_ALARM_WEBHOOK_URL" in refusal(monkeypatch, VTJ_ALARM_WEBHOOK_TOKEN=SECRET)


def test_ways_to_tell_are_those_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert notifiers_of(load_settings()) == ()
    for name, value in MAIL.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VTJ_ALARM_WEBHOOK_URL", "https://hooks.example.fi/x")
    settings = load_settings()
    assert settings.alarm_email_to == ("on-call@example.fi", "officer@example.fi")
    assert [one.target for one in notifiers_of(settings)] == [
        "mail server mail.example.fi:587",
        "webhook at hooks.example.fi:443",
    ]


def test_any_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", "utf-8")
    for name in ("VTJ_ALARM_SMTP_PASSWORD", "VTJ_API_PASSWORD"):
        monkeypatch.setenv(f"{name}_FILE", str(file))
    monkeypatch.setenv("VTJ_ALARM_SMTP_USERNAME", "register")
    settings = load_settings()
    for secret in (settings.alarm_smtp_password, settings.api_password):
        assert secret is not None and secret.get_secret_value() == SECRET
    assert SECRET not in repr(settings)
    # What is given to the class goes before; what is in the environment twice is a mistake.
    assert Settings(api_password="x").api_password != settings.api_password
    assert "both set" in refusal(monkeypatch, VTJ_API_PASSWORD=SECRET)
    monkeypatch.delenv("VTJ_API_PASSWORD")
    gone = refusal(monkeypatch, VTJ_API_PASSWORD_FILE=str(tmp_path / "gone"))
    assert "VTJ_API_PASSWORD_FILE" in gone and "FileNotFoundError" in gone


def test_a_file_of_authorities_that_has_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none.pem"
    file.write_text("no certificate", "utf-8")
    settings = Settings(alarm_webhook_url="https://hooks.example.fi/x", ca_file=file)
    with pytest.raises(SettingsError, match="VTJ_CA_FILE"):
        notifiers_of(settings)
