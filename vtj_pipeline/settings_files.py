"""The settings of the register as Parquet files.

They are part of `Settings` (`settings.py`). Keep out settings of anything else.
"""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class RegisterFilesSettings(BaseSettings):
    """The settings of the register as Parquet files."""

    register_files: bool = Field(
        False,
        description=(
            "Whether what analysts may see is also written as Parquet files, with a manifest for "
            "each publication, beside landing and events and encrypted as they are."
        ),
    )
    register_files_kept: int = Field(
        2,
        ge=1,
        description="Publications whose register files are kept, the newest among them.",
    )
