"""`python -m vtj_pipeline.sandbox`: serve a sandbox from the command line.

Add an argument where `SandboxOptions` gets a field. Keep out everything else.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.options import CHOICES, SandboxOptions
from vtj_pipeline.sandbox.server import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HELP = {
    "persons": "residents of the wellbeing area on the first day",
    "days": "days of life before the clock's day",
    "seed": "the only source of chance",
    "start": "first day of the journal, yyyy-MM-dd",
    "wellbeing_area": "code of the wellbeing area",
    "clock": "current day, yyyy-MM-dd; left out: start + days",
    "port": "port of 127.0.0.1; 0 takes any free one",
    "page_size": "messages in one answer of muutokset",
    "retention_days": "days of the journal that are kept; left out: all",
    "activity": "multiplies every yearly rate of events",
    "identity_trouble": "multiplies merged, passivated and shared codes; 0 is none",
    "unknown_groups": "share of messages with a row of an unknown group",
    "unknown_fields": "share of rows with an unknown field",
    "empty_localized": "share of rows whose localized texts are empty objects",
    "explicit_nulls": "share of rows that spell a missing end as null",
    "duplicates": "share of messages that come once more, later",
    "malformed": "share of messages followed by a broken one",
    "rough_dates": "share of smaller facts dated by month or year",
    "unknown_codes": "share of smaller facts with a code in no list",
}


_KINDS: dict[str, Callable[[str], Any]] = {
    "start": date.fromisoformat,
    "clock": date.fromisoformat,
    "retention_days": int,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vtj-pipeline sandbox serve",
        description="Serve a faithful stand-in for DVV's VTJ-muutosrajapinta with made-up people.",
    )
    for field in fields(SandboxOptions):
        flag = "--" + field.name.replace("_", "-")
        text = _HELP.get(field.name, "see SandboxOptions")
        if field.name == "censoring":
            parser.add_argument(
                "--censoring", "--censored", action=argparse.BooleanOptionalAction, default=True
            )
            parser.add_argument("--uncensored", dest="censoring", action="store_false")
        elif isinstance(field.default, bool):
            action = argparse.BooleanOptionalAction
            parser.add_argument(flag, action=action, default=field.default, help=text)
        elif field.name in CHOICES:
            parser.add_argument(flag, choices=CHOICES[field.name], default=field.default, help=text)
        else:
            kind = _KINDS.get(field.name) or type(field.default)
            parser.add_argument(flag, type=kind, default=field.default, help=text)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit status."""
    given = vars(_parser().parse_args(arguments))
    try:
        serve(SandboxOptions(**given))
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
