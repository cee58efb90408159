"""Three customers that the tests of this folder share, made once by the command that makes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vtj_pipeline_tests.customers.place import NAMES, Place, running_place


@pytest.fixture(scope="package")
def place() -> Iterator[Place]:
    """A deployment with three customers, each with readers of its own."""
    with running_place() as place:
        for name in NAMES:
            place.add(name)
            for role in ("analyst", "operator"):
                place.give(name, f"{role}_of_{name}", role)
        yield place
