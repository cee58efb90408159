"""Documents read person by person: equal to reading them whole, whatever their form and size."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from vtj_pipeline.source import delivered
from vtj_pipeline.source.delivered import persons_in
from vtj_pipeline.source.messages import NotJson, NotTheEnvelope
from vtj_pipeline_tests.source.products import CODES, many_codes

PERSONS = [
    {
        "henkilotunnus": code,
        "tietoryhmat": [
            {"tietoryhma": "SUKUPUOLI", "sukupuoli": "MIES"},
            {"tietoryhma": "HENKILON_NIMI", "etunimi": 'Äijö "]}', "n": 12.5e3},
        ],
    }
    for code in (*CODES, *many_codes(40))
]
DOCUMENT = {"ajanTasalla": True, "perustiedot": PERSONS, "poimintapv": "2026-11-01", "n": 123}
FORMS = {
    "compact": json.dumps(DOCUMENT, ensure_ascii=False, separators=(",", ":")),
    "indented": json.dumps(DOCUMENT, ensure_ascii=False, indent=3) + "\n\n",
    "escaped": json.dumps(DOCUMENT),
    "marked": "﻿" + json.dumps(DOCUMENT, ensure_ascii=False),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("chunk", [1, 7, 64, 1_000_000])
def test_every_person_is_read_as_the_whole_document_has_them(
    monkeypatch: pytest.MonkeyPatch, form: str, chunk: int
) -> None:
    monkeypatch.setattr(delivered, "_CHUNK", chunk)
    envelope: dict[str, Any] = {}
    found = list(persons_in(io.BytesIO(FORMS[form].encode()), envelope))
    assert [json.loads(one.raw) for one in found] == PERSONS
    assert [one.code for one in found] == [one["henkilotunnus"] for one in PERSONS]
    assert {one.groups for one in found} == {frozenset({"SUKUPUOLI", "HENKILON_NIMI"})}
    assert envelope == {"ajanTasalla": True, "poimintapv": "2026-11-01", "n": 123}


def test_no_more_of_a_document_is_held_than_a_few_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivered, "_CHUNK", 512)
    stream = io.BytesIO(FORMS["compact"].encode())
    reader = persons_in(stream)
    next(reader)
    assert stream.tell() <= 1024


@pytest.mark.parametrize("text", ['{"perustiedot":[]}', ' { "perustiedot" : [ ] , "a" : {} } '])
def test_nobody_is_nobody(text: str) -> None:
    assert list(persons_in(io.BytesIO(text.encode()))) == []


@pytest.mark.parametrize("end", range(1, len(FORMS["compact"]), 97))
def test_a_document_that_breaks_off_is_no_json(end: int) -> None:
    with pytest.raises(NotJson):
        list(persons_in(io.BytesIO(FORMS["compact"].encode()[:end])))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", NotJson),
        ("[]", NotJson),
        ('{"perustiedot":[]} x', NotJson),
        ('{"perustiedot":[{}{}]}', NotTheEnvelope),
        ('{"ajanTasalla":true}', NotTheEnvelope),
        ('{"perustiedot":{}}', NotTheEnvelope),
        ('{"perustiedot":[{"hetu":"x"}]}', NotTheEnvelope),
        ('{"perustiedot":["x"]}', NotTheEnvelope),
    ],
)
def test_another_shape_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        list(persons_in(io.BytesIO(text.encode())))
    assert raised.value.__cause__ is None and raised.value.__context__ is None


def test_other_bytes_than_utf8_are_refused() -> None:
    with pytest.raises(NotJson, match="UTF-8"):
        list(persons_in(io.BytesIO(b'{"perustiedot":["\xff"]}')))
