"""The upload of identity codes: written, read back, and followed from one to the next."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from vtj_pipeline.cli import cli
from vtj_pipeline.errors import LegacyFileError
from vtj_pipeline.legacy.htt import followed, htt_bytes, htt_name, read_htt
from vtj_pipeline_tests.legacy.records import CHILD, OTHER, PARENT

SENDER = "TIETO:0037EXAMPLE:OVT"
# The last hours of a year in UTC are the next year's first ones in Finland, of another week's year.
NEW_YEAR = datetime(2017, 12, 31, 23, 30, tzinfo=UTC)


def test_an_upload_is_as_the_service_took_it() -> None:
    content = htt_bytes([CHILD, OTHER], [PARENT], sender=SENDER, at=NEW_YEAR)
    assert content.decode().split("\n") == [
        f"'''ED2'''VRK:003702454372:OVT'{SENDER}'201801010130'1'STX:INHOUSE'TYP:MUTPHT'NRQ:0'''",
        f"{CHILD}L",
        f"{OTHER}L",
        f"{PARENT}P",
        "'''EOF'''3'",
    ]
    assert htt_name("38950", NEW_YEAR) == "38950_20180101.HTT"
    assert read_htt("f.HTT", content).added == (CHILD, OTHER)


def test_whom_they_follow_is_what_the_uploads_left_in_the_order_of_writing() -> None:
    later = datetime(2018, 2, 1, tzinfo=UTC)
    first = read_htt("a", htt_bytes([CHILD, OTHER], [], sender=SENDER, at=NEW_YEAR))
    second = read_htt("b", htt_bytes([PARENT], [CHILD], sender=SENDER, at=later))
    assert followed([second, first]) == {OTHER, PARENT}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"'''ED2'''", b"", "first or last line is missing"),
        (b"'''EOF'''2'", b"'''EOF'''3'", "tells of 3 codes, and there are others"),
        (b"999FL", b"999FX", "line 2: not an identity code with L or P behind it"),
    ],
)
def test_what_is_no_upload_is_refused_without_a_code(old: bytes, new: bytes, said: str) -> None:
    content = htt_bytes([CHILD, OTHER], [], sender=SENDER, at=NEW_YEAR).replace(old, new)
    with pytest.raises(LegacyFileError, match=said) as raised:
        read_htt("f.HTT", content)
    assert CHILD not in str(raised.value)


def test_a_sender_must_be_of_the_agreed_form() -> None:
    with pytest.raises(LegacyFileError, match="OPERATOR:IDENTIFIER:OVT"):
        htt_bytes([], [], sender="me", at=NEW_YEAR)


def test_the_command_writes_what_makes_the_sent_list_into_the_one_of_now(tmp_path: Path) -> None:
    (tmp_path / "subscriptions.toml").write_text(
        '[[subscription]]\nname = "listed"\nproduct = "identity_codes"\n'
        'identity_codes_file = "codes.txt"\nstart_date = 2026-10-01\nbaseline = "perustiedot"\n'
    )
    (tmp_path / "codes.txt").write_text(f"{CHILD}\n{PARENT}\n")
    sent = tmp_path / "old.HTT"
    sent.write_bytes(htt_bytes([CHILD, OTHER], [], sender=SENDER, at=NEW_YEAR))
    given = ["--customer", "38950", "--sender", SENDER, "--sent", str(sent)]
    done = CliRunner().invoke(
        cli,
        ["legacy", "write-htt", str(tmp_path / "out"), *given],
        env={
            "VTJ_HOME": str(tmp_path / "home"),
            "VTJ_SUBSCRIPTIONS": str(tmp_path / "subscriptions.toml"),
        },
        catch_exceptions=False,
    )
    assert "1 codes added, 1 removed" in done.output
    (written,) = (tmp_path / "out").iterdir()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    upload = read_htt(written.name, written.read_bytes())
    assert (upload.added, upload.removed) == ((PARENT,), (OTHER,))
    for one in (written, sent, tmp_path / "codes.txt"):
        one.unlink()
