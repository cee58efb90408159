"""Old records written by hand: made-up persons (codes 900–999), exact widths.

Add what a second test needs. Keep out what is expected of them.
"""

from __future__ import annotations

CHILD, PARENT, OTHER = "010190-999F", "020290-998D", "030390-997J"
NONE = "00000000"


def record(
    *groups: str,
    code: str = CHILD,
    event: str = "XBX",
    day: str = "20170203",
    kind: str = "0",
    count: int | None = None,
) -> bytes:
    """One line of a file, its end included."""
    told = len(groups) if count is None else count
    line = "|".join([f"{code}{event}{day}{kind}1{told:02}", *groups]) + "|\r\n"
    return line.encode("latin-1")


def text(value: str, width: int) -> str:
    """A text filled with blanks."""
    return value.ljust(width)


def name(digit: str, last: str, first: str) -> str:
    """Group 004."""
    return f"004{digit}{last:100}{first:100}{NONE} "


def street(digit: str, fi: str, start: str = "20170201", end: str = NONE, code: str = "101") -> str:
    """Group 101."""
    return f"{code}{digit}{fi:100}{'':100}{'5':7} 000 00100{start}{end}"


def masked_street(digit: str) -> str:
    """Group 101 as it is under an order of non-disclosure."""
    hidden = "*** Maistraatti ***"
    return f"101{digit}{hidden:100}{hidden:100}{'':7}     00000{NONE}{NONE}"


def guardian(digit: str, code: str = PARENT, start: str = "20100501", end: str = NONE) -> str:
    """Group 305 as it was before December 2019."""
    return f"305{digit}{code:11}03 {'1' if end == NONE else '2'}{start}{end}{NONE}"


def guardian_2019(digit: str, code: str = PARENT) -> str:
    """Group 305 as it was from then on."""
    return f"305{digit}{code:11}1120100501{NONE} {NONE}{NONE}"


def nameless(last: str = "Esimerkki") -> str:
    """Group 451: somebody without a code."""
    return f"4510198001001{last:100}{'Matti':100}246"


def right(digit: str, code: str = "T301") -> str:
    """Group 320."""
    return f"320{digit}{code}20191201{NONE}"
