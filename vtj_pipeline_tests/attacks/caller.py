"""A process of its own that asks servers for changes, and tells what came of it and what it took.

`python -m vtj_pipeline_tests.attacks.caller SETTINGS URL…` prints JSON: for each address the class
of error (null: an answer came), what was said, the calls made, and of all of them together by how
many bytes the largest memory grew. Keep out what is expected (`test_hostile_server.py`).
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from vtj_pipeline.settings import Settings
from vtj_pipeline.source import open_source
from vtj_pipeline_tests.source.products import municipality


def peak() -> int:
    """The largest memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def ask(url: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Ask one server, without pauses."""
    with tempfile.TemporaryDirectory() as home:
        chosen = Settings(home=Path(home), api_url=url, **settings)
        with open_source(chosen, municipality(), pause=lambda _: None) as client:
            error, said, told = None, "", ""
            try:
                client.changes(1)
            except Exception as raised:
                error, said = type(raised).__name__, str(raised)
                told = "".join(traceback.format_exception(raised))
            return {"error": error, "said": said, "told": told, "calls": client.budget.used}


def main() -> None:
    """Ask one after another."""
    settings = json.loads(sys.argv[1])
    before = peak()
    answers = [ask(url, settings) for url in sys.argv[2:]]
    print(json.dumps({"answers": answers, "grew": peak() - before}))


if __name__ == "__main__":
    main()
