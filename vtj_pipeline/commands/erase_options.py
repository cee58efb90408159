"""Options of `vtj-pipeline erase`, as `cli.py` has those of the other commands.

Keep out work (`erase.py`).
"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument(
    "codes_file", type=click.Path(dir_okay=False, path_type=Path), metavar="[CODES]", required=False
)
@click.option("--reason", help="Why, for the record; it must name nobody.")
@click.option("--left-scope", is_flag=True, help="Whom no subscription keeps (retention_days).")
@click.option("--again", is_flag=True, help="Whoever was erased, after a restored backup.")
@click.option("--resume", is_flag=True, help="Go on with what was stopped.")
@click.option("--lift", is_flag=True, help="Let what is told of these codes land again.")
@click.option("--plan", "only_plan", is_flag=True, help="Only say how many persons.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="The receipt for machines.")
def erase(
    codes_file: Path | None,
    reason: str | None,
    left_scope: bool,
    again: bool,
    resume: bool,
    lift: bool,
    only_plan: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase the persons whose codes the file CODES holds, one a line, from all that is kept.

    A receipt tells what was taken out where. Nothing of them lands again: see DATA-PROTECTION.md.
    """
    from vtj_pipeline.commands.erase import (
        run_again,
        run_erase,
        run_left_scope,
        run_lift,
        run_resume,
    )

    if (codes_file is not None) + left_scope + again + resume != 1:
        msg = "Say one of: a file of codes, --left-scope, --again, --resume."
        raise click.UsageError(msg)
    if resume:
        run_resume(as_json=as_json)
    elif again:
        run_again(only_plan=only_plan, yes=yes, as_json=as_json)
    elif codes_file is None:
        run_left_scope(only_plan=only_plan, yes=yes, as_json=as_json)
    elif lift:
        run_lift(codes_file)
    elif not reason and not only_plan:
        msg = "Say why: --reason."
        raise click.UsageError(msg)
    else:
        run_erase(codes_file, reason or "", only_plan=only_plan, yes=yes, as_json=as_json)
