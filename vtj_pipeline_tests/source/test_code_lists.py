"""The code list's file: its forms, and what is said of one that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from vtj_pipeline.errors import SettingsError
from vtj_pipeline.source.code_lists import read_codes
from vtj_pipeline_tests.source.products import CODES

FIRST, SECOND, THIRD = CODES


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST}\n\n  {SECOND.lower()}\n{FIRST}\n",
        f"﻿{FIRST}\r\n{SECOND}\r\n",
        f"henkilotunnus\n{FIRST}\n{SECOND}\n",
        f"nimi;henkilotunnus;muuta\nA;{FIRST};x\nB;{SECOND};y\n",
        f'"Identity_Code","name"\n"{FIRST}","Meikäläinen, Matti"\n"{SECOND}",\n',
        f"name\tidentity_code\nA\t{FIRST}\nB\t{SECOND}\n",
        f"{FIRST};A\n{SECOND};B\n",
    ],
    ids=["lines", "windows", "header", "semicolons", "quoted", "tabs", "first column"],
)
def test_a_list_is_read_in_its_order_each_code_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "codes.csv"
    path.write_text(text, "utf-8")
    assert read_codes("listed", path) == (FIRST, SECOND)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{FIRST}\n{SECOND}x\n", r"codes\.csv, line 2 is not"),
        (f"nimi;hetu\nA;{FIRST}\n", "line 1 is not"),
        (f"nimi;henkilotunnus\nA;{FIRST}\nB\n", "line 3 is not"),
        ("henkilotunnus\n", "holds no code"),
        ("\n \n", "holds no code"),
    ],
    ids=["text", "unknown header", "too short", "header alone", "empty"],
)
def test_what_cannot_be_read_is_named_by_line_and_not_quoted(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "codes.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=said) as raised:
        read_codes("listed", path)
    assert SECOND not in str(raised.value) and "hetu" not in str(raised.value)


def test_a_list_of_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_bytes("henkilötunnus\n".encode("latin-1"))
    with pytest.raises(SettingsError, match="UTF-8"):
        read_codes("listed", path)


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no file"):
        read_codes("listed", tmp_path / "none")
