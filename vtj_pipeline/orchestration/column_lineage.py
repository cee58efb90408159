"""From which columns a view's columns are made, in the metadata of what dbt builds.

dagster-dbt reads it from the SQL, which takes longer than a night's build. So it is read when the
views are made anew, kept in a file, and told again of every later build. Keep out how dbt is run
(`assets/views.py`). A register table's columns name their field of the source in their description.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import orjson

KEY = "dagster/column_lineage"

Kept = dict[str, dict[str, list[tuple[list[str], str]]]]
"""By output or asset: column → key and column of each that it is made of."""


def with_lineage(events: Iterable[Any], file: Path, *, is_read: bool) -> Iterator[Any]:
    """The same events, with lineage.

    Args:
        events: Of dbt, as dagster-dbt tells them.
        file: Where it is kept.
        is_read: Whether the events have it, read from the SQL just now; else the kept one is added.
    """
    if not is_read:
        kept: Kept = orjson.loads(file.read_bytes()) if file.is_file() else {}
        yield from (_told(event, kept) for event in events)
        return
    found: Kept = {}
    for event in events:
        _keep(event, found)
        yield event
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps(found))


def _keep(event: Any, found: Kept) -> None:
    name = _name(event)
    value = event.metadata.get(KEY) if name is not None else None
    if isinstance(value, dg.TableColumnLineageMetadataValue):
        found[str(name)] = {
            column: [(list(one.asset_key.path), one.column_name) for one in deps]
            for column, deps in value.value.deps_by_column.items()
        }


def _told(event: Any, kept: Kept) -> Any:
    name = _name(event)
    if name not in kept:
        return event
    return event.with_metadata({**event.metadata, KEY: _lineage(kept[name])})


def _name(event: Any) -> str | None:
    match event:
        case dg.Output(output_name=name):
            return name
        case dg.AssetMaterialization(asset_key=key):
            return key.to_python_identifier()
    return None


def _lineage(columns: Mapping[str, list[tuple[list[str], str]]]) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(dg.AssetKey(path), of) for path, of in deps]
            for column, deps in columns.items()
        }
    )
