"""The folder with a settings file for each customer, and the environment that each comes to.

A file has one variable a line, as systemd reads one (`EnvironmentFile=`). Keep out what the
variables mean (`settings.py`) and the writing of files (`files.py`).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from vtj_pipeline.errors import SettingsError
from vtj_pipeline.settings_customers import CUSTOMER_NAME

ENDING = ".env"
DAGSTER_URL = "dagster.url"
_LINE = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# What a process needs of the machine's own; settings and secrets are each customer's own.
_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|TMPDIR|COLUMNS|LINES|"
    r"VIRTUAL_ENV|SSL_CERT_(FILE|DIR)|(http|https|no|HTTP|HTTPS|NO)_(proxy|PROXY)|"
    r"NOTIFY_SOCKET|INVOCATION_ID|JOURNAL_STREAM|PYTHONWARNINGS|VTJ_LOG_FORMAT"
)
# They say where the program itself comes from, or which instance of Dagster it is.
_REFUSED = re.compile(r"PATH|HOME|LD_\w+|PYTHON\w+|DAGSTER_\w+|VTJ_(CUSTOMERS|ADMIN_URL)(_FILE)?")


@dataclass(frozen=True)
class Customer:
    """One customer's settings.

    Attributes:
        name: As in the file's name.
        file: Where they stand.
        variables: What the file sets.
    """

    name: str
    file: Path
    variables: Mapping[str, str] = field(repr=False)

    @property
    def home(self) -> Path:
        """Its VTJ_HOME.

        Raises:
            SettingsError: the file does not set it.
        """
        home = self.variables.get("VTJ_HOME", "")
        if not Path(home).is_absolute():
            msg = f"{self.file} must set VTJ_HOME to the whole path of this customer's own folder."
            raise SettingsError(msg)
        return Path(home)

    @property
    def socket(self) -> Path:
        """Where its code server listens."""
        return Path(self.variables.get("VTJ_CODE_SOCKET") or self.home / "dagster" / "code.sock")

    def environment(self) -> dict[str, str]:
        """The environment of this customer's processes: what the file sets, and nobody else's."""
        kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
        return {**kept, **self.variables, "VTJ_CUSTOMER": self.name}

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Be this customer's process for a while, as far as the environment makes one."""
        before = dict(os.environ)
        mine = self.environment()
        os.environ.clear()
        os.environ.update(mine)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def customers_in(folder: Path) -> tuple[list[Customer], dict[str, SettingsError]]:
    """The customers of a folder, by name, and what is wrong with the files of others.

    One whose file cannot be used, or who has the home or the socket of one before it, is among the
    latter: it must not keep the others from their work.
    """
    found: list[Customer] = []
    faults: dict[str, SettingsError] = {}
    for file in sorted(folder.glob(f"*{ENDING}")):
        try:
            one = read_customer(folder, file.stem)
            _require_own(one, found)
        except SettingsError as error:
            faults[file.stem] = error
        else:
            found.append(one)
    return found, faults


def _require_own(one: Customer, others: Iterable[Customer]) -> None:
    for other in others:
        for what in ("home", "socket"):
            if getattr(one, what) == getattr(other, what):
                msg = f"Customers {other.name} and {one.name} have the same {what}. Give each one."
                raise SettingsError(msg)


def read_customer(folder: Path, name: str) -> Customer:
    """A customer's settings.

    Raises:
        SettingsError: there is no such customer, others can read the file, or a line is not one
            that sets a variable; the message names file and line, never a value.
    """
    require_name(name)
    file = folder / f"{name}{ENDING}"
    if not file.is_file():
        known = ", ".join(one.stem for one in sorted(folder.glob(f"*{ENDING}"))) or "none"
        msg = (
            f"Customer {name} was asked for; {folder} has {known}. Name one that is there, or make "
            f"it: vtj-pipeline customers add {name}."
        )
        raise SettingsError(msg)
    _require_closed(file)
    lines = file.read_text("utf-8").splitlines()
    variables = dict(
        _set(file, number, line) for number, line in enumerate(lines, 1) if _says(line)
    )
    if variables.setdefault("VTJ_CUSTOMER", name) != name:
        msg = f"{file} sets VTJ_CUSTOMER to another name than its own. Take that line out."
        raise SettingsError(msg)
    return Customer(name, file, variables)


def dagster_url_of(folder: Path) -> str:
    """The address of the database with Dagster's storage.

    Raises:
        SettingsError: there is none yet, or others can read the file.
    """
    file = folder / DAGSTER_URL
    if not file.is_file():
        msg = (
            f"The processes of several customers were asked for, and {file} is not there: it is "
            "made with the first customer (vtj-pipeline customers add NAME)."
        )
        raise SettingsError(msg)
    _require_closed(file)
    return file.read_text("utf-8").strip()


def require_name(name: str) -> None:
    """See that a customer can be called so.

    Raises:
        SettingsError: it cannot.
    """
    if not CUSTOMER_NAME.fullmatch(name):
        msg = (
            f"A customer was named {name!r}. Its name becomes part of databases, logins and keys: "
            "small letters, digits and _, 30 at most, a letter first."
        )
        raise SettingsError(msg)


def _require_closed(file: Path) -> None:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & _OTHERS:
        msg = (
            f"{file} has mode {mode:04o}: others than its owner could read a customer's secrets. "
            f"chmod 600 {file}"
        )
        raise SettingsError(msg)


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("#", ";"))


def _set(file: Path, number: int, line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line.strip())
    if found is None or _REFUSED.fullmatch(found[1]):
        what = f"{found[1]} is not a customer's to set" if found else "it is not NAME=value"
        msg = f"{file}, line {number}: {what}. Correct the file and start again."
        raise SettingsError(msg)
    value = found[2].strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return found[1], value
