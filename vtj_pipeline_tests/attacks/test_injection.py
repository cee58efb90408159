"""Every text field of the source holds what means something else to whatever reads it.

Each text comes back from the register as it came, whoever else is there is not harmed, and what
cannot be held goes to quarantine and holds back its person alone. Nothing of it is told in logs.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from vtj_pipeline.catalogue import CATALOGUE, GROUPS, Field, Kind, Tietoryhma
from vtj_pipeline.catalogue.model import IDENTITY_CODE
from vtj_pipeline.commands.output import formatted
from vtj_pipeline.commands.session import reading
from vtj_pipeline.events.structure import _CODES
from vtj_pipeline.landing import Storage, create_ledger
from vtj_pipeline.privacy import person_key
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import Settings
from vtj_pipeline_tests.attacks.texts import HUGE, LONG, TEXTS, UNHOLDABLE
from vtj_pipeline_tests.builders import Bench, Row, message, row
from vtj_pipeline_tests.conftest import DATA_KEYS, KEY, new_database
from vtj_pipeline_tests.properties.rows import fields
from vtj_pipeline_tests.source.products import many_codes

AT = "2026-10-05T08:00:00.123Z"
ORDINARY = {"ordinary": "Tavallinen", "ordinary and long": "Tavallinen" * 7}
CODES = dict(
    zip([*TEXTS, *ORDINARY, *UNHOLDABLE, "bytes", "huge", "healthy"], many_codes(99), strict=False)
)
# Whose rows are other codes of the same person: a text of many there would make them one person.
GROUPS_OF_TEXTS = [g for g in GROUPS.values() if g.is_known and g.table != IDENTITY_CODE]
HEALTHY = row("AMMATTI", "LISATTY", ammatti="Seppä")


def filled(of: tuple[Field, ...], text: str, keep: frozenset[str]) -> Row:
    """A row in which every text is this one; `keep`: fields whose value decides what the row is."""
    made = fields(of, 1)
    for field in of:
        if field.name in keep or field.name not in made:
            continue
        if field.kind is Kind.TEXT:
            made[field.name] = text
        elif field.kind is Kind.LOCALIZED:
            made[field.name] = {"fi": text, "sv": text}
        elif field.kind is Kind.TEXT_LIST:
            made[field.name] = [text]
        elif field.kind is Kind.OBJECT:
            made[field.name] = filled(field.fields, text, keep)
        elif field.kind is Kind.OBJECT_LIST:
            made[field.name] = [filled(field.fields, text, keep)]
    return made


def kept(group: Tietoryhma, text: str) -> frozenset[str]:
    """Fields that do not hold the text: what decides the table, and codes if it is too long."""
    return frozenset(group.only) | (_CODES if len(text) > 60 else frozenset())


def rows_of(text: str) -> list[Row]:
    return [row(g.name, "LISATTY", **filled(g.fields, text, kept(g, text)))
            for g in GROUPS_OF_TEXTS]  # fmt: skip


def huge_rows() -> list[Row]:
    """A text of a megabyte in one field of each table."""
    made, tables = [], set()
    for group in GROUPS_OF_TEXTS:
        name = next((f.name for f in group.fields
                     if f.kind is Kind.TEXT and f.name not in kept(group, HUGE)), None)  # fmt: skip
        if name is not None and group.table not in tables:
            tables.add(group.table)
            made.append(row(group.name, "LISATTY", **{**fields(group.fields, 1), name: HUGE}))
    return made


@pytest.fixture(scope="module")
def bench(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Everybody landed and published, once."""
    database = new_database(servers["embedded"])
    create_ledger(database)
    create_register(database)
    settings = Settings(home=tmp_path_factory.mktemp("injection"), person_key=KEY)
    made = Bench(database, Storage(settings.home, DATA_KEYS), settings)
    told = [message(CODES[name], AT, *rows_of(text)) for name, text in (TEXTS | ORDINARY).items()]
    told.append(message(CODES["healthy"], AT, HEALTHY))
    told.append(message(CODES["huge"], AT, *huge_rows()))
    made.land(told)
    spelt = json.dumps({"muutokset": [
        message(CODES[name], AT, row("AMMATTI", "LISATTY", ammatti=f"<{name}>"))
        for name in (*UNHOLDABLE, "bytes")
    ]}).encode()  # fmt: skip
    for name, (text, _) in UNHOLDABLE.items():
        spelt = spelt.replace(b'"<%b>"' % name.encode(), text.encode())
    made.land(spelt.replace(b'"<bytes>"', b'"\xc3\xff\xed\xa0\x80"'), cursor=9)
    made.publish()
    return made


def person(bench: Bench, name: str) -> str:
    return str(person_key(bench.settings).person_id_of(CODES[name]))


def held(bench: Bench, name: str) -> set[tuple[str, str]]:
    """Where the register has a person's text, whole: table and column, or path in JSON."""
    who, text = person(bench, name), (TEXTS | ORDINARY)[name]
    found = set()
    for table in CATALOGUE.tables:
        for (told,) in bench.query(
            f"select to_jsonb(t) from register.{table} as t where person_id = '{who}'"
        ):
            found |= {(table, path) for path, value in texts_in(told) if value == text}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_every_text_field_comes_back_as_it_came(bench: Bench, name: str) -> None:
    """Wherever an ordinary text comes back, of a person told of in the same rows."""
    faults = bench.query(
        f"select reason from register.quarantine where subject_id = '{person(bench, name)}'"
    )
    assert faults == []
    ordinary = held(bench, "ordinary and long" if len(TEXTS[name]) > 60 else "ordinary")
    assert len(ordinary) > 80 and len({table for table, _ in ordinary}) > 15
    # Of two parents' rows for one person either may be the one shown: the hash of a row decides.
    assert held(bench, name) ^ ordinary <= {("parent_child", ".relation")}


def texts_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, and where it stands."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts_in(one, f"{path}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one, f"{path}[]")


@pytest.mark.slow
def test_a_megabyte_comes_back_from_every_table(bench: Bench) -> None:
    who, seen = person(bench, "huge"), 0
    for one in huge_rows():
        table = GROUPS[one["tietoryhma"]].table
        (found,) = bench.query(
            f"select count(*) from register.{table} as t where person_id = '{who}' "
            f"and position('{HUGE[:50]}' in t::text) > 0 and length(t::text) > {len(HUGE)}"
        )
        seen += found[0]
    assert seen >= 12


@pytest.mark.slow
def test_what_cannot_be_held_holds_back_its_person_alone(bench: Bench) -> None:
    found = dict(bench.query("select subject_id::text, reason from register.quarantine"))
    wanted = {person(bench, name): reason for name, (_, reason) in UNHOLDABLE.items()}
    assert found == {**wanted, person(bench, "bytes"): "the message holds what is not JSON"}
    waiting = bench.query(
        "select person_id::text from register.refresh_request where reason = 'quarantine'"
    )
    assert {who for (who,) in waiting} == set(found)
    healthy = bench.query(
        f"select occupation from register.occupation where person_id = '{person(bench, 'healthy')}'"
    )
    assert healthy == [("Seppä",)]


@pytest.mark.slow
def test_a_code_that_no_index_holds_stops_nobody_else(bench: Bench) -> None:
    """Of each group with a code; the longest text of PostgreSQL's indexes is 2.7 kB."""
    before = bench.query("select count(*) from register.person")[0][0]
    groups = [g for g in GROUPS.values() if g.is_known and _has_code(g.fields)]
    codes = many_codes(400)[100:]
    assert len(groups) > 30
    bench.land([
        message(code, AT, row(g.name, "LISATTY", **filled(g.fields, LONG, frozenset(g.only))))
        for code, g in zip(codes, groups, strict=False)
    ], cursor=77)  # fmt: skip
    bench.publish()
    faults = bench.query("select tietoryhma from register.quarantine where reason like 'a code%'")
    assert sorted(faults) == sorted((g.name,) for g in groups)
    assert bench.query("select count(*) from register.person")[0][0] >= before


@pytest.mark.slow
def test_no_formula_reaches_a_spreadsheet_and_no_command_a_terminal(bench: Bench) -> None:
    texts = (
        "select occupation, -1.5::numeric as n, '-7' as t from register.occupation "
        "where length(occupation) < 100 order by 1"
    )
    with reading(bench.database) as session:
        table = session.ask(texts)
    assert table is not None
    told = table["occupation"].to_pylist()
    assert set(told) >= {TEXTS[name] for name in ("formula", "plus", "minus", "at", "tab", "sql")}
    safe, raw = (
        list(csv.DictReader(io.StringIO(formatted(table, form), newline="")))
        for form in ("csv", "csv-raw")
    )
    assert [one["occupation"] for one in raw] == told
    assert [one["occupation"].removeprefix("'") for one in safe] == told
    assert not [one for one in safe if one["occupation"].strip(" ")[:1] in tuple("=+-@\t\r")]
    assert {(one["n"], one["t"]) for one in safe} == {("-1.5", "-7")}
    shown = formatted(table, "table")
    assert not set(shown) & set("\x01\x07\x1b\x7f\x85\u202e\u2066\r")
    assert "\\x1b[31m" in shown


def _has_code(of: tuple[Field, ...]) -> bool:
    return any(one.name in _CODES or _has_code(one.fields) for one in of)


@pytest.mark.slow
def test_nothing_of_it_is_told(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    bench.publish(rebuild=True)
    for text in (*TEXTS.values(), HUGE):
        assert len(text) < 9 or text[:40] not in caplog.text


def test_no_text_field_is_left_out() -> None:
    """What the rows above hold of the longest text, against the catalogue's own list."""
    for group in GROUPS_OF_TEXTS:
        made = filled(group.fields, LONG, frozenset(group.only))
        for field in group.fields:
            if field.kind is Kind.TEXT and field.name not in group.only:
                assert made[field.name] == LONG, (group.name, field.name)
