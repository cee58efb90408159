"""The catalogue's fields as the structures that DuckDB reads JSON by.

Add a shape here together with its `Kind`. Keep out SQL statements.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vtj_pipeline.catalogue import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vtj_pipeline.catalogue import Catalogue

# Everything is read as text: the source gives numbers and booleans as either (contract §2.2).
_SHAPES: dict[Kind, object] = {
    Kind.TEXT: "VARCHAR",
    Kind.INTEGER: "VARCHAR",
    Kind.BOOLEAN: "VARCHAR",
    Kind.PARTIAL_DATE: {"arvo": "VARCHAR", "tarkkuus": "VARCHAR"},
    Kind.LOCALIZED: {"fi": "VARCHAR", "sv": "VARCHAR"},
    Kind.TEXT_LIST: ["VARCHAR"],
}


def structure(fields: Iterable[Field]) -> str:
    """The DuckDB JSON structure (a JSON text) of rows with these fields."""
    return json.dumps(_structure(fields), ensure_ascii=False)


def _structure(fields: Iterable[Field]) -> dict[str, object]:
    return {
        field.name: [_structure(field.fields)]
        if field.kind is Kind.OBJECT_LIST
        else _SHAPES[field.kind]
        for field in fields
    }


def spellings(catalogue: Catalogue) -> dict[str, str]:
    """Other spellings of field names that the source has used → the name in the catalogue."""
    return {
        alias: field.name
        for group in catalogue.groups.values()
        for field in group.fields
        for alias in field.aliases
    }
