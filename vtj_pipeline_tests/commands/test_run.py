"""What the commands say of what was done."""

from __future__ import annotations

from typing import Any

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.commands.run import _published


def test_a_publication_that_changed_nothing_about_anybody_ends_no_row() -> None:
    """As after a reconciliation without drift, which notes of everybody that they were told of."""
    none = {"inserted": 0, "ended": 0, "removed": 0}
    counts: dict[str, dict[str, Any]] = {f"register/{name}": none for name in CATALOGUE.tables}
    counts["events/event_rows"] = {"rows": 90}
    told = {"inserted": 0, "ended": 9, "removed": 0}
    counts["register/scope_member"] = told
    counts["register/person"] = {**told, "publication": 5, "persons": 9, "quarantined": 0}
    assert "inserted 0, ended 0, removed 0" in _published(counts)
    counts["register/sex"] = {**none, "inserted": 1}
    assert "inserted 1, ended 0, removed 0" in _published(counts)
