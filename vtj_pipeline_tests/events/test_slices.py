"""Large answers are cut between messages, and nobody can tell from the events."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vtj_pipeline.catalogue import CATALOGUE
from vtj_pipeline.events import slices as module
from vtj_pipeline.events.reader import PageReader
from vtj_pipeline.events.slices import slices
from vtj_pipeline.landing.pages import Page, pages_file
from vtj_pipeline_tests.builders import START, basic, day, message, row

AT = "2026-10-05T08:00:00.123Z"
TRAP = ']},{"henkilotunnus":"'
RELATED = [{"henkilotunnus": "X", "tietoryhmat": []}, {"henkilotunnus": "Y", "tietoryhmat": []}]
PERSON = (
    row("SUKUPUOLI", sukupuoli="MIES"),
    row("AMMATTI", ammatti=f'{TRAP}\\" {{["'),
    row("TUNTEMATON", lista=RELATED, a=1),
    row("KOTIKUNTA", kuntakoodi="091", kuntaanMuuttopv=day("2020-01-01")),
)
BASE = [basic(f"P{number}", *PERSON) for number in range(40)]
CHANGES = [message(f"P{n}", AT, *({**one, "muutosattribuutti": "LISATTY"} for one in PERSON))
           for n in range(40)]  # fmt: skip
BROKEN: list[Any] = [None, {"henkilotunnus": "B"}, {"tietoryhmat": []}, 7, {"henkilotunnus": "B"}]


def page(body: bytes) -> Page:
    return Page(0, "?", START, START + 100, True, None, "h", 0, 0,
                datetime(2026, 11, 1, tzinfo=UTC), 200, body)  # fmt: skip


def table(*bodies: bytes, kind: str = "base") -> pa.Table:
    pages = [replace(page(body), sequence=place) for place, body in enumerate(bodies)]
    content = pages_file(pages, subscription="test", kind=kind, partition_day=None)
    return pq.read_table(pa.BufferReader(content))


def events(bodies: list[bytes], kind: str, target: Path) -> list[dict[str, Any]]:
    with duckdb.connect() as engine:
        PageReader(engine, kind, CATALOGUE).read([(table(*bodies, kind=kind), str(target))])
    found: list[dict[str, Any]] = pq.read_table(target).to_pylist()
    return found


def small(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(module, "SLICE_BYTES", size)
    monkeypatch.setattr(module, "PART_BYTES", size)


@pytest.mark.parametrize("size", [1, 100, 1000, 5000])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("kind", ["base", "change"])
def test_a_body_that_is_cut_makes_the_same_events(
    kind: str, indent: int | None, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"base": BASE, "change": CHANGES}[kind]
    mixed: list[Any] = [*told[:9], *BROKEN, *told[9:]]
    envelope = {"poimintapv": "2026-10-05", {"base": "perustiedot", "change": "muutokset"}[kind]:
                mixed, "ajanTasalla": True, "viimeisinKirjausavain": 5446000000}  # fmt: skip
    bodies = [json.dumps(one, ensure_ascii=False, indent=indent).encode()
              for one in (envelope, {}, envelope)]  # fmt: skip
    whole = events(bodies, kind, tmp_path / "whole.parquet")
    assert len(whole) > 2 * 40 * len(PERSON)
    small(monkeypatch, size)
    parts = list(slices(table(*bodies, kind=kind), kind))
    assert len(parts) > 4
    assert events(bodies, kind, tmp_path / "parts.parquet") == whole


@pytest.mark.parametrize(
    "body",
    [
        b'{"muu":{"a":1},"perustiedot":[%b]}',
        b'{"perustiedot":[%b],"muu":["]"]}',
        b'{"perustiedot":[%b],"ajanTasalla":tr',
        b'{"perustiedot":{"a":[%b]}}',
        b"[%b]",
        b'{"perustiedot":[%b,,]}',
    ],
)
def test_a_body_that_cannot_be_cut_safely_stays_whole(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, 100)
    text = body % json.dumps(BASE)[1:-1].encode()
    [(found, size)] = list(slices(table(text), "base"))
    assert found["body"].to_pylist() == [text]
    assert found["first_message"].to_pylist() == [0]
    assert size == len(text)


def test_parts_are_bounded_and_pages_stay_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [json.dumps({"perustiedot": BASE[:many]}).encode() for many in (1, 40, 2, 1)]
    one = len(json.dumps(BASE[0]))
    small(monkeypatch, 4 * one)
    found = list(slices(table(*bodies), "base"))
    assert all(size < 6 * one for _, size in found)
    order = [place for part, _ in found for place in part["sequence"].to_pylist()]
    assert order == sorted(order)
    firsts = [
        part["first_message"][0].as_py() for part, _ in found if part["sequence"][0].as_py() == 1
    ]
    assert firsts[0] == 0 and firsts == sorted(set(firsts))
