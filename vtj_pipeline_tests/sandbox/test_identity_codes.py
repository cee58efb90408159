"""Identity codes of the sandbox."""

from __future__ import annotations

from datetime import date

import pytest

from vtj_pipeline.sandbox import Sandbox, SandboxOptions
from vtj_pipeline.sandbox.chance import seeded
from vtj_pipeline.sandbox.identity_codes import FORM, CodeBook, check_character, compose


def test_the_check_character_follows_the_table_of_the_decree() -> None:
    assert check_character("010100900") == "0123456789ABCDEFHJKLMNPRSTUVWXY"[10100900 % 31]
    assert compose(date(2001, 2, 3), "A", 905) == f"030201A905{check_character('030201905')}"


def test_every_code_is_artificial_unique_and_valid(busy: Sandbox) -> None:
    codes = [person.code for person in busy.world.people]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert FORM.fullmatch(code)
        assert 900 <= int(code[7:10]) <= 999
        assert check_character(code[:6] + code[7:10]) == code[10]


@pytest.fixture(scope="module")
def many() -> Sandbox:
    return Sandbox(SandboxOptions(persons=3000, days=0))


def test_every_separator_of_every_century_occurs(many: Sandbox) -> None:
    assert {person.code[6] for person in many.world.people} == set("+-YXWVUABCDEF")


def test_a_few_codes_contradict_birth_date_or_sex(many: Sandbox) -> None:
    def contradicts(code: str, born: date, sex: str) -> bool:
        return code[:4] != f"{born:%d%m}" or (int(code[9]) % 2 == 1) != (sex == "MIES")

    people = many.world.people
    share = sum(contradicts(p.code, p.born, p.sex) for p in people) / len(people)
    assert 0 < share < 0.1


def test_codes_are_issued_beyond_what_one_birth_date_can_hold() -> None:
    book, rng = CodeBook(), seeded("many")
    codes = {book.issue(rng, date(1990, 5, 5), "MIES") for _ in range(700)}
    assert len(codes) == 700
