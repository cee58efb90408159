"""What the register's files may hold: views that analysts read, and the columns of each. Data only.

Files have no roles and keep no record of who read them. So they hold what the role `analyst` may
see of all municipalities, made by the very views that it reads, and of these only what is listed
here: a view or a column that is new is left out until somebody has judged it. Add it here then.
The views of `quality` tell of the pipeline's own work and are not written.
"""

from __future__ import annotations

from dataclasses import dataclass

_PERSON = ("birth_year", "birth_month", "sex", "language_group", "citizenship_group")
_PLACE_NAMES = ("municipality_name_fi", "municipality_name_sv")
_FLOW = (
    "from_municipality_code", "from_municipality_name_fi", "to_municipality_code",
    "to_municipality_name_fi", "year", "is_whole_year", "age_group", "basis", "moves",
)  # fmt: skip
_POPULATION = (
    "municipality_code", *_PLACE_NAMES, "month_end", "counted_on", "basis", "sex", "age",
    "language_group", "citizenship_group", "population",
)  # fmt: skip
_CHANGE = (
    "municipality_code", *_PLACE_NAMES, "month_start", "basis", "sex", "opening", "births",
    "deaths", "moved_in", "moved_out", "immigration", "emigration", "correction", "area_change",
    "restatement", "closing",
)  # fmt: skip


@dataclass(frozen=True)
class Content:
    """One view that is written.

    Attributes:
        table: Its name, as `schema.name`.
        columns: What is written of it, in this order.
        sorted_by: The columns that readers choose rows by; the others follow, so that the same
            rows always come in the same order.
    """

    table: str
    columns: tuple[str, ...]
    sorted_by: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Where its files stand."""
        return f"register/{self.table.replace('.', '/')}"

    @property
    def order(self) -> tuple[str, ...]:
        """Every column, those that rows are sorted by first."""
        return tuple(dict.fromkeys((*self.sorted_by, *self.columns)))


# By municipality first: who reads one skips most of a file by the bounds of its row groups.
CONTENTS = (
    Content(
        "analyst.resident",
        (
            "pseudonym", *_PERSON, "municipality_code", "municipality_name_fi", "postal_code",
            "resident_since_month", "household_pseudonym",
        ),
        ("municipality_code", "postal_code"),
    ),
    Content(
        "analyst.mover",
        (
            "pseudonym", *_PERSON, "moved_in_month", "kind", "from_municipality_code",
            "to_municipality_code", "to_postal_code",
        ),
        ("to_municipality_code", "moved_in_month"),
    ),
    Content(
        "analyst.newborn",
        ("pseudonym", *_PERSON, "municipality_code", "postal_code"),
        ("municipality_code", "birth_year", "birth_month"),
    ),
    Content(
        "analyst.deceased",
        ("pseudonym", *_PERSON, "died_in_month", "municipality_code", "postal_code"),
        ("municipality_code", "died_in_month"),
    ),
    Content(
        "statistics.population", _POPULATION, ("municipality_code", "basis", "month_end")
    ),
    Content(
        "statistics.population_open",
        (*_POPULATION, "is_small"),
        ("municipality_code", "basis", "month_end"),
    ),
    Content(
        "statistics.population_change", _CHANGE, ("municipality_code", "basis", "month_start")
    ),
    Content(
        "statistics.population_change_open",
        (*_CHANGE, "is_small"),
        ("municipality_code", "basis", "month_start"),
    ),
    Content(
        "statistics.migration_flow", _FLOW, ("from_municipality_code", "basis", "year")
    ),
    Content(
        "statistics.migration_flow_open",
        (*_FLOW, "is_small"),
        ("from_municipality_code", "basis", "year"),
    ),
)  # fmt: skip
"""Everything that is written."""
RESIDENTS = "analyst.resident"
"""Where whoever has no municipality is listed without a place on purpose."""
SCHEMAS = tuple(sorted({one.table.split(".")[0] for one in CONTENTS}))
"""The schemas that the views stand in."""
TYPES = {
    "text": "text",
    "character varying": "text",
    "uuid": "text",
    "integer": "integer",
    "bigint": "bigint",
    "boolean": "boolean",
    "date": "date",
}
"""PostgreSQL's types of what is written → as what it is written; of another type nothing is."""
