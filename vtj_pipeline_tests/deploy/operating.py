"""What docs/operating.md tells to type.

Keep out what is expected of it.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from vtj_pipeline_tests.pins import ROOT
from vtj_pipeline_tests.servers import system_binaries

PAGE = (ROOT / "docs" / "operating.md").read_text("utf-8")
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


_FIELDS = re.compile(r"^\| `([a-z_]+)` \| ([^|]*`[^|]+) \|$", re.MULTILINE)


def status_fields() -> dict[str, set[str]]:
    """What `status --json` is said to hold: the fields of each part."""
    page = PAGE.partition("\n### `status --json`\n")[2].partition("\n#")[0]
    return {part: set(re.findall(r"`([a-z_]+)`", said)) for part, said in _FIELDS.findall(page)}


def blocks(heading: str = "") -> list[str]:
    """The commands under a heading, or all."""
    page = PAGE
    if heading:
        page = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return _BLOCK.findall(page)


def follow(commands: str, url: str, home: Path, backup: Path) -> None:
    """Type commands of the page in a shell, with these in place of a server's own."""
    typed = commands.replace("/var/lib/vtj-pipeline", str(home)).replace("/backup", str(backup))
    binaries = system_binaries()
    assert binaries is not None
    subprocess.run(
        ["bash", "-euc", typed],
        env={"PATH": f"{binaries}:{os.defpath}", "VTJ_POSTGRES_URL": url},
        check=True,
    )
