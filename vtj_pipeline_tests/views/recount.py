"""What readers see as known at one moment, kept; masked and counted again without SQL.

`Shown` keeps the answers of the views. `masked` is what of them may be shown of persons who are
guarded later on. Keep out how a register comes about (`lived.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

from vtj_pipeline.postgres import Database
from vtj_pipeline_tests.views.lived import rows

Row = dict[str, Any]
Cells = Counter[tuple[Hashable, ...]]
PLACES = (
    *("municipality_code", "municipality_name_fi", "municipality_name_sv", "resident_since"),
    *("street_fi", "street_sv", "house_number", "stairwell", "apartment_number"),
    *("apartment_division", "postal_code", "post_office_fi", "post_office_sv", "building_id"),
    *("dwelling_key", "household_key", "residence_type", "institution_kind"),
    *("entry_from", "leave_to"),
)
"""Columns that tell where somebody is."""
CELL = ("municipality_code", "month_end", "sex", "age", "language_group", "citizenship_group")
FLOW_CELL = ("municipality_code", "month_start", "sex")
FLOWS = ("births", "deaths", "moved_in", "moved_out", "immigration", "emigration", "correction")
_PARTS = {
    "birth": ("births", "births"),
    "death": ("deaths", "deaths"),
    "between_municipalities": ("moved_in", "moved_out"),
    "immigration": ("immigration", "immigration"),
    "emigration": ("emigration", "emigration"),
    "correction": ("correction", "correction"),
}
# What stands now is open-ended in the knowledge of its own time, and may have ended since.
_LATER = ("recorded_to",)


@dataclass(frozen=True)
class Shown:
    """What the views answer for one day, as known at one moment.

    Attributes:
        periods: Every period of everybody, of which the views are made (timeline.counted_period).
        residents, movers: municipality.resident and mover.
        companions: person_ids of whoever shares days at a dwelling with somebody who is guarded;
            their residents' and movers' rows are test_companions.py's.
        population, change: Cells of statistics.population and population_change, corrected.
    """

    valid_at: date
    periods: tuple[Row, ...]
    residents: tuple[Row, ...]
    movers: tuple[Row, ...]
    companions: frozenset[str]
    population: Cells
    change: Cells

    def months(self) -> dict[date, date]:
        """Month end → the day it is counted on, of the months that the statistics show."""
        return {cell[1]: cell[-2] for cell in self.population}


def shown(database: Database, valid_at: date, recorded_at: str = "") -> Shown:
    """Ask all views as of a day, and a moment if one is given."""
    settings = {"valid_at": str(valid_at), "recorded_at": recorded_at}
    with closing(database.connect()) as connection:

        def all_of(relation: str) -> tuple[Row, ...]:
            found = rows(connection, f"select * from {relation}", settings).to_dict("records")
            return tuple({str(k): v for k, v in row.items() if k not in _LATER} for row in found)

        return Shown(
            valid_at,
            all_of("timeline.counted_period"),
            all_of("municipality.resident"),
            all_of("municipality.mover"),
            frozenset(row["person_id"] for row in all_of("timeline.companion")),
            _cells(all_of("statistics.population"), (*CELL, "counted_on"), ("population",)),
            _cells(all_of("statistics.population_change"), FLOW_CELL, ("opening", *FLOWS)),
        )


def _cells(found: Iterable[Row], keys: Iterable[str], figures: Iterable[str]) -> Cells:
    cells: Cells = Counter()
    for row in found:
        if row["basis"] == "corrected":
            for figure in figures:
                cells[(*(row[key] for key in keys), figure)] += int(row[figure])
    return _filled(cells)


def _filled(cells: Cells) -> Cells:
    return Counter({cell: many for cell, many in cells.items() if many})


def masked(row: Row, guarded: Collection[str], area: Collection[str]) -> Row:
    """A row as it may be shown where these persons are guarded; `is_protected` tells no place."""
    if row["person_id"] not in guarded:
        return row
    hidden = {name: None if name in PLACES else value for name, value in row.items()}
    if "entry_kind" in row and not row["location_withheld"]:
        for kind, there in (("entry_kind", "entry_from"), ("leave_kind", "leave_to")):
            hidden[kind] = _hidden_kind(row, kind, there, area)
    hidden["location_withheld"] = True
    del hidden["is_protected"]
    return hidden


def _hidden_kind(row: Row, kind: str, there: str, area: Collection[str]) -> str | None:
    if row[kind] in (None, "birth", "death"):
        kind_: str | None = row[kind]
        return kind_
    return None if row["in_scope"] == (row[there] in area) else "correction"


def population(periods: Iterable[Row], months: Mapping[date, date]) -> Cells:
    """Count the residents of each month again."""
    cells: Cells = Counter()
    for row in periods:
        for month_end, day in months.items():
            if row["in_scope"] and row["valid_from"] <= day < row["valid_to"]:
                told = {**row, "month_end": month_end, "age": age(row["birth_date"], day)}
                cells[(*(told[name] for name in CELL), day, "population")] += 1
    return cells


def change(periods: Iterable[Row], months: Mapping[date, date]) -> Cells:
    """Count the comings and goings of each month again, and how many there were before it."""
    periods = [row for row in periods if row["in_scope"]]
    cells: Cells = Counter()
    for month_end, counted_on in months.items():
        start = month_end.replace(day=1)
        for row in periods:
            cell = (row["municipality_code"], start, row["sex"])
            if row["valid_from"] < start <= row["valid_to"]:
                cells[*cell, "opening"] += 1
            for way, kind, day in ((0, "entry_kind", "valid_from"), (1, "leave_kind", "valid_to")):
                if row[kind] in _PARTS and start <= row[day] <= counted_on:
                    figure = _PARTS[row[kind]][way]
                    cells[*cell, figure] += -1 if figure == "correction" and way else 1
    return _filled(cells)


def age(born: date, day: date) -> int:
    """Full years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
