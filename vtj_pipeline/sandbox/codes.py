"""Synthetic personal identity codes: the check character, and who gets which code.

Only individual numbers 900 to 999, which are never given to real persons (contract §6). Keep out
everything else about a person.
"""

from datetime import date
from random import Random

from vtj_pipeline.errors import SandboxError

CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
SEPARATORS = {18: "+", 19: "-YXWVU", 20: "ABCDEF"}


def check_character(digits: str) -> str:
    """Return the check character of the nine digits `ddmmyynnn` (contract §6)."""
    return CHECK_CHARACTERS[int(digits) % 31]


def compose(born: date, separator: str, number: int) -> str:
    """Return the code of a birth date, a separator of its century and an individual number."""
    start = f"{born:%d%m%y}"
    return f"{start}{separator}{number:03d}{check_character(f'{start}{number:03d}')}"


def _try(rng: Random, born: date, sex: str, used: set[str]) -> str | None:
    separators = SEPARATORS[born.year // 100]
    usual = rng.random() < 0.7
    separator = separators[0] if usual else separators[int(rng.random() * len(separators))]
    number = 900 + 2 * int(rng.random() * 50) + (sex == "MIES")
    code = compose(born, separator, number)
    return None if code in used else code


def _first_free(born: date, sex: str, used: set[str]) -> str | None:
    right = 901 if sex == "MIES" else 900
    for first in (right, 1801 - right):
        for separator in SEPARATORS[born.year // 100]:
            for number in range(first, 1000, 2):
                code = compose(born, separator, number)
                if code not in used:
                    return code
    return None


def new_code(rng: Random, born: date, sex: str, used: set[str]) -> str:
    """Return a free code for a birth date and sex, and mark it used.

    The number is odd for `MIES` and even otherwise while such numbers last.

    Raises:
        SandboxError: All codes of the birth date are in use.
    """
    found: str | None = None
    for _ in range(8):
        found = _try(rng, born, sex, used)
        if found is not None:
            break
    found = found or _first_free(born, sex, used)
    if found is None:
        msg = "No identity code is left for a birth date: ask for fewer persons."
        raise SandboxError(msg)
    used.add(found)
    return found
