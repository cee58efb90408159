"""Columns' lineage: read when the views are made anew, told again of every later build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from vtj_pipeline.orchestration.column_lineage import KEY, with_lineage

LINEAGE = dg.TableColumnLineage(
    {"sex": [dg.TableColumnDep(dg.AssetKey(["timeline", "population_count"]), "sex")], "age": []}
)
OUTPUT = "statistics__population"
ASSET = dg.AssetKey(["statistics", "population"])


def events(metadata: dict[str, Any]) -> list[Any]:
    return [
        dg.Output(None, OUTPUT, metadata={"rows": 1, **metadata}),
        dg.AssetMaterialization(ASSET, metadata=metadata),
        dg.AssetCheckResult(passed=True, asset_key=ASSET, check_name="adds_up"),
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_what_was_read_once_is_told_of_every_later_build(tmp_path: Path, number: int) -> None:
    file = tmp_path / "new" / "lineage.json"
    [before, *_] = list(with_lineage(events({}), file, is_read=False))
    assert KEY not in before.metadata
    read = [events({KEY: LINEAGE})[number]]
    assert list(with_lineage(read, file, is_read=True)) == read
    later = list(with_lineage(events({}), file, is_read=False))
    assert later[number].metadata[KEY].value == LINEAGE
    assert later[2] == events({})[2]
