"""Given names and surnames: by sex, generation and mother tongue, drawn from real frequencies.

Add names of another language group here. Keep out places and codes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from vtj_pipeline.sandbox.chance import Weighted, pick
from vtj_pipeline.sandbox.reference_data import load_reference, read_reference

if TYPE_CHECKING:
    from random import Random

GENERATION_STARTS = (1946, 1976, 2001)
_SEX_OF = {"male": "MIES", "female": "NAINEN"}
_FITS, _OF_ANOTHER_GENERATION = 6.0, 0.1

# Names that clearly belong to one generation; the others are alike in all of them.
_OF_GENERATION = {
    "Eino": 0, "Toivo": 0, "Veikko": 0, "Aarne": 0, "Reino": 0, "Kerttu": 0, "Aino": 3, "Irja": 0,
    "Lempi": 0, "Kaarina": 0, "Martta": 0, "Pertti": 1, "Seppo": 1, "Hannu": 1, "Juha": 1,
    "Timo": 1, "Kari": 1, "Jari": 1, "Raija": 1, "Ritva": 1, "Pirjo": 1, "Tuula": 1, "Päivi": 1,
    "Tarja": 1, "Sari": 1, "Mika": 1, "Marko": 2, "Janne": 2, "Jukka": 1, "Ville": 2, "Antti": 2,
    "Mikko": 2, "Jussi": 2, "Teemu": 2, "Jenni": 2, "Heidi": 2, "Laura": 2, "Hanna": 2, "Sanna": 2,
    "Katja": 2, "Niina": 2, "Eetu": 3, "Onni": 3, "Leo": 3, "Elias": 3, "Oliver": 3, "Niilo": 3,
    "Aleksi": 3, "Veeti": 3, "Ella": 3, "Emma": 3, "Sofia": 3, "Aada": 3, "Venla": 3, "Helmi": 3,
    "Lilja": 3, "Eevi": 3, "Viljami": 3, "Matilda": 3,
}  # fmt: skip
# Own short lists: name statistics by mother tongue are not published.
_FOREIGN: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "ru": (("Ivan", "Sergei", "Dmitri", "Andrei", "Nikolai"),
           ("Olga", "Irina", "Tatjana", "Svetlana", "Anastasia"),
           ("Ivanov", "Petrov", "Smirnov", "Volkov", "Orlov")),
    "uk": (("Oleh", "Mykola", "Taras", "Bohdan"), ("Oksana", "Iryna", "Natalija", "Daryna"),
           ("Shevchenko", "Bondarenko", "Koval", "Melnyk")),
    "et": (("Tõnu", "Jaan", "Märt", "Rein"), ("Kadri", "Liina", "Maarika", "Piret"),
           ("Tamm", "Saar", "Sepp", "Mägi", "Kask")),
    "ar": (("Ahmed", "Ali", "Omar", "Yusuf"), ("Fatima", "Layla", "Mariam", "Zainab"),
           ("Hassan", "Hussein", "Salman", "Jabbar")),
    "so": (("Abdi", "Mohamed", "Ismail", "Liban"), ("Amina", "Hodan", "Sahra", "Faduma"),
           ("Abdullahi", "Farah", "Warsame", "Jama")),
    "en": (("James", "Oliver", "Daniel", "George"), ("Emily", "Grace", "Sarah", "Alice"),
           ("Smith", "Taylor", "Walker", "Reed")),
    "sv": (("Johan", "Anders", "Karl", "Fredrik", "Erik"),
           ("Anna", "Karin", "Maria", "Åsa", "Ingrid"),
           ("Johansson", "Karlsson", "Lindström", "Nyström", "Sjöberg", "Åkerlund")),
}  # fmt: skip


def generation(year: int) -> int:
    """Return the generation of a birth year: 0 the oldest, 3 the youngest."""
    return sum(year >= start for start in GENERATION_STARTS)


@cache
def _given(sex: str, position: str, of: int) -> Weighted[str]:
    rows = read_reference("given_names")

    def weight(name: str, count: str) -> float:
        named = _OF_GENERATION.get(name)
        if named is None:
            return float(count)
        return float(count) * (_FITS if named == of else _OF_ANOTHER_GENERATION)

    return Weighted(
        (row["name"], weight(row["name"], row["count"]))
        for row in rows
        if row["position"] == position and _SEX_OF[row["gender"]] == sex
    )


def given_names(rng: Random, sex: str, year: int, language: str) -> str:
    """Return one to three given names of a person, divided by blanks."""
    if language in _FOREIGN:
        first = pick(rng, _FOREIGN[language][0 if sex == "MIES" else 1])
    else:
        first = _given(sex, "first", generation(year)).draw(rng)
    others = _given(sex, "other", generation(year))
    more = [others.draw(rng) for share in (0.85, 0.3) if rng.random() < share]
    return " ".join(dict.fromkeys([first, *more]))


def surname(rng: Random, language: str) -> str:
    """Return a surname."""
    if language in _FOREIGN:
        return pick(rng, _FOREIGN[language][2])
    return load_reference().surnames.draw(rng)
