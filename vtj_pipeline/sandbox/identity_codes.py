"""Synthetic personal identity codes: their form, their check character, and issuing them.

Only individual numbers 900 to 999, which are never given to real persons (contract §6). Keep out
everything else about a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.chance import chosen

if TYPE_CHECKING:
    from random import Random

CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
SEPARATORS = {18: "+", 19: "-YXWVU", 20: "ABCDEF"}
FORM = re.compile(r"\d{6}[-+YXWVUA-F]\d{3}[0-9A-FHJ-NPR-Y]")
_USUAL_SHARE = 0.6
_TRIES = 12
_DAYS_AROUND = 400


def check_character(digits: str) -> str:
    """Return the check character of digits, for a code the nine digits `ddmmyynnn`."""
    return CHECK_CHARACTERS[int(digits) % 31]


def compose(born: date, separator: str, number: int) -> str:
    """Return the code of a birth date, a separator of its century and an individual number."""
    digits = f"{born.day:02d}{born.month:02d}{born.year % 100:02d}"
    return f"{digits}{separator}{number:03d}{check_character(f'{digits}{number:03d}')}"


@dataclass
class CodeBook:
    """Issues codes that have not been issued before.

    Attributes:
        wrong_checks: Share of codes with a wrong check character.
        seed: Decides which, together with the code itself.
    """

    wrong_checks: float = 0.0
    seed: int = 0
    issued: set[str] = field(default_factory=set)

    def issue(self, rng: Random, born: date, sex: str) -> str:
        """Return a new code for a birth date and sex (`MIES` odd, otherwise even).

        Where the numbers of a date are used up, the other parity serves, then a date nearby: the
        code then contradicts the person, as some real ones do (contract §6).

        Raises:
            SandboxError: no code is left around the birth date.
        """
        separators = SEPARATORS[born.year // 100]
        for _ in range(_TRIES):
            usual = rng.random() < _USUAL_SHARE
            separator = separators[0 if usual else int(rng.random() * len(separators))]
            number = 900 + 2 * int(rng.random() * 50) + (sex == "MIES")
            code = self._spelled(compose(born, separator, number))
            if code not in self.issued:
                self.issued.add(code)
                return code
        return self._issue_any(born)

    def _spelled(self, code: str) -> str:
        """Return the code, by option now and then with the check character after the right one."""
        if not self.wrong_checks or not chosen(self.wrong_checks, self.seed, code):
            return code
        place = CHECK_CHARACTERS.index(code[-1]) + 1
        return code[:-1] + CHECK_CHARACTERS[place % len(CHECK_CHARACTERS)]

    def _issue_any(self, born: date) -> str:
        for days in range(_DAYS_AROUND):
            near = born - timedelta(days=days)
            for separator in SEPARATORS[near.year // 100]:
                for number in range(900, 1000):
                    code = self._spelled(compose(near, separator, number))
                    if code not in self.issued:
                        self.issued.add(code)
                        return code
        msg = f"No identity code is left for births in {born.year}: ask for fewer persons."
        raise SandboxError(msg)
