"""Two registers that are landed and published alike, by DuckDB in this process and by Spark."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from vtj_pipeline.catalogue import TABLES
from vtj_pipeline_tests.builders import Bench

ALSO = (
    "person", "person_alias", "scope_member", "refresh_request", "quarantine", "unknown_seen",
)  # fmt: skip
_STAGED = "select count(*) from pg_namespace where nspname like 'staging%'"


@dataclass
class Both:
    """The two of them."""

    here: Bench
    spark: Bench

    def land(self, *args: Any, **more: Any) -> None:
        """Land the same on both."""
        for bench in (self.here, self.spark):
            bench.land(*args, **more)

    def land_pages(self, *args: Any, **more: Any) -> None:
        """Land the same on both."""
        for bench in (self.here, self.spark):
            bench.land_pages(*args, **more)

    def publish(self, *, rebuild: bool = False) -> dict[str, Any]:
        """Publish both; reports and every table are the same. Returns the report."""
        here, spark = (
            asdict(one.publish(rebuild=rebuild)) | {"seconds": 0} for one in (self.here, self.spark)
        )
        assert spark == here
        assert unequal(self.here, self.spark) == {}
        assert self.spark.query(_STAGED) == [(0,)]
        return here


def unequal(one: Bench, other: Bench) -> dict[str, tuple[int, int]]:
    """Per table, how many rows only the one has, and only the other; nothing where equal."""
    found = {}
    for table in (*TABLES, *ALSO):
        rows = f"select t::text from register.{table} as t"
        ours, theirs = (Counter(text for (text,) in each.query(rows)) for each in (one, other))
        if ours != theirs:
            found[table] = (ours - theirs).total(), (theirs - ours).total()
    return found
