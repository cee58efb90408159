"""A server in the source's place that means harm: nothing hangs, fills memory or learns a secret.

What else is tried of it stands beside what it is about: wrong certificates (`source/test_tls.py`),
redirects within a server and bodies that are none (`source/test_refusals.py`), cursors that run
back or stand still (`landing/test_changes.py`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from vtj_pipeline.errors import BudgetExhausted, SourceError, SourceUnavailable
from vtj_pipeline.landing import Storage, land_day
from vtj_pipeline.postgres import Database
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import open_source
from vtj_pipeline_tests.attacks.hostile import (
    HEAD,
    Hostile,
    bomb,
    dripping,
    endless,
    hostile,
    whole,
)
from vtj_pipeline_tests.certificates import Authority
from vtj_pipeline_tests.source.fake_source import Told, changes, cursor, running_source
from vtj_pipeline_tests.source.products import PASSWORD, USERNAME, municipality

# An answer may have 20 MB here. What it and its unpacking take is some times that, not the bomb's.
LARGEST_MB, MOST_MEMORY = 20, 150_000_000
FINE = changes(2).body
SECRETS = (PASSWORD, "dXNlci1vZi10ZXN0czp3b3JkLW5vYm9keS1tYXktcmVhZA==")


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VTJ_API_USERNAME", USERNAME)
    monkeypatch.setenv("VTJ_API_PASSWORD", PASSWORD)


@pytest.fixture
def server() -> Iterator[Hostile]:
    with hostile() as server:
        yield server


def asked(urls: list[str], **settings: Any) -> dict[str, Any]:
    given = {"api_attempts": 2, "api_max_answer_mb": LARGEST_MB, "api_timeout_seconds": 5}
    done = subprocess.run(
        [sys.executable, "-m", "vtj_pipeline_tests.attacks.caller",
         json.dumps({**given, **settings}), *urls],
        capture_output=True, text=True, check=True, timeout=120, env={**os.environ},
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_no_answer_takes_more_memory_than_is_allowed(server: Hostile) -> None:
    large = b'{"muutokset":[],"ajanTasalla":true,"viimeisinKirjausavain":2,"x":"%b"}'
    cases = {
        endless(): "more than 20 MB",
        endless("Content-Encoding: gzip", part=bomb(size=10_000_000)): "no whole answer",
        whole(bomb(), "Content-Encoding: gzip"): "more than 20 MB",
        whole(bomb(2), "Content-Encoding: gzip, gzip"): "DecodingError|UnknownPacking",
        whole(bomb(3), "Content-Encoding: gzip"): "not JSON",
        whole(b"\x28\xb5\x2f\xfd" * 100, "Content-Encoding: zstd"): "UnknownPacking",
        whole(b"\x1b" * 100, "Content-Encoding: br"): "UnknownPacking",
        whole(zlib_of(b" " * 1000), "Content-Encoding: deflate"): "UnknownPacking",
        whole(FINE, "Content-Encoding: gzip"): "UnknownPacking",
        whole(bomb(size=1_000_000)[:-9], "Content-Encoding: gzip"): "UnknownPacking",
        whole(large % (b"a" * 21_000_000)): "more than 20 MB",
        whole(b"[" + b"{}," * 5_000_000 + b"0]"): "hardly more than brackets",
        whole(b'{"a":' * 2_000_000): "hardly more than brackets",
        whole(b"[" * 15_000_000): "hardly more than brackets",
        whole(large % b"a" * 2): "not JSON",
        whole(b"9" * 15_000_000): "not JSON",
        whole(FINE, "X-Long: " + "a" * 2_000_000): "RemoteProtocolError",
        whole(FINE, *[f"X-{n}: {n}" for n in range(50_000)]): "RemoteProtocolError",
        whole(FINE, length=len(FINE) + 1): "no whole answer",
        whole(FINE, length=5): "not JSON",
        whole(FINE, length=-5): "RemoteProtocolError",
        lambda: [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 b"fffffffffffffffffff\r\n"]: "RemoteProtocolError",
        lambda: [b"\x16\x03\x01\x00 nothing of HTTP"]: "RemoteProtocolError",
        lambda: [b"HTTP/1.1 500 E\r\nContent-Length: 99\r\n\r\n", PASSWORD.encode()]:
            "no whole answer|status 500",
        lambda: [b"HTTP/1.1 400 E\r\n\r\n", *[b" " * 60_000] * 500]: "status 400",
        whole(FINE): "",
    }  # fmt: skip
    found = asked([server.on(answer) for answer in cases])
    for (said, one), url in zip(
        zip(cases.values(), found["answers"], strict=True), server.answers, strict=True
    ):
        if said:
            assert re.search(said, one["said"]), (url, said, one)
            assert one["error"] in ("SourceUnavailable", "SourceRefused", "UnreadableAnswer"), one
        else:
            assert one["error"] is None, one
        assert one["calls"] <= 2
        for secret in SECRETS:
            assert secret not in one["told"], url
    assert found["grew"] < MOST_MEMORY


def zlib_of(content: bytes) -> bytes:
    import zlib

    return zlib.compress(content)


def test_an_answer_that_never_ends_is_not_waited_for(server: Hostile) -> None:
    """Byte by byte, each in time; or all of it but the end, on a connection that stays open."""
    silent = whole(FINE, length=len(FINE) + 10)

    def kept_open() -> Iterator[bytes]:
        yield from silent()
        server.stop.wait()

    urls = [server.on(dripping(0.05)), server.on(kept_open)]
    found = asked(urls, api_timeout_seconds=0.5)
    said = [one["said"] for one in found["answers"]]
    assert "AnswerTooSlow" in said[0]
    assert "ReadTimeout" in said[1]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_is_sent_to_where_a_redirect_leads(
    server: Hostile, status: int, tmp_path: Path
) -> None:
    """To another host, by name or address, or to the same without TLS."""
    for name in ("tls",):
        (tmp_path / name).mkdir()
    authority = Authority(tmp_path / "tls")
    elsewhere = server.on(whole(FINE))
    for address in (elsewhere, elsewhere.replace("127.0.0.1", "localhost"), f"//{elsewhere[7:]}"):
        with running_source(authority.server()) as source:
            source.on("muutokset", Told(b"", status=status, headers={"Location": address}))
            settings = Settings(home=tmp_path, api_url=source.url, ca_file=authority.file)
            with (
                open_source(settings, municipality(), pause=lambda _: None) as client,
                pytest.raises(SourceError, match="redirect, which is not followed") as stopped,
            ):
                client.changes(1)
        told = "".join(traceback.format_exception(stopped.value))
        assert "localhost" not in told
        assert not [secret for secret in SECRETS if secret in told]
    assert server.asked == []


@pytest.mark.parametrize(
    "wait",
    [
        *("1000000", "9" * 400, "-1", "1e9", "NaN", "١", "soon\tor never", ""),
        *("Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 99999 00:00:00 GMT"),
        "Fri, 31 Dec 2100 00:00:00 +99999999999999",
        "Mon, 01 Jan 0001 00:00:00 +2359",
    ],
)
def test_no_retry_after_stops_the_night_or_breaks_it(wait: str, tmp_path: Path) -> None:
    pauses: list[float] = []
    with running_source() as source:
        header = wait.encode().decode("latin-1")
        source.on("muutokset", Told(b"", status=429, headers={"Retry-After": header}))
        settings = Settings(home=tmp_path, api_url=source.url, api_attempts=3)
        with (
            open_source(settings, municipality(), pause=pauses.append) as client,
            pytest.raises((BudgetExhausted, SourceUnavailable)),
        ):
            client.changes(1)
        assert len(source.asked) <= 3
    assert sum(pauses) < settings.api_max_seconds


def test_pages_without_end_end_with_the_calls_of_the_run(
    tmp_path: Path, storage: Storage, ready_database: Database
) -> None:
    """`ajanTasalla` that never becomes true, and a cursor that goes on by one."""
    day = date(2026, 11, 5)
    with running_source() as source:
        for at, first in enumerate((100, 200, 10**9)):
            source.on(f"kirjausavain/{day.replace(day=4 + at)}", cursor(first))
        source.on(
            "muutokset",
            lambda asked: changes(asked.body["viimeisinKirjausavain"] + 1, caught_up=False),
        )
        settings = Settings(home=tmp_path, api_url=source.url, api_max_calls=50)
        with (
            open_source(settings, municipality(), pause=lambda _: None) as client,
            pytest.raises(BudgetExhausted, match="VTJ_API_MAX_CALLS"),
        ):
            land_day(municipality(), day, client, storage, ready_database,
                     today=day.replace(day=6), run_id="test")  # fmt: skip
        assert len(source.asked) == 50


def test_a_refusal_of_many_bytes_says_no_more_than_its_beginning(server: Hostile) -> None:
    """Of the body of a refusal nothing is told at all, and no more is read than is looked at."""
    rest = 0

    def refused() -> Iterator[bytes]:
        nonlocal rest
        yield HEAD.replace("200 OK", "403 Forbidden").encode() + b"\r\n"
        for _ in range(2000):
            rest += 1
            yield PASSWORD.encode() * 4000

    found = asked([server.on(refused)])
    (one,) = found["answers"]
    assert one["error"] == "SourceRefused"
    assert PASSWORD not in one["told"]
    assert rest < 2000
