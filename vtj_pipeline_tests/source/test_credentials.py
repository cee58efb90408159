"""How a call proves who we are."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from vtj_pipeline.errors import SettingsError, SourceRefused
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import open_source
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import FakeSource, changes, told
from vtj_pipeline_tests.source.products import PASSWORD, USERNAME, municipality

XROAD = "FI-TEST/MUN/1234567-8/registers"


def _basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def test_basic_sends_the_authorization_header_alone(source: FakeSource, opens: Opens) -> None:
    source.on("muutokset", changes(2))
    opens().changes(1)
    headers = source.asked[0].headers
    assert headers["authorization"] == _basic(USERNAME, PASSWORD)
    assert "mutp-tunnus" not in headers and "mutp-salasana" not in headers


def test_mutp_sends_its_two_headers_alone(source: FakeSource, opens: Opens) -> None:
    source.on("muutokset", changes(2))
    opens(api_auth="mutp").changes(1)
    headers = source.asked[0].headers
    assert (headers["mutp-tunnus"], headers["mutp-salasana"]) == (USERNAME, PASSWORD)
    assert "authorization" not in headers


def test_subscription_may_name_variables_of_its_own(
    source: FakeSource, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_USER", "other")
    monkeypatch.setenv("OTHER_PASSWORD", "unlike")
    source.on("muutokset", changes(2))
    opens(municipality(username_env="OTHER_USER", password_env="OTHER_PASSWORD")).changes(1)
    assert source.asked[0].headers["authorization"] == _basic("other", "unlike")


def test_xroad_client_is_sent_where_it_is_set(source: FakeSource, opens: Opens) -> None:
    source.on("muutokset", changes(2))
    opens(xroad_client=XROAD).changes(1)
    opens().changes(1)
    assert source.asked[0].headers["x-road-client"] == XROAD
    assert "x-road-client" not in source.asked[1].headers


def test_password_that_is_not_set_is_named_before_any_call(
    source: FakeSource, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VTJ_API_PASSWORD")
    with pytest.raises(SettingsError, match="VTJ_API_PASSWORD is not set"):
        opens()
    assert source.asked == []


def test_address_that_is_not_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="VTJ_API_URL is not set"):
        open_source(Settings(home=tmp_path), municipality())


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_fail_at_once_and_name_the_variables(
    source: FakeSource, opens: Opens, pauses: list[float], status: int
) -> None:
    source.on("muutokset", told({"virhe": "ei"}, status=status))
    with pytest.raises(SourceRefused, match=r"VTJ_API_USERNAME.*VTJ_API_PASSWORD"):
        opens().changes(1)
    assert len(source.asked) == 1
    assert pauses == []
