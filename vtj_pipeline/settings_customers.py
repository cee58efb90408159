"""The settings of a deployment that serves several customers.

They are part of `Settings` (`settings.py`). Keep out what a customer's own settings file holds
besides (`customers/`), which are the settings of any deployment.
"""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

# Part of keys of assets, of names of databases and logins, and of files' and folders' names.
CUSTOMER_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")


class CustomerSettings(BaseSettings):
    """The settings of several customers in one deployment."""

    customer: str | None = Field(
        None,
        description=(
            "Whose processes these are, in an instance of Dagster that several customers share. "
            "vtj-pipeline customers add writes it."
        ),
    )
    customers: Path | None = Field(
        None,
        description=(
            "Folder with a settings file for each customer, NAME.env. Unset: customers under "
            "VTJ_HOME."
        ),
    )
    dagster_url: SecretStr | None = Field(
        None,
        description=(
            "postgresql://… of a database for Dagster's own storage. Unset: the schema dagster of "
            "the register's database."
        ),
    )
    admin_url: SecretStr | None = Field(
        None,
        description=(
            "postgresql://… of a login that may make databases and roles. vtj-pipeline customers "
            "add uses it, and nothing else does."
        ),
    )
    code_socket: Path | None = Field(
        None,
        description="Where the code server listens. Unset: code.sock beside dagster.yaml.",
    )
    runs_at_once: int = Field(
        4, ge=1, description="Runs that the daemon lets go on at once, of all customers together."
    )
    runs_of_customer: int = Field(
        2, ge=1, description="Of these, runs of one customer, where there are several."
    )

    @field_validator("customer")
    @classmethod
    def _customer_is_a_name(cls, value: str | None) -> str | None:
        if value is not None and not CUSTOMER_NAME.fullmatch(value):
            msg = "must be small letters, digits and _, 30 at most, a letter first"
            raise ValueError(msg)
        return value

    @field_validator("dagster_url", "admin_url")
    @classmethod
    def _url_is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(
            ("postgresql://", "postgres://")
        ):
            msg = "must start with postgresql://"
            raise ValueError(msg)
        return value
