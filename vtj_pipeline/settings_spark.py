"""The settings of the fold on a cluster.

They are part of `Settings` (`settings.py`). Keep out settings of anything else.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

_HERE = re.compile(r"local|local\[(\*|[1-9][0-9]*)\]")
_STANDALONE = re.compile(r"spark://[A-Za-z0-9.:,\[\]-]+:[0-9]+")
_SHORTEST_SECRET = 32


class SparkSettings(BaseSettings):
    """The settings of the fold on a cluster."""

    fold_engine: Literal["duckdb", "spark"] = Field(
        "duckdb",
        description=(
            "Where events are folded: in this process, or by the tasks of a Spark cluster (the "
            "extra spark), which fold their shares of the persons with the same statements."
        ),
    )
    spark_master: str = Field(
        "local[*]",
        description="spark://host:port of a standalone cluster, or local[n]: n cores of this one.",
    )
    spark_secret: SecretStr | None = Field(
        None,
        description=(
            "What the cluster's machines and this one know each other by (spark.authenticate."
            "secret), 32 characters or more. Not needed with local."
        ),
    )

    @field_validator("spark_master")
    @classmethod
    def _spark_master_is_known(cls, value: str) -> str:
        if value.startswith("sc://"):
            msg = (
                "Spark Connect is not supported, since what encrypts a shuffle cannot be switched "
                "on through it: name a cluster by spark://host:port"
            )
            raise ValueError(msg)
        if not _HERE.fullmatch(value) and not _STANDALONE.fullmatch(value):
            msg = "must be spark://host:port, local[n] or local[*]"
            raise ValueError(msg)
        return value

    @field_validator("spark_secret")
    @classmethod
    def _spark_secret_is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SHORTEST_SECRET:
            msg = f"must have at least {_SHORTEST_SECRET} characters"
            raise ValueError(msg)
        return value

    @property
    def spark_is_here(self) -> bool:
        """Whether Spark's tasks are this machine's."""
        return not self.spark_master.startswith("spark://")
