"""The reference data in the form that chance needs: weighted names, places, streets.

Add a file of `vtj_pipeline/reference/` here to use it. Keep out persons.
"""

import csv
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from vtj_pipeline.errors import SandboxError

T = TypeVar("T")
Localized = dict[str, str]
CAPITAL = ("049", "091", "092")


class Weighted(Generic[T]):
    """Things to draw from by weight."""

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        """Take (thing, weight) pairs; weights need not add up to anything."""
        chosen = list(pairs)
        self.things: Sequence[T] = [thing for thing, _ in chosen]
        self._sums = list(accumulate(weight for _, weight in chosen))

    def draw(self, rng: Random) -> T:
        """Draw one thing."""
        return self.things[bisect(self._sums, rng.random() * self._sums[-1])]


@dataclass(frozen=True)
class Municipality:
    """A municipality as the sandbox knows it: codes are text, the population is of 2025."""

    code: str
    name: Localized
    population: int
    swedish: bool
    postal_codes: tuple[str, ...]
    streets: tuple[Localized, ...]


@dataclass(frozen=True)
class Places:
    """All reference data of the sandbox."""

    municipalities: dict[str, Municipality]
    areas: dict[str, tuple[str, ...]]
    first_names: dict[str, Weighted[str]]
    other_names: dict[str, Weighted[str]]
    surnames: Weighted[str]
    languages: dict[str, str]
    countries: frozenset[str]

    def area(self, code: str) -> tuple[str, ...]:
        """Return the municipality codes of a wellbeing area.

        Raises:
            SandboxError: There is no such area.
        """
        if code not in self.areas:
            known = ", ".join(sorted(self.areas))
            msg = f"Wellbeing area {code!r} is not known; use one of {known}."
            raise SandboxError(msg)
        return self.areas[code]

    def weighted(self, codes: Iterable[str]) -> Weighted[str]:
        """Return the municipalities weighted by real population."""
        return Weighted((code, self.municipalities[code].population) for code in codes)


def _read(name: str) -> list[dict[str, str]]:
    path = files("vtj_pipeline") / "reference" / f"{name}.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _populations() -> dict[str, int]:
    rows = _read("municipality_population")
    newest = max(row["year"] for row in rows)
    return {r["municipality_code"]: int(r["population"]) for r in rows if r["year"] == newest}


def _postal_codes() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in _read("postal_codes"):
        found.setdefault(row["municipality_code"], []).append(row["postal_code"])
    return found


def _streets(code: str, swedish: bool) -> tuple[Localized, ...]:
    chosen = []
    for row in _read("street_names") if code in CAPITAL else _national_streets():
        if row["municipality_code"] in ("", code):
            street = {"fi": row["name_fi"]}
            if swedish and row["name_sv"]:
                street["sv"] = row["name_sv"]
            chosen.append(street)
    return tuple(chosen)


@cache
def _national_streets() -> list[dict[str, str]]:
    return [row for row in _read("street_names") if row["scope"] == "national"]


def _municipalities() -> dict[str, Municipality]:
    populations, postal_codes = _populations(), _postal_codes()
    found = {}
    for row in _read("municipalities"):
        code = row["municipality_code"]
        if row["valid_to"] or code not in populations or code not in postal_codes:
            continue
        swedish = row["language_status_code"] in ("1", "2", "3")
        name = {"fi": row["name_fi"].upper()}
        if swedish and row["name_sv"]:
            name["sv"] = row["name_sv"].upper()
        found[code] = Municipality(
            code,
            name,
            populations[code],
            swedish,
            tuple(postal_codes[code]),
            _streets(code, swedish),
        )
    return found


def _names(position: str) -> dict[str, Weighted[str]]:
    rows = [row for row in _read("given_names") if row["position"] == position]
    return {
        sex: Weighted((r["name"], float(r["count"])) for r in rows if r["gender"] == gender)
        for sex, gender in (("MIES", "male"), ("NAINEN", "female"))
    }


@cache
def load_places() -> Places:
    """Read the reference data that is bundled with the program (once a process)."""
    municipalities = _municipalities()
    areas: dict[str, list[str]] = {}
    for row in _read("municipality_wellbeing_area"):
        if not row["valid_to"] and row["municipality_code"] in municipalities:
            areas.setdefault(row["wellbeing_area_code"], []).append(row["municipality_code"])
    return Places(
        municipalities=municipalities,
        areas={code: tuple(members) for code, members in areas.items()},
        first_names=_names("first"),
        other_names=_names("other"),
        surnames=Weighted((r["name"], float(r["count"])) for r in _read("surnames")),
        languages={r["language_code"]: r["iso639_2_t"] for r in _read("languages")},
        countries=frozenset(r["country_code"] for r in _read("countries")),
    )
