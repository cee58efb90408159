"""Every setting of the program, typed; the only reader of the environment.

Add a setting here and nowhere else; those of alarms, of several customers and of Spark stand in
`settings_alarms.py`, `settings_customers.py`, `settings_files.py` and `settings_spark.py`. Keep
out: subscriptions (`source/subscriptions.py`) and anything that opens a file (but a secret's own),
a socket or a database.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from vtj_pipeline.errors import SettingsError
from vtj_pipeline.settings_alarms import AlarmSettings
from vtj_pipeline.settings_customers import CustomerSettings
from vtj_pipeline.settings_files import RegisterFilesSettings
from vtj_pipeline.settings_spark import SparkSettings

PREFIX = "VTJ_"
LogFormat = Literal["text", "json"]
_LOG_FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)
_OBJECT_STORE = re.compile(
    r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?"
)
# What Dagster takes for an owner.
_OWNER = re.compile(r"team:\S+|[^@\s:]+@[^@\s]+\.[^@\s]+")


class Settings(AlarmSettings, CustomerSettings, RegisterFilesSettings, SparkSettings):
    """The deployment's settings, read from `VTJ_*` environment variables.

    Paths are relative to the working directory. Secrets are `SecretStr`: they never show in a
    `repr`, a log line or an error; instead of `VTJ_X` each may be given as `VTJ_X_FILE`, the path
    of a file that holds it.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(
        Path(".vtj"), description="Local state: landing, events, keys, embedded PostgreSQL."
    )
    data_url: str | None = Field(
        None,
        description=(
            "s3://bucket/prefix of an S3-compatible object store for landing, events and register "
            "files, reached by the usual AWS_… variables (the extra s3). Unset: under VTJ_HOME."
        ),
    )
    postgres_url: SecretStr | None = Field(
        None,
        description="postgresql://… of an existing server (15 or later). Unset: the embedded one.",
    )

    api_url: str | None = Field(
        None, description="The source's base address, up to and with /api/v1."
    )
    api_username: str | None = Field(None, description="User id that DVV issued for the product.")
    api_password: SecretStr | None = Field(
        None, description="Password that DVV issued for the product."
    )
    api_auth: Literal["basic", "mutp"] = Field(
        "basic",
        description="basic: Authorization header; mutp: MUTP-Tunnus and MUTP-Salasana headers.",
    )
    api_timeout_seconds: float = Field(
        60.0,
        gt=0,
        description=(
            "Longest wait for an answer's next bytes, and for the whole of it, but that every "
            "10 kB of an answer give it another second."
        ),
    )
    api_max_answer_mb: int = Field(
        1_000, ge=1, description="Largest answer, unpacked, in megabytes; a larger one is refused."
    )
    api_attempts: int = Field(5, ge=1, description="Tries of one call before it counts as failed.")
    api_max_calls: int = Field(100_000, ge=1, description="Calls that one run may make.")
    api_max_seconds: float = Field(
        6 * 3600.0, gt=0, description="Seconds that one run may spend on calls."
    )
    api_concurrency: int = Field(4, ge=1, le=32, description="Calls under way at once.")
    baseline_max_euros: float = Field(
        1_000.0, ge=0, description="A baseline that would cost more stops before its first call."
    )
    xroad_client: str | None = Field(
        None, description="X-Road-Client header: instance/class/member code/subsystem."
    )
    ca_file: Path | None = Field(
        None, description="CA certificates that the source's certificate chains to."
    )
    client_cert_file: Path | None = Field(
        None, description="Client certificate (PEM) for the security server."
    )
    client_key_file: Path | None = Field(
        None, description="Private key (PEM) of the client certificate."
    )

    subscriptions: Path | None = Field(
        None,
        description="TOML file with the subscriptions. Unset: subscriptions.toml under VTJ_HOME.",
    )
    person_key: SecretStr | None = Field(
        None,
        description="Key of person_id, 32 characters or more. Unset: a file made under VTJ_HOME.",
    )
    analyst_key: SecretStr | None = Field(
        None,
        description=(
            "Key of the analysts' pseudonyms, 32 characters or more. Unset: a file made under "
            "VTJ_HOME."
        ),
    )

    data_key: SecretStr | None = Field(
        None,
        description=(
            "Key of the files of persons: 32 bytes in base64, as vtj-pipeline data-key new "
            "makes one. While keys are exchanged several, with spaces or ends of lines between: "
            "the first encrypts, the others are still read. Unset: a file made under VTJ_HOME, "
            "where PostgreSQL is the embedded one."
        ),
    )

    fold_memory: str = Field(
        "3GB",
        pattern=r"^\d+(\.\d+)?(MB|GB)$",
        description=(
            "Memory that DuckDB may use before it spills to disk; on Spark, in each task."
        ),
    )
    publication_max_loss_percent: float = Field(
        10.0,
        ge=0,
        le=100,
        description=(
            "Largest part of the persons in the register, of the living, of those with a home "
            "municipality or in a subscription's scope that one publication may take away."
        ),
    )
    accept_publication_after: int | None = Field(
        None,
        ge=0,
        description=(
            "Lets one publication pass that was refused: the number of the last publication, as "
            "the refusal says it. It holds for the next one only."
        ),
    )

    log_format: LogFormat = Field(
        "text",
        description=(
            "How services and commands tell what they do: text for people, or json, one object a "
            "line with time, level, logger and message."
        ),
    )
    owners: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Who answers for the assets: addresses or team:NAME, with commas between.",
    )
    code_url: str | None = Field(
        None,
        description=(
            "Where the program's code can be read, such as https://…/OWNER/REPOSITORY/tree/main: "
            "assets link to it. `local`: to this machine's files, as vtj-pipeline dev does."
        ),
    )

    column_lineage: bool = Field(
        True,
        description=(
            "Whether the UI shows from which columns a view's columns are made. It is read when "
            "all views are made anew, which takes about a minute longer."
        ),
    )

    @field_validator("owners", mode="before")
    @classmethod
    def _owners_are_listed(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(one.strip() for one in value.split(",") if one.strip())

    @field_validator("owners")
    @classmethod
    def _owners_can_be_shown(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_OWNER.fullmatch(one) for one in value):
            msg = "each owner must be an e-mail address or team:NAME"
            raise ValueError(msg)
        return value

    @field_validator("code_url")
    @classmethod
    def _code_url_is_an_address(cls, value: str | None) -> str | None:
        if value is None or value == "local":
            return value
        if not value.startswith(("https://", "http://")):
            msg = "must start with https://, or be local"
            raise ValueError(msg)
        return value.rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given to the class, then the environment, then files that it names."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _SecretFiles(settings_cls)

    @field_validator("data_url")
    @classmethod
    def _data_url_is_a_bucket(cls, value: str | None) -> str | None:
        if value is not None and not _OBJECT_STORE.fullmatch(value):
            msg = "must be s3://bucket or s3://bucket/prefix, of plain letters and digits"
            raise ValueError(msg)
        return value.rstrip("/") if value else None

    @field_validator("api_url")
    @classmethod
    def _api_url_is_http(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not value.startswith(("https://", "http://")):
            msg = "must start with https:// (or http:// for a sandbox on this machine)"
            raise ValueError(msg)
        return value.rstrip("/")

    @field_validator("postgres_url")
    @classmethod
    def _postgres_url_is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(
            ("postgresql://", "postgres://")
        ):
            msg = "must start with postgresql://"
            raise ValueError(msg)
        return value

    @field_validator("person_key", "analyst_key")
    @classmethod
    def _key_is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            msg = "must have at least 32 characters"
            raise ValueError(msg)
        return value

    @field_validator("data_key")
    @classmethod
    def _data_key_is_one(cls, value: SecretStr | None) -> SecretStr | None:
        keys = value.get_secret_value().split() if value is not None else None
        if keys is not None and not (keys and all(map(_is_data_key, keys))):
            msg = "must be 32 bytes in base64, as vtj-pipeline data-key new makes them"
            raise ValueError(msg)
        return value

    @field_validator("ca_file", "client_cert_file", "client_key_file", "subscriptions")
    @classmethod
    def _file_exists(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            msg = f"there is no file {value}"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _certificate_is_whole(self) -> Settings:
        if (self.client_cert_file is None) != (self.client_key_file is None):
            msg = "VTJ_CLIENT_CERT_FILE and VTJ_CLIENT_KEY_FILE go together: one of them is not set"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _cluster_can_be_used(self) -> Settings:
        if self.fold_engine != "spark" or self.spark_is_here:
            return self
        if self.spark_secret is None:
            msg = "VTJ_SPARK_SECRET is not set, and no cluster is used without authentication"
            raise ValueError(msg)
        if self.postgres_url is None:
            msg = "VTJ_POSTGRES_URL is not set, and no cluster reaches the embedded PostgreSQL"
            raise ValueError(msg)
        return self

    @property
    def customers_folder(self) -> Path:
        """The folder with the customers' settings files, whether or not there is one."""
        return self.customers or self.home / "customers"

    @property
    def code_server(self) -> Path:
        """Where the code server listens: a socket, whether or not anybody does."""
        return self.code_socket or self.home.absolute() / "dagster" / "code.sock"

    @property
    def subscriptions_file(self) -> Path:
        """The TOML file with the subscriptions, whether or not it exists yet."""
        return self.subscriptions or self.home / "subscriptions.toml"


def _is_data_key(text: str) -> bool:
    try:
        return len(b64decode(text, validate=True)) == 32
    except ValueError:
        return False


class _SecretFiles(PydanticBaseSettingsSource):
    """The secrets that stand in files, each named by the secret's variable with _FILE behind it."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file, without the end of its last line.

        Raises:
            SettingsError: the file cannot be read, or the variable itself is set too.
        """
        variable = PREFIX + field_name.upper()
        path = secret_file(field_name)
        if path is None or SecretStr not in get_args(field.annotation):
            return None, field_name, False
        if os.environ.get(variable):
            msg = f"{variable} and {variable}_FILE are both set. Unset one of them."
            raise SettingsError(msg)
        try:
            content = path.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = type(error).__name__
        else:
            return content or None, field_name, False
        msg = f"{variable}_FILE: {path} cannot be read ({reason}). Name a text file in UTF-8."
        raise SettingsError(msg)

    def __call__(self) -> dict[str, Any]:
        """The secrets that were found, by field."""
        fields = self.settings_cls.model_fields.items()
        found = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in found.items() if value is not None}


def secret_file(field_name: str) -> Path | None:
    """The file that the environment names for a secret; None: it names none."""
    path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
    return Path(path) if path else None


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: names every wrong variable and what is wrong with it, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def log_format() -> LogFormat:
    """`VTJ_LOG_FORMAT` alone: logs begin before it is known whether the other settings are right.

    Raises:
        SettingsError: it is neither text nor json.
    """
    for known in _LOG_FORMATS:
        if (os.environ.get(f"{PREFIX}LOG_FORMAT") or "text") == known:
            return known
    msg = f"{PREFIX}LOG_FORMAT: must be text or json. Correct the environment and start again."
    raise SettingsError(msg)


def _explain(error: ValidationError) -> str:
    faults = []
    for fault in error.errors(include_input=False, include_url=False):
        name = PREFIX + "_".join(str(part) for part in fault["loc"]).upper() if fault["loc"] else ""
        text = fault["msg"].removeprefix("Value error, ")
        faults.append(f"{name}: {text}" if name else text)
    return "Settings are wrong. " + "; ".join(faults) + ". Correct the environment and start again."
