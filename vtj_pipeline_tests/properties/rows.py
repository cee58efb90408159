"""Strategies for rows of any catalogued group, and for rows that are odd or cannot be read.

A row is drawn from its group's fields and kinds, with so few values that keys collide: a whole
content of one of few editions, and single fields changed. Keep out messages and time (`feeds.py`).
"""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st

from vtj_pipeline.catalogue import GROUPS, Field, Kind, Tietoryhma
from vtj_pipeline_tests.builders import Row, day, row

CODES = ("010190-999F", "020290-998D", "030390-997J", "040490-996W", "050590-995H")
# In every code, and in no other value.
CODE_YEAR = "90-9"
STRANGER = "060690-994K"
UNKNOWN_GROUP = "TUNTEMATON_TIETORYHMA"
MASK = "turvakiellonAlaisetKentat"
ATTRIBUTES = ("LISATTY", "MUUTETTU", "POISTETTU", "KORJATTAVA", "KORJATTU", "LISATIETO")
PRECISIONS = ("PAIVA", "KUUKAUSI", "VUOSI", "EI_TIEDOSSA")
_FLAT = (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN)
STARTS = ("2001-01-01", "2005-05-05", "2026-10-03", "2027-02-02")
ENDS = ("2004-04-04", "2026-10-04", "2030-01-01", "2999-02-28")
MISSING = object()

_TEXTS: dict[str, tuple[str, ...]] = {
    "aktiivinenHenkilotunnus": CODES,
    "huoltajanLaji": ("LAKISAATEINEN_HUOLTAJA", "MAARATTY_HUOLTAJA"),
    "kuntakoodi": ("091", "297", "200"),
    "lapsilaatu": ("AVIOLAPSI", "SAATU_ADOPTIOLAPSEKSI"),
    "muutettuHenkilotunnus": CODES,
    "nimilaji": ("NYKYINEN_SUKUNIMI", "EDELLINEN_SUKUNIMI", "NYKYINEN_KUTSUMANIMI"),
    "rooli": ("LAPSI", "VANHEMPI", "MUU"),
    "valtiokoodi": ("246", "998"),
    "voimassaolo": ("AKTIIVI", "PASSIIVI"),
}
_WORDS = ("Äyräs", "Ox ", "")
RELATED = (
    {"henkilotunnus": CODES[0]},
    {"henkilotunnus": CODES[1], "etunimet": "Ada", "sukunimi": "Testi", "sukupuoli": "NAINEN"},
    {"etunimet": "Ada", "sukunimi": "Testi", "syntymapv": day("1990-01-01")},
    {"etunimet": "Ada", "syntymapv": day("1990-01-01", "VUOSI"), "kansalaisuuskoodi": "246"},
    {"henkilotunnus": STRANGER},
    {},
)


def value(field: Field, edition: int) -> Any:
    """The value of a field in one edition of a row."""
    if field.kind is Kind.TEXT:
        pool = _TEXTS.get(field.name, _WORDS)
        return pool[edition % len(pool)]
    if field.kind is Kind.INTEGER:
        return (1, "2", 3)[edition % 3]
    if field.kind is Kind.BOOLEAN:
        return (True, False, "true")[edition % 3]
    if field.kind is Kind.PARTIAL_DATE:
        return day(STARTS[edition % len(STARTS)], PRECISIONS[edition % 2])
    if field.kind is Kind.LOCALIZED:
        return ({"fi": "Tie"}, {"fi": "Tie", "sv": "Väg"}, {})[edition % 3]
    if field.kind is Kind.TEXT_LIST:
        return [CODES[edition % 2]]
    if field.kind is Kind.OBJECT_LIST:
        return [fields(field.fields, edition + n) for n in range(edition % 3)]
    if any(one.name == "etunimet" for one in field.fields):
        return RELATED[edition % len(RELATED)]
    return fields(field.fields, edition)


def fields(of: tuple[Field, ...], edition: int) -> Row:
    """All fields of a row or an object in one edition."""
    return {field.name: value(field, edition) for field in of}


@st.composite
def contents(draw: st.DrawFn, group: Tietoryhma) -> Row:
    """The fields of a row: an edition, or hardly anything, with some fields changed."""
    made = fields(group.fields, draw(st.integers(0, 2)))
    if draw(st.integers(0, 5)) == 5:
        made = {name: made[name] for name in list(made)[:1]}
    if group.end is not None and not group.end.startswith("/"):
        made.pop(group.end, None)
    for name, changed in draw(_changes(group)).items():
        if changed is MISSING:
            made.pop(name, None)
        else:
            made[name] = changed
    return made


def _changes(group: Tietoryhma) -> st.SearchStrategy[dict[str, Any]]:
    one = st.sampled_from(group.fields).flatmap(
        lambda field: st.tuples(st.just(field.name), _values(group, field))
    )
    likely = [group.field(path) for path in (group.start, group.end) if path is not None]
    dates = [
        st.tuples(st.just(field.name), _values(group, field))
        for field in likely
        if field in group.fields
    ]
    return st.lists(st.one_of(one, *dates), max_size=3).map(dict)


def _values(group: Tietoryhma, field: Field) -> st.SearchStrategy[Any]:
    gone = st.sampled_from([None, MISSING])
    if field.kind is Kind.PARTIAL_DATE:
        days = ENDS if field.name == group.end else STARTS
        return st.one_of(partial_dates(days), gone)
    if field.kind is Kind.OBJECT_LIST:
        return st.lists(
            st.integers(0, 3).map(lambda edition: fields(field.fields, edition)), max_size=2
        )
    return st.one_of(st.integers(0, 5).map(lambda edition: value(field, edition)), gone)


def partial_dates(days: tuple[str, ...] = STARTS) -> st.SearchStrategy[Row]:
    """Partial dates, the most of them exact to the day."""
    precision = st.sampled_from(("PAIVA", *PRECISIONS))
    return st.builds(day, st.sampled_from(days), precision)


@st.composite
def told(draw: st.DrawFn, groups: tuple[str, ...], attribute: str | None) -> Row:
    """A row as the source tells it; `attribute` only in changes."""
    name = draw(st.sampled_from(groups))
    group = GROUPS.get(name)
    if group is None or not group.is_known:
        return row(name, attribute, arvo=draw(st.integers(0, 2)), muu=[{"a": None}])
    kind = draw(st.integers(0, 9))
    if kind == 0:
        made = row(name, attribute, **{MASK: list(group.withheld_fields)})
    else:
        made = row(name, attribute, **draw(contents(group)))
        if kind == 1:
            made["tuntematonKentta"] = draw(st.integers(0, 1))
    if attribute in ("MUUTETTU", "POISTETTU", "KORJATTU") and draw(st.integers(0, 3)) == 3:
        made["voimassaolevatTiedot"] = draw(_valid_now(group))
    return made


@st.composite
def _valid_now(draw: st.DrawFn, group: Tietoryhma) -> list[Row]:
    rows = draw(st.lists(contents(group).map(lambda made: row(group.name, **made)), max_size=2))
    if draw(st.integers(0, 7)) == 7:
        rows.append(row(group.name, **{MASK: []}))
    return rows


@st.composite
def unreadable(draw: st.DrawFn, groups: tuple[str, ...], attribute: str | None) -> Any:
    """A row that cannot be read."""
    kind = draw(st.integers(0, 4))
    name = draw(st.sampled_from([n for n in groups if n in GROUPS and GROUPS[n].is_known]))
    if kind == 0:
        return draw(st.sampled_from(["a text", 7, None]))
    if kind == 1:
        return row("", attribute, arvo=1)
    if kind == 2 and attribute is not None:
        return row(name, draw(st.sampled_from(["POISTUNUT", ""])))
    group = GROUPS[name]
    date = next((f.name for f in group.fields if f.kind is Kind.PARTIAL_DATE), None)
    if date is not None and kind == 3:
        return row(name, attribute, **{date: day("2026-02-30")})
    nested = next((f.name for f in group.fields if f.kind not in _FLAT), None)
    if nested is not None:
        return row(name, attribute, **{nested: "of another shape"})
    return row("", attribute, arvo=2)
