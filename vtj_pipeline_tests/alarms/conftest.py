"""What tests of mail and webhook share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vtj_pipeline_tests.alarms.mailbox import Mailbox, mailbox
from vtj_pipeline_tests.certificates import Authority


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who vouches for the servers of these tests."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server whose line is open."""
    with mailbox() as box:
        yield box
