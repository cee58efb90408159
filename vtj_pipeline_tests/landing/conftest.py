"""Fixtures for landing tests: the source of `source/conftest.py`, and questions to the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.source.conftest import (  # noqa: F401  # fixtures, used by their names
    _credentials,
    opens,
    pauses,
    source,
)


class Ledger:
    """Reads the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        connection = self._database.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def batches(self, *columns: str) -> list[tuple[Any, ...]]:
        """Columns of every landed batch, in the order of landing."""
        return self.rows(f"select {', '.join(columns)} from ledger.landing_batch order by batch_id")

    def calls(self, *columns: str) -> list[tuple[Any, ...]]:
        """Columns of every landed answer, in the order of landing."""
        return self.rows(
            f"select {', '.join(columns)} from ledger.call order by batch_id, sequence"
        )


@pytest.fixture
def ledger(ready_database: Database) -> Ledger:
    """The ledger of the test's database."""
    return Ledger(ready_database)
