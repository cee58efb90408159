"""What is kept of an answer that tells of an erased person."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtj_pipeline.errors import LandingError
from vtj_pipeline.landing.redaction import CODE, Redacted, redacted
from vtj_pipeline.landing.tombstones import Tombstones
from vtj_pipeline.privacy import PersonKey
from vtj_pipeline.source.salvage import UNREADABLE
from vtj_pipeline_tests.builders import CODES, Row, basic, day, message, row

KEY = PersonKey.of(b"only for tests")
AT = "2026-10-05T08:00:00.123Z"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
NAME = row("HENKILON_NIMI", "LISATTY", etunimi="Aada Sisko", sukunimi="Koelähde")
SPOUSE = row(
    "AVIOLIITTO",
    "LISATTY",
    puoliso={"henkilotunnus": CODES["A"], "etunimet": "Aada Sisko", "sukunimi": "Koelähde"},
    vihkipv=day("2020-05-05"),
    jarjestysnumero=1,
)


def tombstones(*persons: str, until: datetime | None = None) -> Tombstones:
    ids = [KEY.tombstone_of(CODES.get(one, one)) for one in persons]
    return Tombstones(KEY, dict.fromkeys(ids, until), dict.fromkeys(ids, 1))


def nobody(codes: frozenset[str]) -> frozenset[str]:
    del codes
    return frozenset()


def body(*messages: Row, key: str = "muutokset", **more: Any) -> bytes:
    return json.dumps({key: list(messages), **more}, ensure_ascii=False).encode()


def taken(answer: bytes, *persons: str, until: datetime | None = None) -> Redacted:
    found = redacted(answer, NOW, tombstones(*persons, until=until), nobody)
    assert found is not None
    assert CODES["A"].encode() not in found.body
    return found


def messages_of(found: Redacted, key: str = "muutokset") -> list[Row]:
    return list(json.loads(found.body)[key])


def test_an_answer_that_names_nobody_erased_is_left_alone() -> None:
    answer = body(message("B", AT, NAME), message("C", AT, NAME))
    assert redacted(answer, NOW, tombstones("A"), nobody) is None
    assert redacted(answer, NOW, tombstones(), nobody) is None


def test_a_message_gives_way_to_an_empty_one_and_the_others_stay_byte_for_byte() -> None:
    # Spelt as no program of ours would.
    before = '{ "henkilotunnus" : "020290-998D" ,"muutospv":"2026-10-05","x":1.10,"tietoryhmat":[]}'
    after = json.dumps(message("C", AT, NAME))
    own = json.dumps(message("A", AT, NAME), ensure_ascii=False)
    answer = f'{{"ajanTasalla":true, "muutokset" : [ {before},{own} , {after}]}}'.encode()
    found = taken(answer, "A")
    start, end = answer.index(own.encode()), answer.index(own.encode()) + len(own.encode())
    assert found.body.startswith(answer[:start])
    assert found.body.endswith(answer[end:])
    assert "Koelähde" not in found.body[start:-end].decode()
    assert [len(one["tietoryhmat"]) for one in messages_of(found)] == [0, 0, 1]
    assert (found.messages, found.mentions) == (1, 0)


def test_basic_data_are_taken_out_too() -> None:
    found = taken(body(basic("A", NAME), basic("B", NAME), key="perustiedot"), "A")
    assert [one["henkilotunnus"] for one in messages_of(found, "perustiedot")] == [
        "ERASED",
        CODES["B"],
    ]


def test_of_a_person_whom_others_name_a_stand_in_is_left_and_the_rest_of_the_row() -> None:
    found = taken(body(message("B", AT, SPOUSE, NAME)), "A")
    [told] = messages_of(found)
    assert told["tietoryhmat"][0] == {
        **SPOUSE,
        "puoliso": {"henkilotunnus": KEY.stand_in_of(CODES["A"])},
    }
    assert told["tietoryhmat"][1] == NAME
    assert (found.messages, found.mentions) == (0, 1)
    # The same row told again becomes the same row.
    assert messages_of(taken(body(message("B", AT, SPOUSE, NAME)), "A")) == [told]


def test_two_erased_persons_do_not_become_one() -> None:
    assert KEY.stand_in_of(CODES["A"]) != KEY.stand_in_of(CODES["B"])
    assert KEY.tombstone_of(CODES["A"]) != KEY.person_id_of(CODES["A"])


def test_a_code_anywhere_in_a_row_goes_lists_texts_and_names_of_fields() -> None:
    odd = row("UUSI_RYHMA", "LISATTY", lista=[CODES["A"]], teksti=f"ks. {CODES['A']}, vanha")
    odd |= {CODES["A"]: "avain", "koodi": CODES["A"], "muu": "pysyy"}
    stand_in = KEY.stand_in_of(CODES["A"])
    [told] = messages_of(taken(body(message("B", AT, odd)), "A"))
    assert told["tietoryhmat"][0] == {
        "tietoryhma": "UUSI_RYHMA",
        "muutosattribuutti": "LISATTY",
        "lista": [stand_in],
        "teksti": f"ks. {stand_in}, vanha",
        stand_in: "avain",
        "koodi": stand_in,
        "muu": "pysyy",
    }


def test_a_code_spelt_by_escapes_is_found() -> None:
    spelt = CODES["A"].replace("0", "\\u0030")
    answer = body(message("A", AT, NAME)).replace(CODES["A"].encode(), spelt.encode())
    assert CODES["A"].encode() not in answer
    assert messages_of(taken(answer, "A"))[0]["tietoryhmat"] == []


NEW_CODE = row(
    "HENKILOTUNNUS_KORJAUS",
    "LISATTY",
    voimassaolo="AKTIIVI",
    muutettuHenkilotunnus=CODES["A"],
    aktiivinenHenkilotunnus=CODES["N"],
)


@pytest.mark.parametrize("under", ["A", "N"])
def test_a_new_code_of_the_person_goes_with_the_old_one(under: str) -> None:
    found = taken(body(message(under, AT, NEW_CODE, NAME), message("B", AT, NAME)), "A")
    assert found.messages == 1
    assert found.further == {CODES["N"]: CODES["A"]}
    assert CODES["N"].encode() not in found.body


def test_who_is_somebody_else_by_the_register_is_not_erased_by_a_change_of_code() -> None:
    answer = body(message("N", AT, NEW_CODE, NAME))
    found = redacted(answer, NOW, tombstones("A"), lambda codes: codes)
    assert found is not None
    assert not found.further
    [told] = messages_of(found)
    assert told["henkilotunnus"] == CODES["N"]
    assert told["tietoryhmat"][1] == NAME
    assert CODES["A"].encode() not in found.body


def test_after_leaving_the_scope_what_is_recorded_later_lands() -> None:
    until = datetime(2026, 10, 5, 8, tzinfo=UTC) + timedelta(milliseconds=123)
    later = "2026-10-05T08:00:00.124Z"
    answer = body(message("A", AT, NAME), message("A", later, NAME), message("B", later, SPOUSE))
    found = redacted(answer, NOW, tombstones("A", until=until), nobody)
    assert found is not None
    assert [one["henkilotunnus"] for one in messages_of(found)] == [
        "ERASED",
        CODES["A"],
        CODES["B"],
    ]
    assert messages_of(found)[2]["tietoryhmat"] == [SPOUSE]
    basics = body(basic("A", NAME), key="perustiedot")
    assert redacted(basics, until, tombstones("A", until=until), nobody) is not None
    late = until + timedelta(seconds=1)
    assert redacted(basics, late, tombstones("A", until=until), nobody) is None


def test_a_body_whose_messages_cannot_be_told_apart_is_refused_without_its_words() -> None:
    own = body(message("A", AT, NAME))
    behind = body(message("B", AT, NAME))[:-2] + b"}," + own[own.index(b"[{") + 1 :]
    for broken in (own[:-3], behind):
        with pytest.raises(LandingError) as refused:
            redacted(broken, NOW, tombstones("A"), nobody)
        assert CODES["A"] not in str(refused.value)
        assert refused.value.__cause__ is None


def test_a_message_that_cannot_be_read_keeps_nothing_of_the_person() -> None:
    # Half of a character: the message is no JSON, and the answer lands all the same.
    half = {"tietoryhma": "HENKILON_NIMI", "etunimi": "\ud800"}
    of_spouse = json.dumps(message("B", AT, SPOUSE, half)).encode()
    own = json.dumps(message("A", AT, NAME, half)).encode()
    other = json.dumps(message("C", AT, half)).encode()
    answer = b'{"muutokset":[%b,%b,%b]}' % (of_spouse, own, other)
    found = taken(answer, "A")
    assert found.messages == 1
    assert found.body.endswith(b"%b]}" % other)
    assert b"Koel" not in found.body
    [of_b, empty] = json.loads(found.body[: -len(other) - 3] + b"]}")["muutokset"]
    assert of_b.keys() == {"henkilotunnus", "muutospv", UNREADABLE}
    assert (of_b["henkilotunnus"], of_b["muutospv"]) == (CODES["B"], AT)
    assert empty["tietoryhmat"] == []


def test_a_message_with_two_subjects_keeps_nothing_of_the_person() -> None:
    own = json.dumps(message("A", AT, NAME), ensure_ascii=False)
    two = own[:-1] + f', "henkilotunnus": "{CODES["B"]}"}}'
    found = taken(f'{{"muutokset":[{two}]}}'.encode(), "A")
    assert messages_of(found)[0].keys() == {"muutospv", UNREADABLE}


def test_a_message_deeper_than_any_parser_keeps_nothing_of_the_person() -> None:
    deep = "[" * 1000 + json.dumps(CODES["A"]) + "]" * 1000
    told = json.dumps(message("B", AT, {"tietoryhma": "X", "x": 1})).replace("1}", f"{deep}}}")
    found = taken(f'{{"muutokset":[{told}]}}'.encode(), "A")
    assert messages_of(found)[0].keys() == {"henkilotunnus", "muutospv", UNREADABLE}


_TEXT = st.text(max_size=8) | st.sampled_from([*CODES.values(), f"({CODES['A']})"])
_VALUE = st.recursive(
    _TEXT | st.booleans() | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(_TEXT, _VALUE, max_size=4) | _VALUE, max_size=4), st.booleans())
def test_whatever_a_body_holds_no_code_is_left_and_nobody_else_is_touched(
    messages: list[Any], ascii_only: bool
) -> None:
    answer = json.dumps({"muutokset": messages}, ensure_ascii=ascii_only).encode(
        "utf-8", "surrogateescape" if ascii_only else "replace"
    )
    found = redacted(answer, NOW, tombstones("A"), nobody)
    kept = answer if found is None else found.body
    assert CODES["A"].encode() not in kept
    assert CODES["A"] not in json.dumps(json.loads(kept), ensure_ascii=False)
    before, after = json.loads(answer)["muutokset"], json.loads(kept)["muutokset"]
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        if CODES["A"] not in json.dumps(one, ensure_ascii=False):
            assert one == other
    assert CODE.search(CODES["A"].encode()) is not None
