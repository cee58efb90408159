"""What a wrong or missing setting gets: one sentence that names the variable, never its value."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from vtj_pipeline.commands.run import check_days, run_register_files
from vtj_pipeline.errors import DatabaseUnavailable, DayNotOver, SettingsError
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.privacy import PersonKey, person_key
from vtj_pipeline.register.template import render
from vtj_pipeline.settings import Settings, load_settings

SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VTJ_API_URL", f"ftp://{SECRET}"),
        ("VTJ_PERSON_KEY", SECRET),
        ("VTJ_API_TIMEOUT_SECONDS", SECRET),
        ("VTJ_POSTGRES_URL", f"mysql://u:{SECRET}@h/d"),
        ("VTJ_API_AUTH", SECRET),
        ("VTJ_OWNERS", f"a@b.fi, {SECRET}"),
        ("VTJ_CODE_URL", f"ssh://{SECRET}"),
        ("VTJ_PUBLICATION_MAX_LOSS_PERCENT", SECRET),
        ("VTJ_REGISTER_FILES", SECRET),
        ("VTJ_REGISTER_FILES_KEPT", "0"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert name in str(raised.value)
    assert SECRET not in str(raised.value)


def test_owners_are_listed_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTJ_OWNERS", "registry@example.fi, team:data protection ,")
    with pytest.raises(SettingsError, match="VTJ_OWNERS: each owner must be an e-mail address"):
        load_settings()
    monkeypatch.setenv("VTJ_OWNERS", "registry@example.fi, team:data ,")
    assert load_settings().owners == ("registry@example.fi", "team:data")


def test_register_files_are_written_for_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings().register_files, Settings().register_files_kept) == (False, 2)
    with pytest.raises(SettingsError, match="VTJ_REGISTER_FILES is not true"):
        run_register_files()
    monkeypatch.setenv("VTJ_REGISTER_FILES", "true")
    assert load_settings().register_files


def test_half_a_client_certificate_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTJ_CLIENT_CERT_FILE", __file__)
    with pytest.raises(SettingsError, match="VTJ_CLIENT_KEY_FILE"):
        load_settings()


def test_secrets_are_not_in_the_repr() -> None:
    settings = Settings(
        api_password=SECRET, postgres_url=f"postgresql://u:{SECRET}@h/d", person_key=SECRET * 3
    )
    assert SECRET not in repr(settings)
    assert SECRET not in repr(Database(f"postgresql://u:{SECRET}@h/d"))


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    url = f"postgresql://u:{SECRET}@127.0.0.1:1/d"
    with (
        pytest.raises(DatabaseUnavailable) as raised,
        running_database(Settings(postgres_url=url)),
    ):
        pass
    assert "127.0.0.1" in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_day_that_is_not_over_is_refused() -> None:
    with pytest.raises(DayNotOver, match="today is"):
        check_days(date(2999, 1, 1), date(2999, 1, 1))


def test_person_ids_are_hmac_sha256_of_the_code() -> None:
    """The first 128 bits of RFC 4231's test case 2."""
    key = PersonKey.of(b"Jefe")
    with duckdb.connect() as engine:
        engine.execute("set variable person_key_inner = ?", [key.inner])
        engine.execute("set variable person_key_outer = ?", [key.outer])
        engine.execute(render("person_id.sql"))
        found = engine.execute(
            "select person_id_of('what do ya want for nothing?')::varchar"
        ).fetchone()
    assert found == ("5bdcc146-bf60-754e-6a04-2426089575c7",)


def test_the_key_file_is_made_once_and_for_its_owner_alone(settings: Settings) -> None:
    keyless = Settings(home=settings.home)
    first = person_key(keyless)
    assert person_key(keyless) == first
    assert (settings.home / "keys" / "person.key").stat().st_mode & 0o077 == 0
