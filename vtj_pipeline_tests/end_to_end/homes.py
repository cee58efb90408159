"""Homes of real commands: one demo that several tests look at, and the processes they leave."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import IO, Any

import psutil

from vtj_pipeline.postgres import running_database
from vtj_pipeline.sandbox.identity_codes import check_character
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.conftest import KEY
from vtj_pipeline_tests.folders import new_home

COMMAND = str(Path(sys.executable).with_name("vtj-pipeline"))
_CODE = re.compile(r"(?<![0-9])([0-9]{6})[-+ABCDEFYXWVU]([0-9]{3})([0-9A-Y])(?![0-9A-Za-z])")


# Of wellbeing area 11, which the sandbox can be of.
MUNICIPALITIES = ("153", "405", "416", "441", "580", "689", "700", "739", "831")
# Reading it takes a minute each time that a home builds its views for the first time.
NO_LINEAGE = {"VTJ_COLUMN_LINEAGE": "false"}


def subscriptions_of_area(name: str, start: date) -> str:
    """A subscriptions file with the municipality product of that area."""
    codes = ", ".join(f'"{code}"' for code in MUNICIPALITIES)
    return (
        f'[[subscription]]\nname = "{name}"\nproduct = "municipality"\nmunicipalities = [{codes}]\n'
        f'start_date = {start}\nbaseline = "perustiedot-vko"\n'
    )


@dataclass(frozen=True)
class Home:
    """A VTJ_HOME and the environment of commands on it."""

    path: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment with no setting of the program but ours."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VTJ_", "DAGSTER_"))}
        own = {"VTJ_HOME": str(self.path), "VTJ_PERSON_KEY": KEY, **NO_LINEAGE}
        return {**kept, **own, **self.more}

    def start(
        self, *arguments: str, output: IO[str] | int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        """A command in a process group of its own, output and errors in one place."""
        return subprocess.Popen(
            [COMMAND, *arguments],
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> str:
        """What a command that must succeed wrote, errors and all."""
        with self.start(*arguments) as process:
            try:
                output, _ = process.communicate(timeout=180)
            except BaseException:
                process.kill()
                raise
        assert process.returncode == 0, output
        return output

    @contextmanager
    def served(self) -> Iterator[None]:
        """Keep the home's server up between questions."""
        with running_database(Settings(home=self.path)):
            yield

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the home's database answers."""
        with running_database(Settings(home=self.path)) as database:
            connection = database.connect()
            try:
                with connection.cursor() as cursor:
                    cursor.execute(query)
                    return cursor.fetchall()
            finally:
                connection.close()

    def processes(self) -> list[str]:
        """The commands of living processes that belong to this home."""
        return [command for _, command in self._living()]

    def processes_after(self, seconds: float) -> list[str]:
        """The same once they have ended, or when the time is over."""
        deadline = time.monotonic() + seconds
        while (found := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.2)
        return found

    def kill_all(self) -> None:
        """End whatever still belongs to this home."""
        for process, _ in self._living():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def _living(self) -> list[tuple[psutil.Process, str]]:
        found = []
        for process in psutil.process_iter():
            try:
                command = process.cmdline()
                ours = process.environ().get("VTJ_HOME") == str(self.path)
                if process.status() != psutil.STATUS_ZOMBIE and (
                    ours or any(str(self.path) in part for part in command)
                ):
                    found.append((process, " ".join(command)))
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found


# So many days see the first day of a month, with which the statistics of changes begin.
DEMO_DAYS = 31
DEMO = ("demo", "--persons", "800", "--days", str(DEMO_DAYS))


@cache
def demo() -> tuple[Home, str]:
    """The home of one small demo, and what it wrote. Made once for all tests."""
    home = Home(new_home())
    return home, home.run(*DEMO)


def identity_codes(text: str) -> list[str]:
    """The personal identity codes in a text, by form and check character."""
    return [
        match.group()
        for match in _CODE.finditer(text)
        if check_character(match[1] + match[2]) == match[3]
    ]
