"""The upload of the retired service (HTT): which identity codes to follow, and which no longer.

For those who still have to reconcile their list with it. Keep out where codes come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.errors import LegacyFileError

RECEIVER = "VRK:003702454372:OVT"
_HEADER = "'''ED2'''{receiver}'{sender}'{at:%Y%m%d%H%M}'1'STX:INHOUSE'TYP:MUTPHT'NRQ:0'''"
_FOOTER = "'''EOF'''{count}'"
_SENDER = re.compile(r"[A-Z0-9]+:[A-Z0-9]+:OVT")
_LINE = re.compile(r"(?P<code>\d{6}[-+A-FU-Y]\d{3}[0-9A-Y])(?P<what>[LP])")
_WRITTEN = re.compile(r"'''ED2'''.*?'.*?'(?P<at>\d{12})'")
_TOLD = re.compile(r"'''EOF'''(?P<count>\d+)'?")


@dataclass(frozen=True)
class Upload:
    """One upload: what it adds and removes.

    Attributes:
        at: When it was written, yyyymmddhhmm, in Finland.
        added: Codes to follow from then on.
        removed: Codes to follow no longer.
    """

    at: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


def htt_name(customer: str, at: datetime) -> str:
    """The file's name: one a day, so that a second one takes the first one's place."""
    return f"{customer}_{at.astimezone(HELSINKI):%Y%m%d}.HTT"


def htt_bytes(added: Sequence[str], removed: Sequence[str], *, sender: str, at: datetime) -> bytes:
    """An upload, additions first; ASCII, a line feed after each line but the last.

    Args:
        added: Codes to follow.
        removed: Codes to follow no longer.
        sender: The identifier agreed with the operator, such as `TIETO:0037EXAMPLE:OVT`.
        at: When it is written.

    Raises:
        LegacyFileError: the sender is not of that form.
    """
    if _SENDER.fullmatch(sender) is None:
        msg = f"Sender {sender} is not of the form OPERATOR:IDENTIFIER:OVT. Nothing was written."
        raise LegacyFileError(msg)
    lines = [_HEADER.format(receiver=RECEIVER, sender=sender, at=at.astimezone(HELSINKI))]
    lines += [f"{code}L" for code in added]
    lines += [f"{code}P" for code in removed]
    lines.append(_FOOTER.format(count=len(added) + len(removed)))
    return "\n".join(lines).encode("ascii")


def read_htt(name: str, content: bytes) -> Upload:
    """What an upload says.

    Raises:
        LegacyFileError: it is none, or its count is not that of its lines.
    """
    lines = content.decode("ascii", "replace").split()
    head = _WRITTEN.match(lines[0]) if lines else None
    foot = _TOLD.fullmatch(lines[-1]) if lines else None
    if head is None or foot is None:
        msg = f"{name} is not an upload of identity codes (HTT): its first or last line is missing."
        raise LegacyFileError(msg)
    added: list[str] = []
    removed: list[str] = []
    for number, line in enumerate(lines[1:-1], 2):
        found = _LINE.fullmatch(line)
        if found is None:
            msg = f"{name}, line {number}: not an identity code with L or P behind it."
            raise LegacyFileError(msg)
        (added if found["what"] == "L" else removed).append(found["code"])
    if len(added) + len(removed) != int(foot["count"]):
        msg = f"{name}: its last line tells of {foot['count']} codes, and there are others."
        raise LegacyFileError(msg)
    return Upload(head["at"], tuple(added), tuple(removed))


def followed(uploads: Iterable[Upload]) -> frozenset[str]:
    """The codes that are followed after some uploads, in the order of their writing."""
    codes: set[str] = set()
    for one in sorted(uploads, key=lambda each: each.at):
        codes |= set(one.added)
        codes -= set(one.removed)
    return frozenset(codes)
