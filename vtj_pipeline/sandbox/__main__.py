"""`python -m vtj_pipeline.sandbox`: serve a sandbox from the command line.

An argument is made of every field of `SandboxOptions`, and its help of the field's documentation.
Keep out everything else.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from dataclasses import MISSING, fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.logs import log_as_json
from vtj_pipeline.sandbox.accounts import CENSORED, read_granted
from vtj_pipeline.sandbox.legacy_export import export_legacy
from vtj_pipeline.sandbox.option_rules import CHOICES
from vtj_pipeline.sandbox.options import SandboxOptions
from vtj_pipeline.sandbox.server import serve
from vtj_pipeline.sandbox.simulation import Sandbox
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
    return _options(vars(_parser().parse_args(arguments)))


def _options(given: dict[str, Any]) -> SandboxOptions:
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


def export(arguments: Sequence[str] | None = None) -> int:
    """Write the options' days as files of the retired Muutostietopalvelu; return the status."""
    parser = _parser()
    parser.prog = "vtj-pipeline sandbox export-legacy"
    parser.description = "Write the sandbox's days as MTT and PTT files of made-up people."
    parser.add_argument("--folder", type=Path, required=True, help="Where the files go; made.")
    parser.add_argument("--days-a-file", type=int, default=7, help="Days in a file of changes.")
    parser.add_argument("--account", default=CENSORED, help="Through whose eyes.")
    given = vars(parser.parse_args(arguments))
    folder, days, account = (given.pop(name) for name in ("folder", "days_a_file", "account"))
    try:
        options = _options(given)
        sandbox = Sandbox(replace(options, clock=options.start))
        made = export_legacy(sandbox, folder, days_a_file=days, account=account)
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{len(made.files)} files with {made.records} records in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
