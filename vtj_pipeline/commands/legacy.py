"""`vtj-pipeline run legacy` and `vtj-pipeline legacy …`: files of the retired Muutostietopalvelu.

Keep out what stands in them (`legacy/`) and options (`legacy_options.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vtj_pipeline.commands.output import note, say
from vtj_pipeline.commands.run import Session, chosen, session
from vtj_pipeline.errors import LegacyFileError, SettingsError
from vtj_pipeline.legacy import is_legacy_name
from vtj_pipeline.legacy.htt import followed, htt_bytes, htt_name, read_htt
from vtj_pipeline.orchestration.assets.legacy import legacy_partitions
from vtj_pipeline.orchestration.deployment import load_deployment
from vtj_pipeline.orchestration.jobs import handover_job_name, legacy_job_name
from vtj_pipeline.privacy.key_files import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vtj_pipeline.source import Subscription


def run_legacy(files: Sequence[Path], subscription: str | None) -> None:
    """Land files of a subscription, in any order.

    Raises:
        SettingsError: it is not clear whose they are.
        LegacyFileError: none of them is a change or base file, or one cannot be taken.
    """
    named = [one for one in files if is_legacy_name(one)]
    for one in files:
        if one not in named:
            note(f"  {one.name} is not named like a change or base file (.MTT, .PTT); left out")
    if not named:
        msg = (
            f"{len(files)} files were given, and none is named like a change or base file of the "
            "Muutostietopalvelu (.MTT, .PTT). Nothing landed."
        )
        raise LegacyFileError(msg)
    _require_own_names(named)
    with session() as ready:
        whose = _whose(ready, subscription)
        for names in _ranges(ready, whose, sorted(one.name for one in named)):
            paths = {one.name: str(one.absolute()) for one in named if one.name in names}
            key = ready.deployment.op(whose.name, "legacy_files")
            counts = ready.run(
                f"old files of {whose.name}",
                legacy_job_name(whose.name),
                partitions=(names[0], names[-1]),
                config={key: {"config": {"paths": paths}}},
            )
            _say(counts[f"{whose.name}/legacy_files"])


def run_handover(subscription: str | None) -> None:
    """Hold a subscription's old files against its baseline, and say the result."""
    with session() as ready:
        whose = _whose(ready, subscription)
        counts = ready.run(f"hand-over of {whose.name}", handover_job_name(whose.name))
    found = counts[f"{whose.name}/legacy_handover"]
    say(found["report"])
    note(
        f"  {found['differing_groups']} of {found['groups']} groups differ for somebody who is in "
        "scope on both sides; the table is ledger.legacy_difference"
    )


def run_write_htt(
    folder: Path, customer: str, sender: str, subscription: str | None, sent: Sequence[Path]
) -> None:
    """Write the upload that makes what was sent into the code list as it is now.

    Raises:
        SettingsError: the subscription has no code list.
        LegacyFileError: a file that was sent cannot be read.
    """
    deployment = load_deployment()
    whose = _one_of(chosen(deployment, subscription))
    if whose.identity_codes_file is None:
        msg = f"Subscription {whose.name} has no identity_codes_file, so that nobody is followed."
        raise SettingsError(msg)
    before = followed(read_htt(one.name, one.read_bytes()) for one in sent)
    now = deployment.clock()
    codes = whose.identity_codes()
    added = [code for code in codes if code not in before]
    removed = sorted(before - set(codes))
    path = folder / htt_name(customer, now)
    content = htt_bytes(added, removed, sender=sender, at=now)
    # As a list of persons it is for nobody else to read.
    replace_file(path, content.decode("ascii"))
    note(f"{path}: {len(added):,} codes added, {len(removed):,} removed")


def _say(counts: dict[str, Any]) -> None:
    for sentence in counts["said"]:
        note(f"  {sentence}")
    note(
        f"  {counts['files']:,} files landed, {counts['already_landed']:,} had landed before; "
        f"{counts['records']:,} records, {counts['groups']:,} groups, in quarantine "
        f"{counts['quarantined']:,}"
    )


def _require_own_names(files: Sequence[Path]) -> None:
    names = [one.name for one in files]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"{', '.join(twice)}: given twice, from two folders. Nothing landed."
        raise LegacyFileError(msg)


def _whose(ready: Session, subscription: str | None) -> Subscription:
    return _one_of(chosen(ready.deployment, subscription))


def _one_of(found: Sequence[Subscription]) -> Subscription:
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        msg = (
            f"Old files were to be landed, and there are several subscriptions: {names}. Say with "
            "--subscription whose persons they tell of."
        )
        raise SettingsError(msg)
    return found[0]


def _ranges(
    ready: Session, subscription: Subscription, names: Sequence[str]
) -> Iterator[list[str]]:
    """The files by runs of partitions that follow one another, new ones first made known."""
    partitions = legacy_partitions(ready.deployment, subscription).name or ""
    ready.instance.add_dynamic_partitions(partitions, names)
    run: list[str] = []
    for each in ready.instance.get_dynamic_partitions(partitions):
        if each in names:
            run.append(each)
        elif run:
            yield run
            run = []
    if run:
        yield run
