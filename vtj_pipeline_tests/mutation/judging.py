"""Judging mutants in processes of their own, half of them each.

Keep out which mutants and witnesses there are (`mutants.py`, `hunt.py`).
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from vtj_pipeline_tests.mutation.hunt import (
    Witness,
    killer,
    killers,
    make_witnesses,
    ready,
    unmutated,
)
from vtj_pipeline_tests.mutation.mutants import Mutant, all_mutants

PROCESSES = 2


class Verdict(NamedTuple):
    """What became of a mutant; `killed_by` is None where it survives."""

    rule: str
    name: str
    killed_by: str | None


class Judgement(NamedTuple):
    """Verdicts of one process, and where a witness objects though nothing was changed."""

    verdicts: list[Verdict]
    wrong: list[str]


def judge(share: tuple[int, str]) -> Judgement:
    """Judge a share of the mutants, in a process of its own.

    A witness is not asked about a table that it objects to as it is.
    """
    number, wanted = share
    mutants = [one for one in all_mutants() if wanted in one.name]
    alone = [one for one in mutants if not one.column][number::PROCESSES]
    bundles = _bundles(mutants)[number::PROCESSES]
    with (
        tempfile.TemporaryDirectory() as folder,
        ready(make_witnesses(), Path(folder)) as witnesses,
    ):
        wrong = unmutated(witnesses, {one.table for one in mutants})

        def fit(mutant: Mutant) -> list[Witness]:
            return [one for one in witnesses if (one.name, mutant.table) not in wrong]

        verdicts = [
            Verdict(one.rule, one.name, killer(one, fit(one), Path(folder))) for one in alone
        ]
        for bundle in bundles:
            found = killers(bundle, fit(bundle[0]))
            verdicts += [Verdict(one.rule, one.name, found[one.name]) for one in bundle]
    return Judgement(verdicts, [f"{witness}: {table}" for witness, table in wrong])


def _bundles(mutants: list[Mutant]) -> list[list[Mutant]]:
    """Mutants of columns that can be tried together: those of one group and rule."""
    bundles: dict[tuple[str, str], list[Mutant]] = defaultdict(list)
    for one in mutants:
        if one.column:
            bundles[one.group, one.rule].append(one)
    return list(bundles.values())
