"""Options of the commands about files of the retired Muutostietopalvelu. Keep out work."""

from __future__ import annotations

from pathlib import Path

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("legacy")
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILES…")
@click.option("--subscription", metavar="NAME", help="Whose persons they tell of.")
def run_legacy_files(files: tuple[Path, ...], subscription: str | None) -> None:
    """Land change and base files (.MTT, .PTT) of the old Muutostietopalvelu."""
    from vtj_pipeline.commands.legacy import run_legacy

    run_legacy(files, subscription)
