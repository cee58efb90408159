"""Subscriptions and credentials for tests that call the source."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from vtj_pipeline.source import Subscription

USERNAME = "user-of-tests"
PASSWORD = "word-nobody-may-read"
CODES = ("010190-999F", "020290-998D", "030390-997J")


def municipality(**more: Any) -> Subscription:
    """Everybody of two municipalities, with the weekly copy as baseline."""
    return Subscription(
        **{
            "name": "towns",
            "product": "municipality",
            "municipalities": ("297", "091"),
            "start_date": date(2026, 11, 1),
            "baseline": "perustiedot-vko",
            **more,
        }
    )


def code_list(folder: Path, codes: tuple[str, ...] = CODES, **more: Any) -> Subscription:
    """The persons of a code list, with live basic data as baseline."""
    file = folder / "codes.txt"
    file.write_text("\n".join(codes) + "\n", "utf-8")
    return Subscription(
        **{
            "name": "listed",
            "product": "identity_codes",
            "identity_codes_file": file,
            "start_date": date(2026, 11, 1),
            "baseline": "perustiedot",
            **more,
        }
    )


def many_codes(number: int) -> tuple[str, ...]:
    """So many well-formed codes; their individual numbers are 900 to 999."""
    made = []
    for at in range(number):
        day, rest = at % 28 + 1, at // 28
        made.append(f"{day:02}{rest % 12 + 1:02}{50 + rest // 12 % 40:02}-{900 + at % 100}A")
    return tuple(dict.fromkeys(made))
