"""Dwellings to live in: buildings of a municipality with their flats, made as they are needed.

Keep out who lives there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox.chance import pick
from vtj_pipeline.sandbox.identity_codes import check_character
from vtj_pipeline.sandbox.person_state import Dwelling, PostalAddress

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from random import Random

    from vtj_pipeline.sandbox.reference_data import Localized, Reference

_FLAT_SHARE = 0.55
_FLATS_IN_STAIRWELL = 12
_FIRST_BUILDING = 900_000_000


@dataclass
class Dwellings:
    """Hands out empty dwellings; building ids look like `9000000411` (contract §3.3)."""

    reference: Reference
    built: int = 0
    _open: dict[str, list[tuple[Dwelling, int, int]]] = field(default_factory=dict)

    def empty(self, rng: Random, municipality: str) -> Dwelling:
        """Return a dwelling in a municipality where nobody lives yet."""
        if rng.random() < _FLAT_SHARE:
            return self._flat(rng, municipality)
        return self._building(rng, municipality)

    def hand_over(self, buildings: Collection[str], old: str, new: str) -> None:
        """Let buildings lie in another municipality, with the flats where nobody lives yet."""
        standing = self._open.pop(old, [])
        for dwelling, taken, stairwells in standing:
            code = new if dwelling.building in buildings else old
            room = (dwelling._replace(municipality=code), taken, stairwells)
            self._open.setdefault(code, []).append(room)

    def _building(self, rng: Random, municipality: str) -> Dwelling:
        self.built += 1
        digits = str(_FIRST_BUILDING + self.built)
        place = self.reference.municipalities[municipality]
        house = str(1 + int(rng.random() * 80))
        unusual = rng.random()
        if unusual < 0.03:
            house += pick(rng, "abc")
        elif unusual < 0.05:
            house = f"{house}-{int(house) + 2}"
        return Dwelling(
            municipality=municipality,
            building=digits + check_character(digits),
            street=pick(rng, place.streets),
            house=house,
            postal_code=pick(rng, place.postal_codes),
            post_office=place.post_office,
            address_number=1 if rng.random() < 0.9 else 2,
        )

    def _flat(self, rng: Random, municipality: str) -> Dwelling:
        """A flat of a building that has room, else of a new one."""
        standing = self._open.setdefault(municipality, [])
        if not standing:
            stairwells = 1 + int(rng.random() * 4)
            standing.append((self._building(rng, municipality), 0, stairwells))
        building, taken, stairwells = standing.pop()
        if taken + 1 < stairwells * _FLATS_IN_STAIRWELL:
            standing.append((building, taken + 1, stairwells))
        return building._replace(
            stairwell="ABCD"[taken // _FLATS_IN_STAIRWELL],
            number=f"{taken + 1:03d}",
            division="a" if rng.random() < 0.02 else None,
        )

    def postal(self, rng: Random, municipality: str, since: date) -> PostalAddress:
        """Return a post office box in a municipality, now and then a care-of line in Finnish."""
        place = self.reference.municipalities[municipality]
        box = 1 + int(rng.random() * 900)
        names = {"fi": f"PL {box}", "sv": f"PB {box}"}
        line: Localized = {language: names[language] for language in place.post_office}
        if rng.random() < 0.2:
            line = {"fi": "Poste restante"}
        return PostalAddress(line, pick(rng, place.postal_codes), place.post_office, since)
