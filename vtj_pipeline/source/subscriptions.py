"""Subscriptions: which products of the source this deployment has, from a TOML file.

Add a field here when a product needs one. Keep out secrets (a subscription names the environment
variables that hold them) and how the source is called (`client.py`).
"""

from __future__ import annotations

import tomllib
from datetime import date, time
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
from vtj_pipeline.source.code_lists import read_codes

DEFAULT_USERNAME_ENV = "VTJ_API_USERNAME"
DEFAULT_PASSWORD_ENV = "VTJ_API_PASSWORD"  # noqa: S105  # a variable's name, not its value

# After midnight, so that the source has ended the day.
NIGHT_AT = time(2, 15)
# By when somebody looks.
_MORNING = 6

_VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
_GroupName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
# Told of every person, alive or dead; a name may be missing of a newborn (contract §8 #12, #27).
EVERYBODYS = ("SYNTYMAPAIVA", "SUKUPUOLI")
_OWN_KEYS = frozenset({"viimeisinKirjausavain", "hetulista"})


class Subscription(BaseModel):
    """One product of one customer.

    Attributes:
        name: Names the subscription in files, assets and logs.
        product: `municipality`: everybody of the municipalities, chosen by the source from the
            credentials. `identity_codes`: the persons of a code list that we send. `tailored`:
            persons by conditions agreed with DVV, chosen by the source from the credentials
            (contract §5).
        municipalities: Three-digit codes, for `municipality`; for `tailored` with the weekly copy
            only these are asked for.
        identity_codes_file: The code list, one code a line or CSV, for `identity_codes`. For
            `tailored` it says only whose baseline is asked for by code.
        start_date: The first day whose changes are fetched.
        baseline: Where the basic data come from (contract §2.3, §2.4); `files`: from files that
            DVV delivered, of the same JSON shape.
        baseline_files: Pattern of the delivered files, relative to the subscriptions file.
        baseline_date: The day that the delivered files were taken, where they do not tell it
            themselves (`poimintapv`).
        legacy_files: Pattern of change and base files of the old Muutostietopalvelu, relative to
            the subscriptions file; a sensor lands what is put there.
        granted_groups: Groups that the permit is known to cover. Where one of them is missing
            from a person's basic data there is nothing to tell, and what stood open is ended; a
            group outside the list may be absent without meaning anything. `all`: what the permit
            covers is not known, so that no group's absence means anything.
        expected_groups: Groups that everybody's basic data must have: one that is missing from an
            answer is recorded and alarmed, never taken for an end (contract §9 row 29). Unset:
            those of `granted_groups` that every person has by nature.
        quota_calls_per_day: Calls that the source allows a Finnish day, retries included; unset:
            no limit of ours.
        quota_nightly_reserve: Calls of these that only the changes may use, so that a baseline or
            a reconciliation cannot starve the night. Unset: a fifth.
        retention_days: Days after which whoever has left the scope of every subscription that told
            of them is to be erased (`vtj-pipeline erase --left-scope`). Unset: they stay.
        username_env: Environment variable with the user id that DVV issued.
        password_env: Environment variable with the password that DVV issued.
        rhythm: When changes are asked for: `nightly`, yesterday's after midnight; `hourly`, today's
            as well, as far as they have come; `off`, when a person says so.
        night_at: When the night begins, in Finland; of `hourly` its minutes count.
        extra_body: Properties added to every `muutokset` request (contract §9 row 1).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$", max_length=60)]
    product: Literal["municipality", "identity_codes", "tailored"]
    municipalities: tuple[_MunicipalityCode, ...] = ()
    identity_codes_file: Path | None = None
    start_date: date
    baseline: Literal["perustiedot", "perustiedot-vko", "files"]
    baseline_files: Path | None = None
    baseline_date: date | None = None
    legacy_files: Path | None = None
    granted_groups: Literal["all"] | tuple[_GroupName, ...] = "all"
    expected_groups: tuple[_GroupName, ...] | None = None
    quota_calls_per_day: Annotated[int, Field(ge=1)] | None = None
    quota_nightly_reserve: Annotated[int, Field(ge=0)] | None = None
    retention_days: Annotated[int, Field(ge=1)] | None = None
    username_env: _VariableName = DEFAULT_USERNAME_ENV
    password_env: _VariableName = DEFAULT_PASSWORD_ENV
    rhythm: Literal["nightly", "hourly", "off"] = "nightly"
    night_at: time = NIGHT_AT
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
        for is_wrong, text in _misfits(self):
            if is_wrong:
                raise ValueError(text)
        return self

    @field_validator("night_at")
    @classmethod
    def _night_is_over_in_the_morning(cls, value: time) -> time:
        if value.tzinfo is not None or value.second or value.hour >= _MORNING:
            msg = "must be hours and minutes between 00:00 and 05:59, such as 02:15"
            raise ValueError(msg)
        return value

    @property
    def is_hourly(self) -> bool:
        """Whether the changes of a day under way are asked for."""
        return self.rhythm == "hourly"

    @property
    def expected(self) -> tuple[str, ...]:
        """The groups that everybody's basic data must have; empty where none are known."""
        if self.expected_groups is not None:
            return self.expected_groups
        granted = () if self.granted_groups == "all" else self.granted_groups
        return tuple(group for group in EVERYBODYS if group in granted)

    @property
    def reserve(self) -> int:
        """Calls of the day's quota that only the changes may use."""
        if self.quota_calls_per_day is None:
            return 0
        if self.quota_nightly_reserve is not None:
            return self.quota_nightly_reserve
        return -(-self.quota_calls_per_day // 5)

    @property
    def chosen_by_source(self) -> bool:
        """Whether the source chooses the persons from the credentials, and no codes are sent."""
        return self.product != "identity_codes"

    def identity_codes(self) -> tuple[str, ...]:
        """Read the code list, in the file's order, each code once.

        Raises:
            SettingsError: the file is missing, empty, or a line has no identity code; the
                message names file and line, never the line's text.
        """
        return read_codes(
            f"Subscription {self.name}: identity_codes_file", self.identity_codes_file
        )

    def delivered_files(self) -> tuple[Path, ...]:
        """The delivered files of the baseline, by name.

        Raises:
            SettingsError: the pattern fits no file, or something that is none of this folder's.
        """
        pattern = self.baseline_files
        assert pattern is not None
        found = self._files_of("baseline_files", pattern)
        if not found:
            msg = (
                f"Subscription {self.name}: baseline_files {pattern} fits no file. Put the "
                "delivered files there, or correct the pattern."
            )
            raise SettingsError(msg)
        return found

    def legacy_paths(self) -> tuple[Path, ...]:
        """The files that stand where `legacy_files` says, by name; there may be none yet."""
        if self.legacy_files is None:
            return ()
        return self._files_of("legacy_files", self.legacy_files)

    def _files_of(self, field: str, pattern: Path) -> tuple[Path, ...]:
        """The files that a pattern fits, all of them ordinary ones of its folder."""
        # The folder itself may have characters that mean something in a pattern.
        fixed = Path(pattern.anchor)
        parts = list(pattern.parts[1:] if pattern.anchor else pattern.parts)
        while len(parts) > 1 and not set("*?[") & set(parts[0]):
            fixed /= parts.pop(0)
        found = tuple(sorted(fixed.glob("/".join(parts))))
        for one in found:
            fault = _unfit(one, fixed)
            if fault:
                msg = (
                    f"Subscription {self.name}: {field} fits {str(one)!a}, which {fault}. Nothing "
                    "landed; take it out of there, or correct the pattern."
                )
                raise SettingsError(msg)
        return found


def _unfit(path: Path, folder: Path) -> str:
    """Why something that a pattern fits is not read; empty: it may be. Nothing is opened."""
    if not str(path).isprintable():
        return "has a name with characters that cannot be shown"
    if not path.is_file():
        return "is no ordinary file"
    if not path.resolve().is_relative_to(folder.resolve()):
        return "is a link that leads out of the folder"
    return ""


def _misfits(one: Subscription) -> tuple[tuple[bool, str], ...]:
    """What may not be, each with what to say of it."""
    municipality, codes = one.product == "municipality", one.product == "identity_codes"
    has_list = one.identity_codes_file is not None
    return (
        (
            municipality and not one.municipalities,
            "municipalities: at least one code is needed for product municipality",
        ),
        (
            municipality and has_list,
            "identity_codes_file: belongs to product identity_codes",
        ),
        (codes and not has_list, "identity_codes_file: is needed for product identity_codes"),
        (
            codes and bool(one.municipalities),
            "municipalities: belongs to product municipality",
        ),
        (
            len(set(one.municipalities)) != len(one.municipalities),
            "municipalities: a code stands there twice",
        ),
        (
            one.product == "tailored" and has_list and bool(one.municipalities),
            "municipalities: a tailored product takes them or identity_codes_file, not both",
        ),
        (
            one.product == "tailored" and one.baseline == "perustiedot" and not has_list,
            "identity_codes_file: a tailored product needs it for baseline perustiedot",
        ),
        (
            one.baseline == "files" and one.baseline_files is None,
            "baseline_files: is needed for baseline files",
        ),
        (
            one.baseline != "files"
            and (one.baseline_files is not None or one.baseline_date is not None),
            "baseline_files, baseline_date: belong to baseline files",
        ),
        (
            one.quota_nightly_reserve is not None
            and one.quota_nightly_reserve > (one.quota_calls_per_day or 0),
            "quota_nightly_reserve: is larger than quota_calls_per_day",
        ),
    )


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
    except (OSError, RecursionError) as error:
        msg = f"{path} cannot be read ({type(error).__name__}). It must be a text file in TOML."
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
        named = ("identity_codes_file", "baseline_files", "legacy_files")
        table = {
            key: path.parent / value if key in named and isinstance(value, str) else value
            for key, value in table.items()
        }
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
