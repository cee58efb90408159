"""Subscriptions: which products of the source this deployment has, from a TOML file.

Add a field here when a product needs one. Keep out secrets (a subscription names the environment
variables that hold them) and how the source is called (`client.py`).
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from vtj_pipeline.errors import SettingsError

DEFAULT_USERNAME_ENV = "VTJ_API_USERNAME"
DEFAULT_PASSWORD_ENV = "VTJ_API_PASSWORD"  # noqa: S105  # a variable's name, not its value

_VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
_GroupName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
_CODE = re.compile(r"[0-9]{6}[-+ABCDEFYXWVU][0-9]{3}[0-9A-Y]")
_OWN_KEYS = frozenset({"viimeisinKirjausavain", "hetulista"})


class Subscription(BaseModel):
    """One product of one customer.

    Attributes:
        name: Names the subscription in files, assets and logs.
        product: `municipality`: everybody of the municipalities, chosen by the source from the
            credentials. `identity_codes`: the persons of a code list that we send.
        municipalities: Three-digit codes, for `municipality`.
        identity_codes_file: One code a line, for `identity_codes`.
        start_date: The first day whose changes are fetched.
        baseline: Where the basic data come from (contract §2.3, §2.4).
        granted_groups: Groups that the permit is known to cover. Where one of them is missing
            from a person's basic data there is nothing to tell, and what stood open is ended; a
            group outside the list may be absent without meaning anything. `all`: what the permit
            covers is not known, so that no group's absence means anything.
        username_env: Environment variable with the user id that DVV issued.
        password_env: Environment variable with the password that DVV issued.
        extra_body: Properties added to every `muutokset` request (contract §9 row 1).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$", max_length=60)]
    product: Literal["municipality", "identity_codes"]
    municipalities: tuple[_MunicipalityCode, ...] = ()
    identity_codes_file: Path | None = None
    start_date: date
    baseline: Literal["perustiedot", "perustiedot-vko"]
    granted_groups: Literal["all"] | tuple[_GroupName, ...] = "all"
    username_env: _VariableName = DEFAULT_USERNAME_ENV
    password_env: _VariableName = DEFAULT_PASSWORD_ENV
    extra_body: dict[str, Any] = Field(default_factory=dict)

    @field_validator("extra_body")
    @classmethod
    def _extra_body_adds(cls, value: dict[str, Any]) -> dict[str, Any]:
        taken = sorted(_OWN_KEYS & value.keys())
        if taken:
            msg = f"may not set {', '.join(taken)}: the program sets it itself"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _selection_fits_product(self) -> Subscription:
        if self.product == "municipality" and not self.municipalities:
            msg = "municipalities: at least one code is needed for product municipality"
            raise ValueError(msg)
        if self.product == "municipality" and self.identity_codes_file is not None:
            msg = "identity_codes_file: belongs to product identity_codes"
            raise ValueError(msg)
        if self.product == "identity_codes" and self.identity_codes_file is None:
            msg = "identity_codes_file: is needed for product identity_codes"
            raise ValueError(msg)
        if self.product == "identity_codes" and self.municipalities:
            msg = "municipalities: belongs to product municipality"
            raise ValueError(msg)
        if len(set(self.municipalities)) != len(self.municipalities):
            msg = "municipalities: a code stands there twice"
            raise ValueError(msg)
        return self

    def identity_codes(self) -> tuple[str, ...]:
        """Read the code list, in the file's order, each code once.

        Raises:
            SettingsError: the file is missing, empty, or a line is not an identity code; the
                message names file and line, never the line's text.
        """
        path = self.identity_codes_file
        if path is None or not path.is_file():
            msg = f"Subscription {self.name}: identity_codes_file: there is no file {path}."
            raise SettingsError(msg)
        codes: dict[str, None] = {}
        for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), start=1):
            code = line.strip().upper()
            if not code:
                continue
            if not _CODE.fullmatch(code):
                msg = (
                    f"Subscription {self.name}: identity_codes_file {path}, line {number} is not "
                    "an identity code. Write one code a line, for example with a text editor."
                )
                raise SettingsError(msg)
            codes[code] = None
        if not codes:
            msg = f"Subscription {self.name}: identity_codes_file {path} holds no code."
            raise SettingsError(msg)
        return tuple(codes)


def load_subscriptions(path: Path) -> tuple[Subscription, ...]:
    """Read the subscriptions of a deployment.

    Relative paths in the file are relative to the file.

    Raises:
        SettingsError: the file is missing or not TOML, or a subscription is wrong; the message
            names file, subscription and field.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        msg = (
            f"There is no file {path}. Write the subscriptions there, or name their file in "
            "VTJ_SUBSCRIPTIONS."
        )
        raise SettingsError(msg) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not TOML: {error}."
        raise SettingsError(msg) from None
    tables = document.get("subscription", [])
    if not isinstance(tables, list) or not tables:
        msg = f"{path} has no [[subscription]] table. Write one for each product."
        raise SettingsError(msg)
    found = tuple(_subscription(path, number, table) for number, table in enumerate(tables, 1))
    names = [subscription.name for subscription in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"{path}: subscription {twice[0]}: name: stands there twice."
        raise SettingsError(msg)
    return found


def _subscription(path: Path, number: int, table: object) -> Subscription:
    label = str(number)
    if isinstance(table, dict):
        label = str(table.get("name", number))
        codes_file = table.get("identity_codes_file")
        if isinstance(codes_file, str):
            table = {**table, "identity_codes_file": path.parent / codes_file}
    try:
        return Subscription.model_validate(table)
    except ValidationError as error:
        faults = []
        for fault in error.errors(include_input=False, include_url=False, include_context=False):
            field = ".".join(str(part) for part in fault["loc"])
            text = fault["msg"].removeprefix("Value error, ")
            faults.append(f"{field}: {text}" if field else text)
    msg = f"{path}: subscription {label}: {'; '.join(faults)}."
    raise SettingsError(msg)
