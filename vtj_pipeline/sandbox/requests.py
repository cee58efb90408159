"""The form of requests: which properties a body may have, and of what kind (contract §2, §9 #10).

Keep out answers and HTTP. Messages never repeat what was sent: it may be a code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from vtj_pipeline.errors import SandboxError
from vtj_pipeline.sandbox.fault_plan import checked_shares, read_faults
from vtj_pipeline.sandbox.identity_codes import FORM
from vtj_pipeline.sandbox.simulation import MOST_CODES

if TYPE_CHECKING:
    from collections.abc import Collection

    from vtj_pipeline.sandbox.options import SandboxOptions

_GREATEST_CURSOR = 2**63 - 1


class BadRequestError(SandboxError):
    """The request is not of the agreed form; the server answers 400."""


@dataclass(frozen=True)
class Body:
    """A request body; None stands for a property that was left out."""

    cursor: int | None = None
    codes: list[str] | None = None
    groups: list[str] | None = None
    municipalities: list[str] | None = None


_CURSOR, _CODES, _GROUPS = "viimeisinKirjausavain", "hetulista", "tietoryhmat"
_MUNICIPALITIES = "kuntakoodit"
_PLAN_NUMBERS: dict[str, tuple[type, int]] = {
    "most_faults_in_a_row": (int, 1),
    "slow_seconds": (float, 0),
    "retry_after_seconds": (int, 0),
    "seed": (int, 0),
    "daily_quota": (int, 0),
}
_PLAN_FIELDS = {"most_faults_in_a_row": "most_in_a_row"}


def read_changes(body: bytes, options: SandboxOptions) -> Body:
    """Read the body of `muutokset`.

    Raises:
        BadRequestError: it is not of the agreed form.
    """
    lenient = options.extra_properties == "accepted"
    found = _object(body, (_CURSOR, _CODES), lenient=lenient)
    if _CURSOR not in found:
        msg = f"{_CURSOR} is missing."
        raise BadRequestError(msg)
    cursor = found[_CURSOR]
    if isinstance(cursor, float) and cursor.is_integer():
        cursor = int(cursor)  # 5446000000.0 is an integer in JSON
    if isinstance(cursor, bool) or not isinstance(cursor, int):
        msg = f"{_CURSOR} must be an integer."
        raise BadRequestError(msg)
    if not 0 <= cursor <= _GREATEST_CURSOR:
        msg = f"{_CURSOR} must fit 64 bits and not be negative."
        raise BadRequestError(msg)
    codes, most = _codes(found, options), options.most_codes_in_changes
    if codes is not None and most is not None and len(codes) > most:
        msg = f"{_CODES} may hold {most} codes; it holds {len(codes)}."
        raise BadRequestError(msg)
    return Body(cursor=cursor, codes=codes)


def read_basic_data(body: bytes, options: SandboxOptions) -> Body:
    """Read the body of `perustiedot`: 1 to 1000 codes (contract §2.3).

    Raises:
        BadRequestError: it is not of the agreed form.
    """
    found = _object(body, (_CODES, _GROUPS))
    codes = _codes(found, options)
    if not codes or len(codes) > MOST_CODES:
        msg = f"{_CODES} must hold 1 to {MOST_CODES} codes; it holds {len(codes or ())}."
        raise BadRequestError(msg)
    return Body(codes=codes, groups=_texts(found, _GROUPS))


def read_weekly_copy(body: bytes, options: SandboxOptions) -> Body:
    """Read the body of `perustiedot-vko`; every property may be left out (contract §2.4).

    Raises:
        BadRequestError: it is not of the agreed form.
    """
    found = _object(body, (_CODES, _MUNICIPALITIES, _GROUPS))
    codes = _codes(found, options)
    if codes is not None and len(codes) > MOST_CODES:
        msg = f"{_CODES} may hold {MOST_CODES} codes; it holds {len(codes)}."
        raise BadRequestError(msg)
    return Body(
        codes=codes, groups=_texts(found, _GROUPS), municipalities=_texts(found, _MUNICIPALITIES)
    )


def read_day(text: str) -> date:
    """Read a date of the form yyyy-MM-dd.

    Raises:
        BadRequestError: it is not one.
    """
    msg = "The date must have the form yyyy-MM-dd."
    if len(text) != len("yyyy-MM-dd"):
        raise BadRequestError(msg)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequestError(msg) from None


def read_clock(body: bytes) -> date:
    """Read the body of the sandbox's own clock: `{"today": "yyyy-MM-dd"}`.

    Raises:
        BadRequestError: it is not of that form.
    """
    today = _object(body, ("today",)).get("today")
    if not isinstance(today, str):
        msg = 'The clock takes {"today": "yyyy-MM-dd"}.'
        raise BadRequestError(msg)
    return read_day(today)


def read_plan(body: bytes) -> dict[str, Any]:
    """Read the body of the sandbox's own faults: the fields of a plan that are to be others.

    `faults` is `none`, `all`, `name,name=share`, or an object of shares by name.

    Raises:
        BadRequestError: it is not of that form.
        SandboxError: the faults cannot be met.
    """
    found = _object(body, ("faults", *_PLAN_NUMBERS))
    wanted: dict[str, Any] = {}
    for name, value in found.items():
        if name != "faults":
            wanted[_PLAN_FIELDS.get(name, name)] = _plan_number(name, value)
        elif isinstance(value, str):
            wanted["shares"] = read_faults(value)
        elif isinstance(value, dict) and all(_is_number(share) for share in value.values()):
            wanted["shares"] = checked_shares(value)
        else:
            msg = 'faults must be a text as of --faults, or an object such as {"cut": 0.1}.'
            raise BadRequestError(msg)
    return wanted


def _plan_number(name: str, value: object) -> float | None:
    if value is None and name == "daily_quota":
        return None
    kind, least = _PLAN_NUMBERS[name]
    right = _is_number(value) and (kind is float or isinstance(value, int))
    if not right or float(str(value)) < least:
        what = "a number" if kind is float else "an integer"
        msg = f"{name} must be {what} of {least} or more."
        raise BadRequestError(msg)
    assert isinstance(value, int | float)
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _object(body: bytes, allowed: Collection[str], *, lenient: bool = False) -> dict[str, object]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        msg = "The body is not JSON."
        raise BadRequestError(msg) from None
    if not isinstance(found, dict):
        msg = "The body must be a JSON object."
        raise BadRequestError(msg)
    unknown = len(set(found) - set(allowed))
    if unknown and not lenient:
        msg = f"The body has {unknown} unknown properties; allowed are {', '.join(allowed)}."
        raise BadRequestError(msg)
    return found


def _texts(found: dict[str, object], name: str) -> list[str] | None:
    if name not in found:
        return None
    value = found[name]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        msg = f"{name} must be a list of texts; leave it out where it is not used."
        raise BadRequestError(msg)
    return value


def _codes(found: dict[str, object], options: SandboxOptions) -> list[str] | None:
    codes = _texts(found, _CODES)
    if codes is not None and options.refuse_malformed_codes:
        wrong = sum(FORM.fullmatch(code) is None for code in codes)
        if wrong:
            msg = f"{_CODES} holds {wrong} texts that are no personal identity codes."
            raise BadRequestError(msg)
    return codes
