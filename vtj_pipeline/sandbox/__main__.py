"""`python -m vtj_pipeline.sandbox`: serve a sandbox from the command line. Keep out all else."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.options import SandboxOptions
from vtj_pipeline.sandbox.server import serve


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m vtj_pipeline.sandbox",
        description="Serve a synthetic stand-in for VTJ-muutosrajapinta on 127.0.0.1.",
    )
    usual = {field.name: field.default for field in fields(SandboxOptions)}
    kinds: dict[str, Callable[[str], object]] = {
        "persons": int,
        "days": int,
        "seed": int,
        "start": date.fromisoformat,
        "wellbeing-area": str,
        "page-size": int,
        "activity": float,
        "protected-share": float,
        "retention-days": int,
    }
    for name, kind in kinds.items():
        default = usual[name.replace("-", "_")]
        parser.add_argument(f"--{name}", type=kind, default=default, help=f"default {default}")
    parser.add_argument("--whole-country", action="store_true", help="all persons are the product")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--clock", type=date.fromisoformat, help="first day of the clock")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; return 1 with one sentence on stderr when that cannot be done."""
    given = vars(_parser().parse_args(arguments))
    port, clock = given.pop("port"), given.pop("clock")
    try:
        serve(SandboxOptions(**given), port, clock)
    except SandboxError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
