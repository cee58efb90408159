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


@click.group()
def legacy() -> None:
    """Coming from the old Muutostietopalvelu: the hand-over, and its list of codes."""


@legacy.command("handover")
@click.option("--subscription", metavar="NAME", help="Whose files and baseline.")
def legacy_handover(subscription: str | None) -> None:
    """Hold what the old files lead to against the baseline of the interface."""
    from vtj_pipeline.commands.legacy import run_handover

    run_handover(subscription)


@legacy.command("write-htt")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--customer", required=True, help="The customer number in the file's name.")
@click.option("--sender", required=True, help="As agreed: OPERATOR:IDENTIFIER:OVT.")
@click.option("--subscription", metavar="NAME", help="Whose code list is to be followed.")
@click.option("--sent", multiple=True, type=_FILE, help="An HTT file that was sent; repeat it.")
def write_htt(
    folder: Path, customer: str, sender: str, subscription: str | None, sent: tuple[Path, ...]
) -> None:
    """Write the upload that makes what was sent into the code list as it is now."""
    from vtj_pipeline.commands.legacy import run_write_htt

    run_write_htt(folder, customer, sender, subscription, sent)
