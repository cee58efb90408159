"""Whose a code is: replaced, merged, passive and shared codes, in any order of arrival.

Keep out the groups' own rules (`test_fold.py`, `test_cases.py`).
"""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from vtj_pipeline_tests.builders import CODES, START, Bench, basic, day, message, row

pytestmark = pytest.mark.slow

A, B, C, D = (CODES[name] for name in "ABCN")
KORJAUS = "HENKILOTUNNUS_KORJAUS"


def at(day_of_october: int) -> str:
    """An instant of October 2026, as the source writes it."""
    return f"2026-10-{day_of_october:02}T08:00:00.000Z"


def correction(code: str, active: str | None, attribute: str, **fields: Any) -> dict[str, Any]:
    """A row about one code."""
    status = "AKTIIVI" if code == active else "PASSIIVI"
    return row(
        KORJAUS,
        attribute,
        voimassaolo=status,
        muutettuHenkilotunnus=code,
        aktiivinenHenkilotunnus=active,
        edellisetHenkilotunnukset=[],
        **fields,
    )


def replacement(old: str, new: str, when: int) -> dict[str, Any]:
    """A code is replaced: the message goes under the old one (contract §4.5, case A)."""
    return message(old, at(when), correction(new, new, "LISATTY"), correction(old, new, "MUUTETTU"))


def merger(survivor: str, removed: str, when: int) -> dict[str, Any]:
    """Two codes turn out to be one person's: told under the one that stays (case B)."""
    return message(
        survivor,
        at(when),
        correction(survivor, survivor, "LISATIETO"),
        correction(removed, survivor, "MUUTETTU"),
    )


def sex(code: str, value: str, when: int) -> dict[str, Any]:
    """A message that tells a person's sex."""
    return message(code, at(when), row("SUKUPUOLI", "LISATTY", sukupuoli=value))


def born(code: str, value: str, when: int) -> dict[str, Any]:
    """A message that tells a person as new."""
    return message(
        code,
        at(when),
        row("SYNTYMAPAIVA", "LISATTY", syntymapv=day("1990-01-01")),
        row("SUKUPUOLI", "LISATTY", sukupuoli=value),
    )


def persons(bench: Bench) -> list[tuple[Any, ...]]:
    """The active codes."""
    return bench.query("select identity_code from register.person order by 1")


def person_of(bench: Bench, code: str) -> str:
    """The person who has a code now, the active one if several have had it."""
    found = bench.query(
        "select person_id::text from register.identity_code "
        f"where identity_code = '{code}' and recorded_to is null order by is_active desc"
    )
    return str(found[0][0])


def everything(bench: Bench) -> list[Any]:
    """Whatever identity decides."""
    return [
        bench.table(name)
        for name in ("person", "identity_code", "person_alias", "sex", "refresh_request")
    ]


def test_a_chain_of_corrections_is_one_person_under_the_last_code(bench: Bench) -> None:
    bench.land([sex(A, "MIES", 1)])
    bench.publish()
    first = person_of(bench, A)
    bench.land([replacement(A, B, 2), sex(B, "NAINEN", 3), replacement(B, C, 4)], cursor=START + 10)
    bench.publish()
    assert persons(bench) == [(C,)]
    assert {person_of(bench, code) for code in (A, B, C)} == {first}
    assert bench.current("identity_code", "identity_code", "is_active") == sorted(
        [(A, False), (B, False), (C, True)], key=str
    )
    assert bench.current("sex", "sex") == [("NAINEN",)]


def test_links_may_arrive_in_any_order(bench: Bench) -> None:
    told = [sex(A, "MIES", 1), replacement(A, B, 2), replacement(B, C, 3), sex(C, "NAINEN", 4)]
    outcomes = []
    for order in list(permutations(range(4)))[::5]:
        _empty(bench)
        for place in order:
            bench.land([told[place]], cursor=START + place)
            bench.publish()
        outcomes.append(everything(bench))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert persons(bench) == [(C,)]


def _empty(bench: Bench) -> None:
    with bench.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables "
            "where schemaname in ('register', 'ledger')"
        )
        cursor.execute(f"truncate {cursor.fetchone()[0]} cascade")
    connection.close()


def test_a_late_link_leaves_the_id_by_which_the_person_was_known(bench: Bench) -> None:
    bench.land([sex(B, "NAINEN", 5)], cursor=START + 20)
    bench.publish()
    known_as = person_of(bench, B)
    bench.land([sex(A, "MIES", 1), replacement(A, B, 2)], cursor=START)
    bench.publish()
    now = person_of(bench, B)
    assert now != known_as
    assert bench.query("select alias_id::text, person_id::text from register.person_alias") == [
        (known_as, now)
    ]
    assert bench.query("select count(*) from register.person") == [(1,)]


def test_who_survives_a_merge_keeps_the_person_id(bench: Bench) -> None:
    bench.land([sex(A, "MIES", 1), sex(B, "MIES", 1)])
    bench.publish()
    survivor, removed = person_of(bench, A), person_of(bench, B)
    bench.land([merger(A, B, 3)], cursor=START + 10)
    bench.publish()
    assert persons(bench) == [(A,)]
    assert person_of(bench, A) == person_of(bench, B) == survivor
    assert bench.query("select alias_id::text, person_id::text from register.person_alias") == [
        (removed, survivor)
    ]
    assert bench.query("select distinct reason from register.refresh_request order by 1") == [
        ("code_changed",),
        ("new_in_scope",),
    ]


def test_who_is_merged_into_a_person_with_a_chain_takes_its_first_code(bench: Bench) -> None:
    bench.land([sex(A, "MIES", 1), replacement(A, B, 2), sex(B, "MIES", 3), sex(C, "MIES", 3)])
    bench.publish()
    first = person_of(bench, A)
    bench.land([merger(B, C, 5)], cursor=START + 10)
    bench.publish()
    assert {person_of(bench, code) for code in (A, B, C)} == {first}


def test_a_code_that_is_passive_without_a_successor_leaves_the_person(bench: Bench) -> None:
    bench.land([sex(A, "MIES", 1), message(A, at(2), correction(A, None, "MUUTETTU"))])
    bench.publish()
    assert bench.current("identity_code", "identity_code", "is_active") == [(A, False)]
    assert bench.current("sex", "sex") == [("MIES",)]
    assert ("code_changed",) in bench.query("select reason from register.refresh_request")


def test_a_code_that_two_persons_were_given_is_each_ones_in_turn(bench: Bench) -> None:
    bench.land([born(A, "MIES", 1), replacement(A, B, 3), born(A, "NAINEN", 3)])
    bench.publish()
    assert persons(bench) == sorted([(A,), (B,)])
    first, second = person_of(bench, B), person_of(bench, A)
    assert first != second
    assert bench.query(
        "select person_id::text, sex from register.sex where recorded_to is null order by 2"
    ) == [(first, "MIES"), (second, "NAINEN")]
    bench.land([sex(A, "PUUTTUU", 5)], cursor=START + 10)
    bench.publish()
    assert bench.query(
        f"select sex from register.sex where person_id = '{second}' and recorded_to is null"
    ) == [("PUUTTUU",)]


def test_a_late_message_under_an_old_code_is_still_the_same_persons(bench: Bench) -> None:
    bench.land([born(A, "MIES", 1), replacement(A, B, 3), sex(A, "NAINEN", 4)])
    bench.publish()
    assert persons(bench) == [(B,)]
    assert bench.current("sex", "sex") == [("NAINEN",)]


def test_news_of_one_code_reaches_all_that_are_joined_through_shared_codes(bench: Bench) -> None:
    """B leads to its person, a code of theirs to another person, and that one to a third code."""
    lone = row(KORJAUS, "MUUTETTU", aktiivinenHenkilotunnus=B)
    given_again = row(KORJAUS, muutettuHenkilotunnus=C)
    bench.land([message(A, at(5), lone)], cursor=START)
    bench.land(
        [basic("A", given_again, row("SUKUPUOLI", sukupuoli="NAINEN"))],
        cursor=START + 5,
        kind="refresh",
        extraction_date=date(2026, 10, 10),
    )
    told = row("ASUMUSERO", "LISATTY", alkupv=day("2026-10-10"))
    standing = "select person_id, recorded_to from register.other_group order by 1"
    bench.land([message(C, at(10), told)], cursor=START + 10)
    bench.publish()
    before = bench.query(standing)
    assert before
    bench.land(
        [basic("B", row("SUKUPUOLI", sukupuoli="MIES"))],
        cursor=START + 20,
        kind="refresh",
        extraction_date=date(2026, 10, 12),
    )
    bench.publish()
    after = bench.query(standing)
    assert after == before
    assert bench.publish(rebuild=True).nothing_to_do


def test_a_code_that_is_told_as_removed_is_not_there_before_it_is_told(bench: Bench) -> None:
    bench.land([message(A, at(5), correction(B, None, "POISTETTU"))], cursor=START)
    bench.land([replacement(A, B, 9)], cursor=START + 10)
    bench.publish()
    begun = bench.query(
        f"select min(recorded_from)::date::text from register.identity_code "
        f"where identity_code = '{B}'"
    )
    assert begun == [("2026-10-09",)]


def test_a_link_that_is_taken_back_parts_two_persons_again(bench: Bench) -> None:
    bench.land([sex(A, "MIES", 1), sex(B, "NAINEN", 1), merger(A, B, 2)])
    bench.publish()
    assert bench.query("select count(*) from register.person") == [(1,)]
    bench.land([message(A, at(4), correction(B, A, "POISTETTU"))], cursor=START + 10)
    bench.publish()
    assert bench.query("select count(*) from register.person") == [(2,)]
    assert bench.query("select count(*) from register.person_alias") == [(0,)]


def test_the_list_of_earlier_codes_is_not_followed(bench: Bench) -> None:
    """It has been seen to name a stranger (contract §4.5)."""
    told = message(
        A,
        at(2),
        row(
            KORJAUS,
            "LISATTY",
            voimassaolo="AKTIIVI",
            muutettuHenkilotunnus=B,
            aktiivinenHenkilotunnus=B,
            edellisetHenkilotunnukset=[A, C],
        ),
    )
    bench.land([sex(C, "NAINEN", 1), told])
    bench.publish()
    assert persons(bench) == sorted([(B,), (C,)])


@pytest.mark.parametrize("together", [True, False])
def test_a_related_person_is_known_by_person_id_once_they_are_told(
    bench: Bench, together: bool
) -> None:
    child = message(
        A,
        at(1),
        row(
            "HUOLTAJA",
            "LISATTY",
            huoltaja={"henkilotunnus": B, "etunimet": "Testi"},
            huoltajanLaji="LAKISAATEINEN_HUOLTAJA",
            huoltosuhteenAlkupv=day("2020-01-01"),
        ),
    )
    bench.land([child])
    if not together:
        bench.publish()
        assert bench.current("guardianship", "related_identity_code", "related_person_id") == [
            (B, None)
        ]
    bench.land([sex(B, "NAINEN", 2)], cursor=START + 10)
    bench.publish()
    assert bench.current("guardianship", "related_person_id::text") == [(person_of(bench, B),)]
    bench.land([replacement(C, B, 3), sex(C, "NAINEN", 1)], cursor=START + 20)
    bench.publish()
    assert bench.current("guardianship", "related_person_id::text") == [(person_of(bench, C),)]
    assert bench.publish(rebuild=True).nothing_to_do


def test_a_refresh_is_asked_for_until_an_answer_comes(bench: Bench) -> None:
    bench.land([born(A, "MIES", 1)])
    bench.publish()
    assert bench.query("select reason from register.refresh_request") == [("new_in_scope",)]
    bench.land(
        [basic("A", row("SUKUPUOLI", sukupuoli="MIES"))],
        cursor=START + 50,
        kind="refresh",
        extraction_date=date(2026, 10, 9),
    )
    bench.publish()
    assert bench.query("select reason from register.refresh_request") == []
    lifted = message(A, at(12), row("TURVAKIELTO", "MUUTETTU", turvakieltoAktiivinen=False))
    bench.land([lifted], cursor=START + 60)
    bench.publish()
    assert bench.query("select reason from register.refresh_request") == [("protection_changed",)]


def test_a_row_that_does_not_fit_is_counted_and_asked_for(bench: Bench) -> None:
    bench.land(
        [basic("A", row("SUKUPUOLI", sukupuoli="MIES"))],
        kind="baseline",
        extraction_date=date(2026, 10, 1),
    )
    unknown = row("KOTIKUNTA", "POISTETTU", kuntakoodi="091", kuntaanMuuttopv=day("2020-01-01"))
    bench.land([message(A, at(3), unknown)], cursor=START + 10)
    report = bench.publish()
    assert report.anomalies == {"unknown row removed": 1}
    assert bench.query("select reason from register.refresh_request") == [("anomaly",)]


def test_a_person_is_held_back_from_what_cannot_be_read_until_an_answer_comes(
    bench: Bench,
) -> None:
    bench.land(
        [basic("A", row("SUKUPUOLI", sukupuoli="MIES"))],
        kind="baseline",
        extraction_date=date(2026, 10, 1),
    )
    broken = message(A, at(3), row("SUKUPUOLI", "SIIRRETTY", sukupuoli="NAINEN"))
    after = sex(A, "PUUTTUU", 4)
    bench.land([broken, after, sex(B, "NAINEN", 4)], cursor=START + 10)
    bench.publish()
    assert bench.current("sex", "sex") == [("MIES",), ("NAINEN",)]
    assert bench.query("select identity_code, is_protected from register.person order by 1") == (
        sorted([(A, True), (B, False)])
    )
    assert ("quarantine",) in bench.query("select reason from register.refresh_request")
    bench.land(
        [basic("A", row("SUKUPUOLI", sukupuoli="NAINEN"))],
        cursor=START + 50,
        kind="refresh",
        extraction_date=date(2026, 10, 9),
    )
    bench.publish()
    assert bench.current("sex", "sex") == [("NAINEN",), ("NAINEN",)]
    assert not bench.query("select 1 from register.person where is_protected")


def test_an_answer_of_basic_data_does_not_take_back_what_came_later_the_same_day(
    bench: Bench,
) -> None:
    """A page that began before the answer's cursor can hold messages that came after it."""
    bench.land(
        [sex(A, "NAINEN", 5)],
        cursor=START + 10,
    )
    bench.land(
        [basic("A", row("SUKUPUOLI", sukupuoli="MIES"))],
        cursor=START + 15,
        kind="refresh",
        extraction_date=date(2026, 10, 5),
    )
    bench.publish()
    assert bench.current("sex", "sex") == [("NAINEN",)]


def home(code: str, since: str = "2020-01-01", change_type: str | None = None) -> dict[str, Any]:
    return row("KOTIKUNTA", change_type, kuntakoodi=code, kuntaanMuuttopv=day(since))


MEMBERS = (
    "select p.identity_code from register.scope_member "
    "join register.person as p using (person_id) where is_member order by 1"
)


def test_scope_follows_the_home_and_outlives_what_is_withheld(bench: Bench) -> None:
    hidden = row("KOTIKUNTA", turvakiellonAlaisetKentat=["kuntakoodi"])
    bench.land(
        [basic("A", home("297")), basic("B", home("837")), basic("C", hidden)],
        kind="baseline",
        extraction_date=date(2026, 10, 1),
    )
    bench.publish()
    assert bench.query(MEMBERS) == sorted([(A,), (C,)])
    bench.land([message(A, at(5), row("KUOLINPAIVA", "LISATTY", kuollut=True))], cursor=START + 10)
    bench.publish()
    assert bench.query(MEMBERS) == [(C,)]


def test_who_moves_away_leaves_the_scope_and_is_in_it_again_once_back(bench: Bench) -> None:
    bench.land([basic("A", home("297"))], kind="baseline", extraction_date=date(2026, 10, 1))
    bench.publish()
    for number, (code, since, members) in enumerate(
        [("837", "2026-10-05", []), ("297", "2026-10-06", [(A,)])], start=5
    ):
        moved = message(A, at(number), home(code, since, "LISATTY"))
        bench.land([moved], cursor=START + 10 * number)
        bench.publish()
        assert bench.query(MEMBERS) == members


@pytest.mark.parametrize(
    "unfit",
    [
        row("KOTIKUNTA", "LISATTY", kuntakoodi="091", kuntaanMuuttopv="2020-01-01"),
        row("KOTIKUNTA", "LISATTY", kuntakoodi="091", kuntaanMuuttopv=day("2020-13-45")),
        row("HUOLTAJA", "LISATTY", huoltaja="a text", oikeudet=[]),
        row("HUOLTAJA", "LISATTY", huoltaja={"henkilotunnus": B}, oikeudet="a text"),
        row("VAKINAINEN_KOTIMAINEN_OSOITE", "LISATTY", katunimi="a text"),
    ],
    ids=["date as text", "impossible date", "person as text", "list as text", "street as text"],
)
def test_a_field_in_another_shape_is_quarantined(bench: Bench, unfit: dict[str, Any]) -> None:
    bench.land([message(A, at(1), unfit), sex(B, "MIES", 1)])
    assert bench.publish().quarantined == 1
    assert bench.query("select is_protected from register.person order by identity_code") == (
        [(True,), (False,)] if A < B else [(False,), (True,)]
    )
