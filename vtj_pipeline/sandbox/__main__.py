"""`python -m vtj_pipeline.sandbox`: serve a sandbox from the command line.

An argument is made of every field of `SandboxOptions`, and its help of the field's documentation.
Keep out everything else.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from dataclasses import MISSING, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.logs import log_as_json
from vtj_pipeline.sandbox.accounts import read_granted
from vtj_pipeline.sandbox.option_rules import CHOICES
from vtj_pipeline.sandbox.options import SandboxOptions
from vtj_pipeline.sandbox.server import serve
from vtj_pipeline.settings import log_format

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from dataclasses import Field

_KINDS: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "date | None": date.fromisoformat,
    "int | None": int,
    "str | None": str,
    "int": int,
    "float": float,
    "str": str,
}
_ENTRY = re.compile(r"^ {8}([a-z_, ]+): (.+(?:\n {12}.+)*)", re.MULTILINE)


def _help() -> dict[str, str]:
    """Return what the documentation of `SandboxOptions` says of each option."""
    found = {}
    for names, text in _ENTRY.findall(SandboxOptions.__doc__ or ""):
        for name in names.split(","):
            found[name.strip()] = " ".join(text.split()).replace("%", "%%")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vtj-pipeline sandbox serve",
        description="Serve a faithful stand-in for DVV's VTJ-muutosrajapinta with made-up people.",
    )
    texts = _help()
    for field in fields(SandboxOptions):
        _add(parser, field, texts.get(field.name, ""))
    return parser


def _add(parser: argparse.ArgumentParser, field: Field[Any], text: str) -> None:
    flag = "--" + field.name.replace("_", "-")
    if field.name == "censoring":
        action = argparse.BooleanOptionalAction
        parser.add_argument(flag, "--censored", action=action, default=True, help=text)
        parser.add_argument("--uncensored", dest="censoring", action="store_false")
    elif field.name == "granted_groups":
        metavar = "ACCOUNT=GROUP,GROUP"
        parser.add_argument(flag, action="append", metavar=metavar, default=[], help=text)
    elif field.name == "tailored_municipalities":
        parser.add_argument(flag, nargs="*", metavar="CODE", default=(), help=text)
    elif field.name == "noise":
        # Left out it follows the faults: `--faults all` is the worst day, noise included.
        parser.add_argument(flag, choices=CHOICES["noise"], help=text)
    elif isinstance(field.default, bool):
        action = argparse.BooleanOptionalAction
        parser.add_argument(flag, action=action, default=field.default, help=text)
    elif field.name in CHOICES:
        parser.add_argument(flag, choices=CHOICES[field.name], default=field.default, help=text)
    else:
        assert field.default is not MISSING
        kind = _KINDS[str(field.type)]
        parser.add_argument(flag, type=kind, default=field.default, help=text)


def read_options(arguments: Sequence[str] | None = None) -> SandboxOptions:
    """Return the options of a command line; `--faults all` brings the noise with it.

    Raises:
        SandboxError: an option is out of its range.
    """
    given = vars(_parser().parse_args(arguments))
    given["granted_groups"] = read_granted(given["granted_groups"])
    given["tailored_municipalities"] = tuple(given["tailored_municipalities"])
    if given["noise"] is None:
        given["noise"] = "all" if given["faults"] == "all" else "none"
    return SandboxOptions(**given)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit status."""
    is_json = log_format() == "json"
    if is_json:
        log_as_json()
    try:
        serve(read_options(arguments))
    except SandboxError as error:
        if is_json:
            logging.getLogger("vtj_pipeline.sandbox").exception("The sandbox cannot be served.")
        else:
            sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
