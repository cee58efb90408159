"""A process that publishes and is killed at a step: `python -m …victim URL HOME STEP TABLE…`.

Started by `test_crash.py` alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

from vtj_pipeline_tests.conftest import DATA_KEYS
from vtj_pipeline_tests.properties.crashes import FragileDatabase, FragileStorage, Steps, kill
from vtj_pipeline_tests.properties.feeds import part_of_catalogue
from vtj_pipeline_tests.properties.world import World


def main(url: str, home: str, step: str, *tables: str) -> None:
    """Extract and publish what is landed, until the step."""
    steps = Steps(int(step), kill)
    world = World(FragileDatabase(url, steps), Path(home))
    world.storage = FragileStorage(Path(home), DATA_KEYS, steps)
    world.catalogue = part_of_catalogue(tables)
    world.publish()


if __name__ == "__main__":
    main(*sys.argv[1:])
