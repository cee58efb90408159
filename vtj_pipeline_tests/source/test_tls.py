"""The source has to show that it is the one that is meant, and nothing is sent to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from vtj_pipeline.errors import SourceUnavailable
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import open_source
from vtj_pipeline_tests.certificates import Authority
from vtj_pipeline_tests.source.fake_source import changes, running_source
from vtj_pipeline_tests.source.products import municipality


@pytest.mark.parametrize("fault", ["none", "authority", "name", "ended", "nothing named"])
def test_only_the_right_certificate_is_accepted(fault: str, tmp_path: Path) -> None:
    for name in ("ours", "another"):
        (tmp_path / name).mkdir()
    ours, another = Authority(tmp_path / "ours"), Authority(tmp_path / "another")
    trusted = {"authority": another.file, "nothing named": None}.get(fault, ours.file)
    with running_source(ours.server(days=-1 if fault == "ended" else 200)) as source:
        source.on("muutokset", changes(2))
        # The certificate is for 127.0.0.1 alone.
        url = source.url.replace("127.0.0.1", "localhost") if fault == "name" else source.url
        settings = Settings(home=tmp_path, api_url=url, ca_file=trusted, api_attempts=1)
        with open_source(settings, municipality()) as client:
            if fault == "none":
                assert client.changes(1).cursor_out == 2
                return
            with pytest.raises(SourceUnavailable):
                client.changes(1)
        assert source.asked == []
