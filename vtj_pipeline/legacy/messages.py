"""Records → messages in the interface's own shape, each with the record that it was made of.

So that whatever reads landed answers reads these too: the fold, the proof that nothing is lost,
erasure. The record stands beside its rows field by field, as text, so that a code in it is a value
of its own, and the line of the file can be made again of it. Keep out what a group means
(`rules.py`) and files (`files.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.catalogue.legacy import ATTRIBUTES, LegacyKind, LegacyLayout
from vtj_pipeline.clock import HELSINKI
from vtj_pipeline.legacy import rules
from vtj_pipeline.legacy.dates import partial_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vtj_pipeline.legacy.record import Group, Record
    from vtj_pipeline.legacy.rules import Row

RECORD = "muutostietopalvelu"
"""Property of a message: the record that it was made of. The source's own messages have none."""
FAULT = "vika"
"""Property of a message: why its record could not be read."""
UNKNOWN = "MUUTOSTIETOPALVELU_"
"""With a group's code behind it: the tietoryhma of a group whose layout is not known."""
_NESTED = ("307", "317")


class _Step(NamedTuple):
    """One field's way into a row."""

    number: int
    path: tuple[str, ...]
    is_date: bool
    values: Mapping[str, object]
    none: str


@cache
def _steps(layout: LegacyLayout) -> tuple[_Step, ...]:
    return tuple(
        _Step(
            number,
            tuple(one.path.split(".")),
            one.kind is LegacyKind.DATE,
            one.values,
            one.none,
        )
        for number, one in enumerate(layout.fields)
        if one.path
    )


def message_of(record: Record, *, is_change: bool, fallback: date, where: str) -> dict[str, Any]:
    """The message that a record makes.

    Args:
        record: The record.
        is_change: Whether it stands in a file of changes; else its rows are basic data.
        fallback: The day of a record that tells none.
        where: The file's name, for what is said of a record that cannot be read.
    """
    message: dict[str, Any] = {"henkilotunnus": record.subject}
    if is_change:
        message["muutospv"] = _recorded(record, fallback)
    if record.fault:
        message[FAULT] = f"{where}, line {record.line}: {record.fault}"
        message[RECORD] = {"rivi": record.line, "teksti": record.text}
        return message
    message["tietoryhmat"] = list(_rows(record, is_change=is_change))
    message[RECORD] = {
        "rivi": record.line,
        "tapahtuma": record.event,
        "rekisterointipv": record.registered,
        "tyyppi": record.type,
        "rooli": record.role,
        "ryhmat": [[g.code + g.digit, *g.values] for g in record.groups],
    }
    return message


@cache
def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), HELSINKI)


def _recorded(record: Record, fallback: date) -> str:
    """The moment of recording: the day's first, as the interface shows old data.

    Records that are the same to the last byte are told apart by a microsecond, since what was, was
    changed, and is again is three events of one day.
    """
    try:
        start = _midnight(record.registered)
    except ValueError:
        start = _midnight(fallback.strftime("%Y%m%d"))
    moment = start + timedelta(microseconds=record.repeated)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _rows(record: Record, *, is_change: bool) -> Iterator[Row]:
    made = _Rows(record, is_change=is_change)
    for group in record.groups:
        made.add(group)
    if is_change:
        yield from made.whole()
        return
    for row in made.whole():
        attribute = row.pop("muutosattribuutti")
        # Of basic data, what is told as context is the address that stands, once more.
        if attribute != "LISATIETO":
            yield row


class _Rows:
    """The rows of one record, as its groups come."""

    def __init__(self, record: Record, *, is_change: bool) -> None:
        self._record = record
        self._is_change = is_change
        self._rows: list[Row] = []
        self._citizenships: list[tuple[str, Row]] = []
        self._citizenship_place = 0
        # Code of what can be refined now → its row; the newest comes last.
        self._owners: dict[str, Row] = {}

    def add(self, group: Group) -> None:
        """Take the next group."""
        layout = group.layout
        if layout is None:
            row: Row = {"tietoryhma": UNKNOWN + group.code, "teksti": group.values[0]}
            self._rows.append(row | {"muutosattribuutti": ATTRIBUTES[group.digit]})
        elif layout.into:
            self._refine(group, layout)
        elif layout.tietoryhma == "KANSALAISUUS":
            if not self._citizenships:
                self._citizenship_place = len(self._rows)
            element = _row(layout, group, bare=True)
            self._citizenships.append((group.digit, element))
            self._owners = {layout.code: element}
        else:
            self._add_plain(group, layout)

    def _add_plain(self, group: Group, layout: LegacyLayout) -> None:
        if _is_masked(layout, group):
            withheld = CATALOGUE.groups[layout.tietoryhma].withheld_fields
            row = {"tietoryhma": layout.tietoryhma, "turvakiellonAlaisetKentat": list(withheld)}
        else:
            row = _row(layout, group)
            rule = rules.RULES.get(layout.tietoryhma)
            if rule is not None:
                rule(row, group, self._record)
        told = ATTRIBUTES[group.digit]
        row["muutosattribuutti"] = rules.attribute_of(row, group, self._record, told)
        self._owners = {layout.code: row}
        self._rows.append(row)

    def _refine(self, group: Group, layout: LegacyLayout) -> None:
        """Put a refining group into the nearest row before it that it can refine."""
        owner = next((code for code in reversed(self._owners) if code in layout.into), None)
        if owner is None:
            return
        target, path = self._owners[owner], layout.into[owner]
        inner = _row(layout, group, bare=True)
        if layout.code in _NESTED:
            if rules.is_present(group, self._record):
                target.setdefault(path, []).append(inner)
            self._owners[layout.code] = inner
            return
        if layout.code == "452":
            inner = {"text": group.values[0]}
        rules.refine(target, group, inner, path, is_change=self._is_change)
        if layout.code == "451":
            self._owners["451"] = target

    def whole(self) -> list[Row]:
        """All rows, with what only the whole record tells."""
        rows = self._rows
        if self._citizenships:
            row = rules.citizenships(self._citizenships, is_change=self._is_change)
            row["muutosattribuutti"] = "LISATTY" if self._record.type == "1" else "MUUTETTU"
            rows.insert(self._citizenship_place, row)
        rules.link_codes([r for r in rows if r["tietoryhma"] == "HENKILOTUNNUS_KORJAUS"])
        rules.reopen_municipality(rows)
        return rows


def _row(layout: LegacyLayout, group: Group, *, bare: bool = False) -> Row:
    """The fields of a group by their paths."""
    row: Row = {} if bare else {"tietoryhma": layout.tietoryhma}
    values = group.values
    for number, path, is_date, codes, none in _steps(layout):
        value: object = values[number]
        if is_date:
            value = partial_date(values[number])
        elif codes:
            value = codes.get(values[number])
        elif value == none:
            value = None
        if value is None or value == "":
            continue
        if len(path) == 1:
            row[path[0]] = value
        else:
            row.setdefault(path[0], {})[path[1]] = value
    return row


def _is_masked(layout: LegacyLayout, group: Group) -> bool:
    """Whether a group withholds what it would tell: only its content says so."""
    if not layout.mask:
        return False
    given = {one.name: value for one, value in zip(layout.fields, group.values, strict=True)}
    return all(
        given[name].startswith(text) if text == "***" else given[name] == text
        for name, text in layout.mask.items()
    )
