"""What records say in the interface's words: the traps of the old format, one by one."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from vtj_pipeline.catalogue.model import UNCHANGED
from vtj_pipeline.legacy.messages import message_of
from vtj_pipeline.legacy.reader import records_in
from vtj_pipeline.legacy.record import Read
from vtj_pipeline_tests.legacy.records import (
    CHILD,
    NONE,
    OTHER,
    PARENT,
    guardian,
    guardian_2019,
    masked_street,
    name,
    nameless,
    record,
    right,
    street,
)


def told(*groups: str, is_change: bool = True, **head: Any) -> dict[str, Any]:
    """The message of one record."""
    (one,) = records_in(io.BytesIO(record(*groups, **head)), Read())
    assert one.fault == ""
    return message_of(one, is_change=is_change, fallback=date(2017, 1, 1), where="f.MTT")


def rows(*groups: str, **head: Any) -> list[dict[str, Any]]:
    """Its rows."""
    found: list[dict[str, Any]] = told(*groups, **head)["tietoryhmat"]
    return found


def day(text: str, precision: str = "PAIVA") -> dict[str, str]:
    return {"arvo": text, "tarkkuus": precision}


def test_a_record_stands_beside_its_rows_and_each_code_is_a_value_of_its_own() -> None:
    made = told(guardian("1"), kind="1")
    assert made["henkilotunnus"] == CHILD
    assert made["muutospv"] == "2017-02-02T22:00:00Z"
    assert made["muutostietopalvelu"]["ryhmat"] == [
        ["3051", PARENT, "03", "", "1", "20100501", NONE, NONE]
    ]
    assert made["tietoryhmat"] == [
        {
            "tietoryhma": "HUOLTAJA",
            "muutosattribuutti": "LISATTY",
            "huoltaja": {"henkilotunnus": PARENT},
            "huoltajanLaji": "LAKISAATEINEN_HUOLTAJA",
            "huoltosuhteenAlkupv": day("2010-05-01"),
        }
    ]


def test_a_blank_surname_means_unchanged() -> None:
    (changed,) = rows(name("3", "", "Maija"))
    assert (changed["sukunimi"], changed["etunimi"]) == (UNCHANGED, "Maija")
    (new,) = rows(name("1", "", "Maija"))
    assert "sukunimi" not in new


def test_an_address_for_context_is_never_state() -> None:
    context, new = rows(street("0", "Katu 1"), street("1", "Katu 1"))
    assert (context["muutosattribuutti"], new["muutosattribuutti"]) == ("LISATIETO", "LISATTY")
    (alone,) = rows(street("0", "Katu 1"), street("1", "Katu 1"), is_change=False)
    assert alone["katunimi"] == {"fi": "Katu 1"}
    assert "muutosattribuutti" not in alone


def test_what_is_withheld_is_known_by_content_alone() -> None:
    order, address, home, mail = rows(
        "0151" + "99990000",
        masked_street("1"),
        "2043" + "000" + NONE,
        "4213" + " " * 257 + NONE * 2,
    )
    assert order == {
        "tietoryhma": "TURVAKIELTO",
        "muutosattribuutti": "LISATTY",
        "turvakieltoAktiivinen": True,
    }
    for one in (address, home, mail):
        assert set(one) == {"tietoryhma", "muutosattribuutti", "turvakiellonAlaisetKentat"}
    (removed,) = rows("2044" + "000" + "20170101")
    assert "turvakiellonAlaisetKentat" not in removed
    (open_row,) = rows(street("1", "Katu 1"))
    assert "turvakiellonAlaisetKentat" not in open_row


@pytest.mark.parametrize(
    ("group", "attribute", "is_active"),
    [
        ("01512020" + "0101", "LISATTY", True),
        ("0153" + "20170101", "MUUTETTU", False),
        ("0154" + "20170202", "MUUTETTU", False),
        ("0154" + "20200101", "POISTETTU", False),
    ],
)
def test_an_order_ends_by_its_digit_or_its_day(group: str, attribute: str, is_active: bool) -> None:
    (row,) = rows(group)
    assert (row["muutosattribuutti"], row["turvakieltoAktiivinen"]) == (attribute, is_active)


def test_a_cancelled_move_says_what_stands_instead() -> None:
    removed, standing = rows("2044" + "091" + "20170201", "2040" + "297" + "19990101")
    assert removed["voimassaolevatTiedot"] == [
        {
            "tietoryhma": "KOTIKUNTA",
            "kuntakoodi": "297",
            "kuntaanMuuttopv": day("1999-01-01"),
        }
    ]
    assert standing["muutosattribuutti"] == "LISATIETO"


@pytest.mark.parametrize(
    ("group", "is_dead", "when"),
    [
        ("0131" + "20170100", True, day("2017-01-01", "KUUKAUSI")),
        ("0131" + "20170000", True, day("2017-01-01", "VUOSI")),
        ("0131" + NONE, True, None),
        ("0136" + NONE, False, None),
        ("0135" + "20170102", True, day("2017-01-02")),
    ],
)
def test_a_death_and_a_part_of_its_date(group: str, is_dead: bool, when: object) -> None:
    (row,) = rows(group)
    assert (row["kuollut"], row.get("kuolinpv")) == (is_dead, when)


def test_citizenships_are_one_row_with_the_list_and_what_changed() -> None:
    new = "0071" + "752" + "1" + "20170101" + NONE
    other = "0070" + "998" + "1" + NONE * 2
    (row,) = rows(other, "4520" + "Kansalaisuudeton".ljust(30), new)
    assert row["muutosattribuutti"] == "MUUTETTU"
    assert [one["kansalaisuuskoodi"] for one in row["henkilonKansalaisuudet"]] == ["998", "752"]
    assert row["henkilonKansalaisuudet"][0]["kansalaisuusnimi"] == "Kansalaisuudeton"
    assert [one["kansalaisuuskoodi"] for one in row["lisatytKansalaisuudet"]] == ["752"]
    (without_text,) = rows(other)
    assert "kansalaisuusnimi" not in without_text["henkilonKansalaisuudet"][0]


def test_what_refines_a_guardian_belongs_to_that_guardian() -> None:
    by_code, by_name = rows(
        guardian_2019("1"),
        right("1"),
        right("4", "P501"),
        guardian("1", code=""),
        nameless(),
    )
    assert [one["oikeus"] for one in by_code["oikeudet"]] == ["T301"]
    assert [one["oikeus"] for one in by_code["poistetutOikeudet"]] == ["P501"]
    assert by_name["huoltaja"]["sukunimi"] == "Esimerkki"
    assert "henkilotunnus" not in by_name["huoltaja"]


def test_codes_are_linked_and_the_message_goes_under_the_old_one() -> None:
    made = told("0011" + OTHER + "1", "0013" + CHILD + "2")
    assert made["henkilotunnus"] == CHILD
    for one in made["tietoryhmat"]:
        assert one["aktiivinenHenkilotunnus"] == OTHER
        assert one["edellisetHenkilotunnukset"] == [CHILD]


def test_an_address_that_has_ended_takes_no_others_place() -> None:
    def mail(digit: str, kind: str, end: str) -> str:
        return f"421{digit}{kind}{'a@b.fi':255}20160101{end}"

    new, old = rows(mail("1", "99", NONE), mail("3", "11", "20170101"))
    assert (new["lajikoodi"], old["lajikoodi"]) == ("99", "MAISTRAATTI")
    assert old["muutosattribuutti"] == "LISATIETO"
    (alone,) = rows(mail("3", "11", "20170101"))
    assert alone["muutosattribuutti"] == "POISTETTU"


def test_a_group_that_nobody_knows_is_a_row_of_its_own() -> None:
    (row,) = rows("2053ABC")
    assert row == {
        "tietoryhma": "MUUTOSTIETOPALVELU_205",
        "teksti": "ABC",
        "muutosattribuutti": "MUUTETTU",
    }


def test_equal_records_of_one_day_are_told_apart() -> None:
    """What was, was changed, and is again is three events."""
    content = (
        record(name("3", "A", "X")) + record(name("3", "B", "X")) + record(name("3", "A", "X"))
    )
    made = [
        message_of(one, is_change=True, fallback=date(2017, 1, 1), where="f.MTT")["muutospv"]
        for one in records_in(io.BytesIO(content), Read())
    ]
    assert made[0] == made[1] == "2017-02-02T22:00:00Z"
    assert made[2] == "2017-02-02T22:00:00.000001Z"
