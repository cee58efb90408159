"""Two roads to one register: a sandbox's year as old files, and as the interface's answers.

Keep out what must be equal (`test_round_trip.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.catalogue.legacy import FROM_LEGACY
from vtj_pipeline.catalogue.legacy_columns import OF_NAMELESS, carried_columns
from vtj_pipeline.legacy import LegacyReport, land_legacy
from vtj_pipeline.privacy import person_key
from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox.legacy_export import Export, export_legacy
from vtj_pipeline_tests.builders import Bench
from vtj_pipeline_tests.register.feeds import Feed, Pages

Line = tuple[Any, ...]


def written(
    options: SandboxOptions, folder: Path, account: str, days: int, *, days_a_file: int = 7
) -> Export:
    """The first days of a sandbox as old files."""
    sandbox = Sandbox(replace(options, clock=options.start))
    end = options.start + timedelta(days=days)
    return export_legacy(sandbox, folder, until=end, days_a_file=days_a_file, account=account)


def land_files(bench: Bench, files: Iterable[Path]) -> LegacyReport:
    """Land old files."""
    key = person_key(bench.settings)
    return land_legacy("test", files, bench.storage, bench.database, key, run_id="test")


def land_answers(bench: Bench, options: SandboxOptions, account: str, days: int) -> None:
    """Land the same days as the interface tells them."""
    feed = Feed.of(options, account)
    bench.scope = tuple(sorted(feed.sandbox.world.area))
    bench.land_pages(feed.baseline(), kind="baseline", extraction_date=options.start)
    bench.land_pages(feed.read(days).pages)


@dataclass(frozen=True)
class Answers:
    """What the interface says from a day on: basic data of that day, and what changed since.

    Attributes:
        scope: The municipalities of the product.
    """

    day: date
    scope: tuple[str, ...]
    baseline: Pages
    changes: Pages

    def land_baseline(self, bench: Bench) -> None:
        """Land the basic data."""
        bench.land_pages(self.baseline, kind="baseline", extraction_date=self.day)

    def land_changes(self, bench: Bench) -> None:
        """Land the changes."""
        bench.land_pages(self.changes)


def answers_from(options: SandboxOptions, account: str, first: int, last: int) -> Answers:
    """The answers of a sandbox between two of its days."""
    feed = Feed.of(options, account)
    cursor = feed.read(first).cursor
    baseline = [(cursor, body) for _, body in feed.baseline()]
    scope = tuple(sorted(feed.sandbox.world.area))
    day = options.start + timedelta(days=first)
    return Answers(day, scope, baseline, feed.read(last).pages)


# The interface tells these again as sibling groups, of which the one that tells most is shown.
_SAME_FACTS = {"NIMENMUUTOS": ("NIMENMUUTOS", "NIMENMUUTOS_LAAJA")}
# No group closes a stay: the fold ends it where the next one that was told begins.
_OPEN_ALONE = ("KOTIKUNTA",)
# Only these can be masked in the files.
_MASKABLE = ("VAKINAINEN_KOTIMAINEN_OSOITE", "KOTIKUNTA", "SAHKOPOSTIOSOITE")
# Whose e-mail address it is the two sides name differently, and only one name is known.
_NOT_COMPARED = {"SAHKOPOSTIOSOITE": ("contact_source",)}


def ordered_in(bench: Bench) -> frozenset[str]:
    """The persons who ever were under an order of non-disclosure."""
    found = bench.query("select distinct person_id::text from register.protection_order")
    return frozenset(person_id for (person_id,) in found)


def current_lines(
    bench: Bench, group: str, since: str, ordered: frozenset[str] = frozenset()
) -> Counter[Line]:
    """What a register says now of a group, in the columns that old files can fill.

    Rows that had ended before the first day are left out: a base file tells what stands. So is
    what ended of `ordered` persons in groups that the files cannot mask.
    """
    table = CATALOGUE.tables[CATALOGUE.groups[group].table]
    left_out = _NOT_COMPARED.get(group, ())
    columns = [
        c
        for c in carried_columns(group)
        if c not in left_out and (table.has_validity or not c.startswith("valid_"))
    ]
    chosen = [
        f"case when related_identity_code is null then {c} end" if c in OF_NAMELESS else c
        for c in columns
    ]
    conditions = ["recorded_to is null"]
    if not table.parts:
        names = "', '".join(_SAME_FACTS.get(group, (group,)))
        conditions.append(f"source_group in ('{names}')")
    if group == "KUOLINPAIVA":
        # That somebody lives is told by no group, but where a death is taken back.
        conditions.append("is_dead")
    if group in _OPEN_ALONE:
        conditions.append("valid_to is null")
    elif table.has_validity:
        conditions.append(f"(valid_to is null or valid_to > '{since}')")
    if table.maskable and group not in _MASKABLE:
        conditions.append("not withheld")
        if ordered and table.has_validity:
            # The interface withholds them then, and tells nothing of what ended meanwhile.
            names = "', '".join(sorted(ordered))
            conditions.append(f"(valid_to is null or person_id not in ('{names}'))")
    withheld = "withheld" if table.maskable else "false"
    rows = bench.query(
        f"select person_id::text, {withheld}, {', '.join(chosen)} from register.{table.name} "
        f"where {' and '.join(conditions)}"
    )
    # Of a person without a part the row of the others' table says nothing.
    return Counter(row for row in rows if row[1] or any(value is not None for value in row[2:]))


GROUPS = sorted(FROM_LEGACY)
