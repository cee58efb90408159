"""A short run of the fuzz in every run of the tests, and what the long one has found.

`FOUND` are answers that did harm once: with each of them a whole file or publication stood still.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vtj_pipeline_tests.attacks.fuzz.bodies import AT, answers, healthy, spelt
from vtj_pipeline_tests.attacks.fuzz.reading import Reader

ROW = '"tietoryhma":"AMMATTI","muutosattribuutti":"LISATTY"'
UNKNOWN = '"tietoryhma":"UUSI","muutosattribuutti":"LISATTY"'
FOUND = {
    "half a character": f'{{{ROW},"ammatti":"a\\ud800b"}}',
    "NUL in a text": f'{{{ROW},"ammatti":"a\\u0000b"}}',
    "NUL in a key": f'{{{UNKNOWN},"a\\u0000":1}}',
    "NUL in a name of a group": '{"tietoryhma":"A\\u0000","muutosattribuutti":"LISATTY"}',
    "no number": f'{{{UNKNOWN},"a":NaN}}',
    "a number without end": f'{{{UNKNOWN},"a":1e999999}}',
    "depth": f'{{{UNKNOWN},"a":{"[" * 30000}1{"]" * 30000}}}',
    "a date beyond the calendar": '{"tietoryhma":"KOTIKUNTA","muutosattribuutti":"LISATTY",'
    '"kuntakoodi":"091","kuntaanMuuttopv":{"arvo":"5881579-01-01","tarkkuus":"PAIVA"}}',
    "a date without end": '{"tietoryhma":"KOTIKUNTA","muutosattribuutti":"LISATTY",'
    '"kuntakoodi":"091","kuntaanMuuttopv":{"arvo":"infinity","tarkkuus":"PAIVA"}}',
    "withheld, told second": '{"tietoryhma":"KOTIKUNTA","muutosattribuutti":"LISATTY",'
    '"kuntakoodi":"091","turvakiellonAlaisetKentat":null,"turvakiellonAlaisetKentat":["a"]}',
    "a moment without end": "infinity",
    "a moment beyond the calendar": "290000-01-01T00:00:00Z",
}


@pytest.mark.parametrize("name", FOUND)
def test_what_did_harm_once_goes_to_quarantine_alone(name: str, tmp_path: Path) -> None:
    row, at = (f"{{{ROW}}}", FOUND[name]) if "moment" in name else (FOUND[name], AT)
    broken = f'{{"henkilotunnus":"020290-998D","muutospv":"{at}","tietoryhmat":[{row}]}}'
    body = (
        f'{{"muutokset":[{broken},{spelt(healthy("change"))}],"ajanTasalla":true,'
        '"viimeisinKirjausavain":2}'
    ).encode()
    reader = Reader("change", tmp_path / "events.parquet")
    assert reader.wrong_in([(body, True)]) == ""
    (event,) = [one for one in reader.events([body]) if one["subject"] == "020290-998D"]
    assert event["fault"] and event["payload"] is None


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["change", "base"])
def test_no_answer_does_more_harm_than_its_own(kind: str, tmp_path: Path) -> None:
    reader = Reader(kind, tmp_path / "events.parquet")

    @settings(max_examples=3, derandomize=True, deadline=None, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(some=st.lists(answers(kind), min_size=20, max_size=20))
    def read(some: list[tuple[bytes, bool]]) -> None:
        assert reader.wrong_in(some) == ""

    read()


def test_the_long_run_starts() -> None:
    command = [sys.executable, "-m", "vtj_pipeline_tests.attacks.fuzz", "--minutes", "0"]
    assert subprocess.run(command, capture_output=True, timeout=120).returncode == 0
