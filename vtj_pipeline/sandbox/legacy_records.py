"""The sandbox's messages as records of the retired Muutostietopalvelu: rows → fixed-width groups.

The other way round from `legacy/`, of which nothing is used here: both rest on the layouts alone
(`catalogue/legacy.py`). Add a rule where a group needs more than its fields. Keep out files
(`legacy_export.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from vtj_pipeline.catalogue.legacy import (
    ATTRIBUTES,
    HEAD_LENGTH,
    LAYOUTS,
    MOST_LINE,
    NAME_KINDS,
    UNTIL_FURTHER_NOTICE,
    LegacyField,
    LegacyKind,
    LegacyLayout,
)

Row = dict[str, Any]
NEW_LINE = "\r\n"
MASK = "turvakiellonAlaisetKentat"
_DIGITS = {attribute: digit for digit, attribute in ATTRIBUTES.items()}
# Of the two layouts of 305 the later one is written.
_BY_GROUP = {one.tietoryhma: one for one in LAYOUTS if one.tietoryhma}
_REFINING = {one.code: one for one in LAYOUTS if one.into}
# Where a rule finds the registration date.
_DAY = "_day"
_MASKED = ("101", "204", "421")
_MASK_TEXT = "*** Tieto luovutetaan vain viranomaiselle ***"
_DELTAS = (
    ("lisatytKansalaisuudet", "1"),
    ("muutetutKansalaisuudet", "3"),
    ("poistetutKansalaisuudet", "4"),
    ("korjattavatKansalaisuudet", "5"),
    ("korjatutKansalaisuudet", "6"),
)
_OTHER_TEXT = {"002": "98", "104": "998", "105": "998"}
_NAMED_BY_452 = {"002": "nimi", "104": "valtionimi", "105": "valtionimi"}


class Unit(NamedTuple):
    """A group with what refines it; sorted as the files have them."""

    code: str
    digit: str
    texts: tuple[str, ...]


@dataclass
class RecordWriter:
    """Writes records; remembers surnames, which a change of given names leaves blank.

    Attributes:
        surnames: Code → the surname that was written last.
    """

    surnames: dict[str, str] = field(default_factory=dict)

    def record(self, code: str, day: date, rows: Sequence[Row], *, is_base: bool) -> str | None:
        """One record without its last line end; None where nothing of it can be carried.

        Args:
            code: The subject.
            day: The registration date.
            rows: Rows of a message or of basic data.
            is_base: Whether it is basic data, whose rows have no attribute.
        """
        is_new = is_base or _is_whole(rows)
        units = list(self._units(code, day, rows, is_base=is_base, is_new=is_new))
        if not units:
            return None
        units = [*_context(units), *_sorted(units)]
        texts = [text for unit in units for text in unit.texts]
        event, kind = ("XXX" if is_base else "XBX"), ("1" if is_new else "0")
        lines, type_ = [], kind
        for part in _parts(texts):
            head = f"{code}{event}{day:%Y%m%d}{type_}1{len(part):02}"
            lines.append("|".join([head, *part]) + "|")
            type_ = "J"
        return NEW_LINE.join(lines)

    def _units(
        self, code: str, day: date, rows: Sequence[Row], *, is_base: bool, is_new: bool
    ) -> Iterator[Unit]:
        wrong: Row = {}
        for row in rows:
            layout = _BY_GROUP.get(row["tietoryhma"])
            if layout is None:
                continue
            attribute = "LISATTY" if is_base else row["muutosattribuutti"]
            digit = _DIGITS[attribute]
            if MASK in row:
                if layout.code in _MASKED:
                    yield Unit(layout.code, digit, (layout.code + digit + _masked(layout),))
            elif layout.code == "007" and attribute == "KORJATTAVA":
                wrong = row
            elif layout.code == "007":
                yield from _citizenships(layout, row, wrong, is_new=is_new)
            else:
                yield from self._plain(layout, digit, code, day, row)

    def _plain(
        self, layout: LegacyLayout, digit: str, code: str, day: date, row: Row
    ) -> Iterator[Unit]:
        given = {**row, _DAY: day.isoformat()}
        rule = _RULES.get(layout.code)
        if rule is not None:
            changed = rule(digit, given)
            if changed is None:
                return
            digit = changed
        if layout.code == "004":
            self._leave_unchanged(code, digit, given)
        text = layout.code + digit + _fields(layout, given)
        yield Unit(layout.code, digit, (text, *_refining(layout.code, digit, given)))

    def _leave_unchanged(self, code: str, digit: str, row: Row) -> None:
        surname = row.get("sukunimi", "")
        if digit == "3" and surname and self.surnames.get(code) == surname:
            row["sukunimi"] = ""
        elif digit in "136" and surname:
            self.surnames[code] = surname


def _is_whole(rows: Sequence[Row]) -> bool:
    """Whether a message tells everything of somebody who is new to the customer."""
    added = {row["tietoryhma"] for row in rows if row["muutosattribuutti"] == "LISATTY"}
    return {"SYNTYMAPAIVA", "SUKUPUOLI"} <= added


def _parts(texts: Sequence[str]) -> Iterator[list[str]]:
    """The groups of one record by lines: what does not fit goes on in a continuation."""
    part: list[str] = []
    length = HEAD_LENGTH + 1
    for text in texts:
        if part and length + len(text) + 1 > MOST_LINE:
            yield part
            part, length = [], HEAD_LENGTH + 1
        part.append(text)
        length += len(text) + 1
    yield part


def _sorted(units: Sequence[Unit]) -> list[Unit]:
    """By group and digit; what is to be corrected stays beside its correction."""
    joined: list[Unit] = []
    for unit in units:
        last = joined[-1] if joined else None
        if unit.digit == "6" and last is not None and last[:2] == (unit.code, "5"):
            joined[-1] = last._replace(texts=last.texts + unit.texts)
        else:
            joined.append(unit)
    return sorted(joined, key=lambda unit: (unit.code, unit.digit))


def _context(units: Sequence[Unit]) -> Iterator[Unit]:
    """The address in force after the event, told once more without being a change."""
    for unit in units:
        text = unit.texts[-1] if unit.digit == "5" else unit.texts[0]
        is_open = text.endswith("00000000") and "***" not in text
        if unit.code == "101" and unit.digit in "16" and is_open:
            yield Unit("101", "0", (text[:3] + "0" + text[4:],))
            return


def _citizenships(layout: LegacyLayout, row: Row, wrong: Row, *, is_new: bool) -> Iterator[Unit]:
    """The groups of a whole list; `wrong` is the list that it corrects, if it does."""
    listed = row["henkilonKansalaisuudet"]
    told = [] if is_new else [(d, one) for name, d in _DELTAS for one in row.get(name, ())]
    if not told and wrong:
        before = wrong["henkilonKansalaisuudet"]
        told = [("5", one) for one in before if one not in listed]
        told += [("6", one) for one in listed if one not in before]
    changed = [one for digit, one in told if digit in "136"]
    standing = [("1" if is_new else "0", one) for one in listed if one not in changed]
    for digit, one in [*told, *standing]:
        text = layout.code + digit + _fields(layout, one)
        name = one.get("kansalaisuusnimi")
        more = (_text452(name),) if name is not None else ()
        yield Unit(layout.code, digit, (text, *more))


def _refining(code: str, digit: str, row: Row) -> Iterator[str]:
    name = row.get(_NAMED_BY_452.get(code, ""))
    if name is not None:
        yield _text452(name)
    if code == "305":
        yield from _person(row["huoltaja"])
    for list_name, field_name, refining in (
        ("nykyisetEdunvalvojat", "edunvalvoja", "307"),
        ("nykyisetEdunvalvontavaltuutetut", "edunvalvontavaltuutettu", "317"),
    ):
        for one in row.get(list_name, ()):
            yield refining + ("1" if digit == "1" else "0") + _fields(_REFINING[refining], one)
            yield from _person(one.get(field_name, {}))


def _person(person: Row) -> Iterator[str]:
    if "henkilotunnus" not in person and person:
        yield "4510" + _fields(_REFINING["451"], person)


def _text452(text: str) -> str:
    return "4520" + _fitted(text, 30)


def _masked(layout: LegacyLayout) -> str:
    return "".join(
        _fitted(_MASK_TEXT if layout.mask.get(one.name) == "***" else "", one.width)
        if one.kind is LegacyKind.TEXT
        else one.nothing
        for one in layout.fields
    )


def _fields(layout: LegacyLayout, row: Row) -> str:
    return "".join(_written(one, _at(row, one.path)) for one in layout.fields)


def _at(row: Row, path: str) -> Any:
    value: Any = row if path else None
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _written(one: LegacyField, value: Any) -> str:
    if one.kind is LegacyKind.DATE:
        return value if isinstance(value, str) else _date(value)
    if one.values:
        inverse = {known: code for code, known in one.values.items()}
        value = inverse.get(value)
    if value is None:
        return one.nothing
    return _fitted(str(value), one.width)


def _fitted(text: str, width: int) -> str:
    """A text of that many characters of ISO-8859-1, without what would end a group."""
    safe = text.encode("latin-1", "replace").decode("latin-1").replace("|", " ")
    return safe[:width].ljust(width)


def _date(value: Row | None) -> str:
    if value is None or value["tarkkuus"] == "EI_TIEDOSSA":
        return "00000000"
    year, month, day = value["arvo"].split("-")
    if value["tarkkuus"] == "VUOSI":
        return f"{year}0000"
    return f"{year}{month}00" if value["tarkkuus"] == "KUUKAUSI" else f"{year}{month}{day}"


def _death(digit: str, row: Row) -> str | None:
    if row["kuollut"]:
        return digit
    # That somebody is not dead is told by a correction without a date alone.
    return digit if digit == "6" else None


def _protection(digit: str, row: Row) -> str | None:
    if not row["turvakieltoAktiivinen"] and digit != "0":
        return "4"
    row.setdefault("turvaLoppuPv", UNTIL_FURTHER_NOTICE)
    return digit


def _name_kind(digit: str, row: Row) -> str | None:
    kinds = {kind: code for code, kind in NAME_KINDS.items()}
    row["nimilaji"] = kinds.get(row.get("nimilaji", ""), "")
    return digit


def _language(digit: str, row: Row) -> str | None:
    if row["kielikoodi"] != _OTHER_TEXT["002"]:
        row.pop("nimi", None)
    return digit


def _mail(digit: str, row: Row) -> str | None:
    row["lajikoodi"] = "11" if row.get("lajikoodi") == "MAISTRAATTI" else "99"
    return digit


def _guardian(digit: str, row: Row) -> str | None:
    # A changed row that goes on, and of which it is said what stands instead, is a removed one.
    ends = row.get("huoltosuhteenLoppupv", {}).get("arvo", "9999")
    instead = digit == "3" and row.get("voimassaolevatTiedot")
    return "4" if instead and ends > row[_DAY] else digit


_RULES: dict[str, Callable[[str, Row], str | None]] = {
    "002": _language,
    "005": _name_kind,
    "013": _death,
    "015": _protection,
    "305": _guardian,
    "421": _mail,
    "423": _name_kind,
}
