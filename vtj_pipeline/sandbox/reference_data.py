"""The reference data in the form that chance needs: municipalities, streets, surnames, codes.

Add a file of `vtj_pipeline/reference/` here to use it. Keep out persons and given names
(`names.py`).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.chance import Weighted

FINNISH_ONLY, SWEDISH_ONLY = "0", "2"
ABROAD = "200"
NO_HOME = ("198", "199")

Localized = dict[str, str]


class Municipality(NamedTuple):
    """A municipality of today; texts are localized as the source writes them (contract §3.0)."""

    code: str
    post_office: Localized
    population: int
    postal_codes: tuple[str, ...]
    streets: tuple[Localized, ...]


@dataclass(frozen=True)
class Reference:
    """The reference data that the sandbox draws from.

    Attributes:
        municipalities: Municipalities of today by code.
        former: Codes of municipalities that no longer exist → their last day, ISO.
        areas: Wellbeing area → its municipalities today.
        countrywide: Municipalities weighted by real population.
        surnames: Weighted by how common they are.
        languages: Two-letter code → ISO 639-2/T code.
        countries: Country codes → (Finnish name).
    """

    municipalities: dict[str, Municipality]
    former: dict[str, str]
    areas: dict[str, tuple[str, ...]]
    countrywide: Weighted[str]
    surnames: Weighted[str]
    languages: dict[str, str]
    countries: dict[str, str]

    def area(self, code: str) -> tuple[str, ...]:
        """Return the municipality codes of a wellbeing area.

        Raises:
            SandboxError: there is no such area.
        """
        if code not in self.areas:
            known = ", ".join(sorted(self.areas))
            msg = f"Sandbox option wellbeing_area is {code!r}: give one of {known}."
            raise SandboxError(msg)
        return self.areas[code]

    def weighted(self, codes: tuple[str, ...]) -> Weighted[str]:
        """Return these municipalities weighted by real population."""
        return Weighted((code, self.municipalities[code].population) for code in codes)

    def outside(self, area: str) -> tuple[str, ...]:
        """Return the municipality codes outside a wellbeing area."""
        inside = set(self.area(area))
        return tuple(code for code in self.municipalities if code not in inside)


def read_reference(name: str) -> list[dict[str, str]]:
    """Return the rows of one file of the reference data, all values as text."""
    path = files("vtj_pipeline.reference") / f"{name}.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def localized(status: str, finnish: str, swedish: str) -> Localized:
    """Return a text in the languages of a municipality: Swedish only where it has Swedish."""
    if status == SWEDISH_ONLY:
        return {"sv": swedish or finnish}
    if status == FINNISH_ONLY or not swedish:
        return {"fi": finnish}
    return {"fi": finnish, "sv": swedish}


def _populations() -> dict[str, int]:
    rows = read_reference("municipality_population")
    newest = max(row["year"] for row in rows)
    return {r["municipality_code"]: int(r["population"]) for r in rows if r["year"] == newest}


def _postal_codes() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in read_reference("postal_codes"):
        found.setdefault(row["municipality_code"], []).append(row["postal_code"])
    return found


def _street_names() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for row in read_reference("street_names"):
        found.setdefault(row["municipality_code"], []).append((row["name_fi"], row["name_sv"]))
    return found


def _municipalities() -> tuple[dict[str, Municipality], dict[str, str]]:
    populations, postal_codes, streets = _populations(), _postal_codes(), _street_names()
    today, former = {}, {}
    for row in read_reference("municipalities"):
        code, status = row["municipality_code"], row["language_status_code"]
        if row["valid_to"]:
            former[code] = row["valid_to"]
        elif code in populations and code in postal_codes:
            names = streets.get(code, []) + streets[""]
            today[code] = Municipality(
                code,
                localized(status, row["name_fi"].upper(), row["name_sv"].upper()),
                populations[code],
                tuple(postal_codes[code]),
                tuple(localized(status, finnish, swedish) for finnish, swedish in names),
            )
    return today, former


@cache
def load_reference() -> Reference:
    """Read the reference data that comes with the program, once a process."""
    municipalities, former = _municipalities()
    areas: dict[str, list[str]] = {}
    for row in read_reference("municipality_wellbeing_area"):
        if not row["valid_to"] and row["municipality_code"] in municipalities:
            areas.setdefault(row["wellbeing_area_code"], []).append(row["municipality_code"])
    return Reference(
        municipalities=municipalities,
        former=former,
        areas={code: tuple(members) for code, members in areas.items()},
        countrywide=Weighted((m.code, m.population) for m in municipalities.values()),
        surnames=Weighted((r["name"], float(r["count"])) for r in read_reference("surnames")),
        languages={r["language_code"]: r["iso639_2_t"] for r in read_reference("languages")},
        countries={r["country_code"]: r["name_fi"] for r in read_reference("countries")},
    )
