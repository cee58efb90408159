"""Oddities in how true facts are spelled, alike in messages and in `perustiedot`.

Each is decided by the value and the seed alone, so that a fact is spelled the same wherever it is
told. Add an oddity of spelling here. Keep out noise of messages alone (`noise.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vtj_pipeline.sandbox.chance import chosen
from vtj_pipeline.sandbox.noise import LOCALIZED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vtj_pipeline.sandbox.options import SandboxOptions
    from vtj_pipeline.sandbox.rows import Row

_GIVEN_NAMES = {"HENKILON_NIMI": ("etunimi", "etunimiUTF8")}
# The end of a dwelling is not told when somebody moves inside a municipality: it must follow from
# the start of the next one (contract §4.3), which a month does not tell.
_BY_THE_DAY = ("VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS", "EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS")
_FIRST_OF_MONTH, _NEW_YEAR = "-01", "-01-01"


class Spelling:
    """Spells rows as the options want it."""

    def __init__(self, options: SandboxOptions) -> None:
        """Take the shares from the options."""
        self._firsts, self._blanks = options.rough_firsts, options.trailing_blanks
        self._empty = options.empty_texts
        self._seed = options.seed
        self._rough: dict[str, bool] = {}

    def rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return rows as they are told; the given ones stay as they are."""
        if not (self._firsts or self._blanks or self._empty):
            return rows
        return [self._row(row) for row in rows]

    def _row(self, row: Row) -> Row:
        group = row.get("tietoryhma", "")
        if group in _BY_THE_DAY:
            return row
        names = _GIVEN_NAMES.get(group, ())
        return {
            name: self._blank(value) if name in names else self._named(name, value)
            for name, value in row.items()
        }

    def _named(self, name: str, value: Any) -> Any:
        if name in LOCALIZED and self._is_empty(value):
            return {}
        return self._dated(value)

    def _is_empty(self, value: Any) -> bool:
        """Whether a localized text is `{}` wherever it is told (contract §3.0)."""
        if not self._empty or not isinstance(value, dict):
            return False
        return chosen(self._empty, self._seed, "empty", value.get("fi"))

    def _blank(self, value: Any) -> Any:
        if self._blanks and isinstance(value, str) and chosen(self._blanks, self._seed, value):
            return value + " "
        return value

    def _dated(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._dated(one) for one in value]
        if not isinstance(value, dict):
            return value
        if value.get("tarkkuus") == "PAIVA" and self._is_rough(value["arvo"]):
            precision = "VUOSI" if value["arvo"].endswith(_NEW_YEAR) else "KUUKAUSI"
            return {"arvo": value["arvo"], "tarkkuus": precision}
        return {name: self._named(name, one) for name, one in value.items()}

    def _is_rough(self, day: str) -> bool:
        """Whether the first day of a month stands for the whole month, or year (§9 #26)."""
        if not (self._firsts and day.endswith(_FIRST_OF_MONTH)):
            return False
        if day not in self._rough:
            self._rough[day] = chosen(self._firsts, self._seed, day)
        return self._rough[day]
