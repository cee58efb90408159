"""Hand-written messages for every event of contract §4.3 that the first groups allow."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from vtj_pipeline_tests.builders import CODES, START, Bench, basic, day, message, row

pytestmark = pytest.mark.slow

T1, T2, T3 = (f"2026-10-0{n}T08:00:00.000Z" for n in (5, 6, 7))
OLD = {"kuntakoodi": "091", "kuntaanMuuttopv": day("2004-05-01")}
NEW = {"kuntakoodi": "297", "kuntaanMuuttopv": day("2026-10-04")}
OLD_HOME = {"katunimi": {"fi": "Vanhatie"}, "katunumero": "1", "alkupv": day("2004-05-01")}
NEW_HOME = {"katunimi": {"fi": "Uusitie"}, "katunumero": "2", "alkupv": day("2026-10-04")}
ADDRESS = "VAKINAINEN_KOTIMAINEN_OSOITE"


@pytest.fixture
def resident(bench: Bench) -> Bench:
    """A person with a home, known from a baseline."""
    bench.land(
        [
            basic(
                "A",
                row("HENKILON_NIMI", etunimi="Aino Maria", sukunimi="Testi"),
                row("KOTIKUNTA", **OLD),
                row(ADDRESS, **OLD_HOME),
            )
        ],
        kind="baseline",
        extraction_date=date(2026, 10, 1),
    )
    return bench


def move(at: str = T1) -> dict[str, object]:
    """A move between municipalities, in the order of the source: the new rows come first."""
    return message(
        "A",
        at,
        row(ADDRESS, "LISATTY", **NEW_HOME),
        row(ADDRESS, "MUUTETTU", **OLD_HOME, loppupv=day("2026-10-03")),
        row("KOTIKUNTA", "LISATTY", **NEW, kuntaanMuuttoPv=day("2026-10-04")),
        row("EDELLINEN_KOTIKUNTA", "MUUTETTU", **OLD, kunnastaPoisMuuttopv=day("2026-10-03")),
    )


def homes(bench: Bench) -> list[tuple[object, ...]]:
    """The current rows of home_municipality."""
    return bench.current("home_municipality", "municipality_code", "valid_from", "valid_to")


MOVED = [
    ("091", date(2004, 5, 1), date(2026, 10, 4)),
    ("297", date(2026, 10, 4), None),
]


def test_a_move_closes_the_old_home_on_the_day_the_new_one_begins(resident: Bench) -> None:
    resident.land([move()], cursor=START + 100)
    resident.publish()
    assert homes(resident) == MOVED
    assert resident.current("address", "street_fi", "valid_to") == [
        ("Uusitie", None),
        ("Vanhatie", date(2026, 10, 4)),
    ]


def test_before_the_move_was_recorded_the_old_home_was_open(resident: Bench) -> None:
    resident.land([move()], cursor=START + 100)
    resident.publish()
    then = resident.query(
        "select municipality_code, valid_to from register.home_municipality "
        "where recorded_to = '2026-10-05 08:00+00'"
    )
    assert then == [("091", None)]


def test_the_older_spelling_of_a_date_field_is_read(bench: Bench) -> None:
    bench.land(
        [basic("A", row("KOTIKUNTA", kuntakoodi="297", kuntaanMuuttoPv=day("2020-01-01")))],
        kind="baseline",
    )
    bench.publish()
    assert homes(bench) == [("297", date(2020, 1, 1), None)]


@pytest.mark.parametrize("with_pair", [True, False])
def test_a_cancelled_move_reopens_the_old_home(resident: Bench, with_pair: bool) -> None:
    resident.land([move()], cursor=START + 100)
    pair = [
        row("EDELLINEN_KOTIKUNTA", "KORJATTAVA", **OLD, kunnastaPoisMuuttopv=day("2026-10-03")),
        row("EDELLINEN_KOTIKUNTA", "KORJATTU", **OLD),
    ]
    cancelled = message(
        "A",
        T2,
        row(ADDRESS, "POISTETTU", **NEW_HOME, voimassaolevatTiedot=[row(ADDRESS, **OLD_HOME)]),
        row(ADDRESS, "KORJATTAVA", **OLD_HOME, loppupv=day("2026-10-03")),
        row(ADDRESS, "KORJATTU", **OLD_HOME),
        row("KOTIKUNTA", "POISTETTU", **NEW, voimassaolevatTiedot=[row("KOTIKUNTA", **OLD)]),
        row("KOTIKUNTA", "LISATIETO", **OLD),
        *(pair if with_pair else []),
    )
    resident.land([cancelled], cursor=START + 200)
    resident.publish()
    assert homes(resident) == [("091", date(2004, 5, 1), None)]
    assert resident.current("address", "street_fi", "valid_to") == [("Vanhatie", None)]


def test_a_corrected_earlier_home_replaces_the_wrong_row(resident: Bench) -> None:
    resident.land([move()], cursor=START + 100)
    resident.land(
        [
            message(
                "A",
                T2,
                row(
                    "EDELLINEN_KOTIKUNTA",
                    "KORJATTAVA",
                    **OLD,
                    kunnastaPoisMuuttopv=day("2026-10-03"),
                ),
                row(
                    "EDELLINEN_KOTIKUNTA",
                    "KORJATTU",
                    kuntakoodi="091",
                    kuntaanMuuttopv=day("2005-06-01"),
                    kunnastaPoisMuuttopv=day("2026-10-03"),
                ),
            )
        ],
        cursor=START + 200,
    )
    resident.publish()
    assert homes(resident)[0] == ("091", date(2005, 6, 1), date(2026, 10, 4))


def test_a_name_change_keeps_what_was_known_before(resident: Bench) -> None:
    resident.land(
        [
            message(
                "A",
                T1,
                row(
                    "HENKILON_NIMI",
                    "MUUTETTU",
                    etunimi="Aino Maria",
                    sukunimi="Uusi",
                    alkupv=day("2026-10-02"),
                ),
                row("NIMENMUUTOS", "LISATTY", nimilaji="NYKYINEN_SUKUNIMI", nimi="Uusi"),
            )
        ],
        cursor=START + 100,
    )
    resident.publish()
    assert resident.current("name", "last_name", "valid_from") == [("Uusi", date(2026, 10, 2))]
    assert resident.query("select count(*) from register.name")[0][0] == 2
    assert resident.current("name_history", "name_kind", "name") == [("NYKYINEN_SUKUNIMI", "Uusi")]


def test_a_call_name_joins_the_official_name_in_one_row(resident: Bench) -> None:
    resident.land(
        [
            message(
                "A",
                T1,
                row("KUTSUMANIMI", "LISATTY", nimilaji="NYKYINEN_KUTSUMANIMI", nimi="Maria"),
                row(
                    "KUTSUMANIMI",
                    "MUUTETTU",
                    nimilaji="EDELLINEN_KUTSUMANIMI",
                    nimi="Aino",
                    loppupv=day("2026-10-02"),
                ),
            )
        ],
        cursor=START + 100,
    )
    resident.publish()
    assert resident.current("name", "first_names", "last_name", "call_name") == [
        ("Aino Maria", "Testi", "Maria")
    ]


def test_a_death_without_a_date_is_a_death(resident: Bench) -> None:
    resident.land(
        [message("A", T1, row("KUOLINPAIVA", "LISATTY", kuollut=True))], cursor=START + 100
    )
    resident.publish()
    assert resident.current("death", "is_dead", "death_date") == [(True, None)]
    assert resident.query("select is_alive from register.person") == [(False,)]


def test_a_death_taken_back_leaves_a_living_person(resident: Bench) -> None:
    dead = {"kuollut": True, "kuolinpv": day("2026-10-01")}
    resident.land([message("A", T1, row("KUOLINPAIVA", "LISATTY", **dead))], cursor=START + 100)
    resident.land(
        [
            message(
                "A",
                T2,
                row("KUOLINPAIVA", "KORJATTAVA", **dead),
                row("KUOLINPAIVA", "KORJATTU", kuollut=False),
            )
        ],
        cursor=START + 200,
    )
    resident.publish()
    assert resident.current("death", "is_dead", "death_date") == [(False, None)]
    assert resident.query("select is_alive from register.person") == [(True,)]


def test_protection_withholds_what_the_source_masks_until_it_tells_again(resident: Bench) -> None:
    masked = {"turvakiellonAlaisetKentat": ["kuntakoodi"]}
    on = message(
        "A",
        T1,
        row("TURVAKIELTO", "LISATTY", turvakieltoAktiivinen=True),
        row(ADDRESS, "MUUTETTU", **masked),
        row("KOTIKUNTA", "MUUTETTU", **masked),
    )
    resident.land([on], cursor=START + 100)
    resident.publish()
    assert resident.current("home_municipality", "municipality_code", "withheld") == [(None, True)]
    assert resident.current("address", "street_fi", "withheld") == [(None, True)]
    assert resident.query("select is_protected from register.person") == [(True,)]
    off = message(
        "A",
        T2,
        row("TURVAKIELTO", "MUUTETTU", turvakieltoAktiivinen=False, turvaLoppuPv=day("2030-01-01")),
        row(ADDRESS, "MUUTETTU", **OLD_HOME),
        row("KOTIKUNTA", "LISATIETO", **OLD),
    )
    resident.land([off], cursor=START + 200)
    resident.publish()
    assert resident.current("address", "street_fi", "withheld") == [("Vanhatie", False)]
    assert resident.current("home_municipality", "municipality_code", "withheld") == [(None, True)]
    assert resident.query("select is_protected from register.person") == [(False,)]


def test_a_closing_row_in_the_clear_does_not_lift_what_is_withheld(resident: Bench) -> None:
    masked = {"turvakiellonAlaisetKentat": ["kuntakoodi"]}
    resident.land([message("A", T1, row("KOTIKUNTA", "MUUTETTU", **masked))], cursor=START + 100)
    closing = row("EDELLINEN_KOTIKUNTA", "MUUTETTU", **OLD, kunnastaPoisMuuttopv=day("2026-10-03"))
    resident.land([message("A", T2, closing)], cursor=START + 200)
    resident.publish()
    assert (None, True) in resident.current("home_municipality", "municipality_code", "withheld")


def test_mother_tongue_changes_by_a_new_row_and_the_removal_of_the_old(bench: Bench) -> None:
    fi = {"kielikoodi": "fi", "kielikoodiISO6392": "fin", "alkupv": day("2012-12-20")}
    sign = {
        "kielikoodi": "98",
        "kielikoodiISO6392": "fse",
        "nimi": "viittomakieli",
        "alkupv": day("2026-10-01"),
    }
    bench.land([basic("A", row("AIDINKIELI", **fi))], kind="baseline")
    changed = message(
        "A",
        T1,
        row("AIDINKIELI", "LISATTY", **sign),
        row(
            "AIDINKIELI",
            "POISTETTU",
            **fi,
            loppupv=day("2026-10-01"),
            voimassaolevatTiedot=[row("AIDINKIELI", **sign)],
        ),
    )
    bench.land([changed], cursor=START + 100)
    bench.publish()
    assert bench.current("language", "language_code", "language_name") == [("98", "viittomakieli")]


def test_a_corrected_list_of_citizenships_replaces_the_wrong_one(bench: Bench) -> None:
    wrong = {"henkilonKansalaisuudet": [{"kansalaisuuskoodi": "752"}]}
    right = {"henkilonKansalaisuudet": [{"kansalaisuuskoodi": "246"}]}
    bench.land([basic("A", row("KANSALAISUUS", **wrong))], kind="baseline")
    bench.land(
        [
            message(
                "A",
                "2026-11-05T08:00:00Z",
                row("KANSALAISUUS", "KORJATTAVA", **wrong),
                row("KANSALAISUUS", "KORJATTU", **right),
            )
        ],
        cursor=START + 100,
    )
    bench.publish()
    assert bench.current("citizenship", "country_code") == [("246",)]


def test_citizenships_are_those_of_the_list(bench: Bench) -> None:
    def listed(*items: dict[str, object]) -> dict[str, object]:
        return {"henkilonKansalaisuudet": list(items)}

    finnish = {"kansalaisuuskoodi": "246", "voimassaolo": "AKTIIVI"}
    swedish = {"kansalaisuuskoodi": "752", "voimassaolo": "AKTIIVI", "saamispv": day("2026-10-01")}
    bench.land([basic("A", row("KANSALAISUUS", **listed(finnish)))], kind="baseline")
    bench.land(
        [
            message(
                "A",
                "2026-11-05T08:00:00Z",
                row("KANSALAISUUS", "MUUTETTU", **listed(finnish, swedish)),
            )
        ],
        cursor=START + 100,
    )
    bench.publish()
    assert bench.current("citizenship", "country_code", "is_active") == [
        ("246", True),
        ("752", True),
    ]
    lost = {**finnish, "voimassaolo": "PASSIIVI", "menetyspv": day("2026-10-02")}
    bench.land(
        [
            message(
                "A",
                "2026-11-06T08:00:00Z",
                row("KANSALAISUUS", "MUUTETTU", **listed(lost, swedish)),
            )
        ],
        cursor=START + 200,
    )
    bench.publish()
    assert bench.current("citizenship", "country_code", "is_active", "valid_to") == [
        ("246", False, date(2026, 10, 2)),
        ("752", True, None),
    ]


def test_a_new_code_is_the_same_person(resident: Bench) -> None:
    person = resident.publish() and resident.query("select person_id from register.person")
    rows = [
        row(
            "HENKILOTUNNUS_KORJAUS",
            "LISATTY",
            voimassaolo="AKTIIVI",
            muutettuHenkilotunnus=CODES["N"],
            aktiivinenHenkilotunnus=CODES["N"],
            edellisetHenkilotunnukset=[CODES["A"]],
        ),
        row(
            "HENKILOTUNNUS_KORJAUS",
            "MUUTETTU",
            voimassaolo="PASSIIVI",
            muutettuHenkilotunnus=CODES["A"],
            aktiivinenHenkilotunnus=CODES["N"],
            edellisetHenkilotunnukset=[CODES["A"]],
        ),
    ]
    resident.land([message("A", T1, *rows)], cursor=START + 100)
    resident.land(
        [message("N", T2, row("SUKUPUOLI", "MUUTETTU", sukupuoli="NAINEN"))], cursor=START + 200
    )
    resident.publish()
    assert resident.query("select person_id from register.person") == person
    assert resident.query("select identity_code from register.person") == [(CODES["N"],)]
    assert resident.current("identity_code", "identity_code", "is_active") == [
        (CODES["A"], False),
        (CODES["N"], True),
    ]
    assert resident.current("sex", "sex") == [("NAINEN",)]


def test_a_group_that_a_snapshot_does_not_mention_stays(resident: Bench) -> None:
    resident.land(
        [basic("A", row("SUKUPUOLI", sukupuoli="NAINEN"))], cursor=START + 300, kind="baseline"
    )
    resident.publish()
    assert homes(resident) == [("091", date(2004, 5, 1), None)]


def test_a_snapshot_ends_the_open_rows_it_does_not_list(resident: Bench) -> None:
    resident.land([basic("A", row("KOTIKUNTA", **NEW))], cursor=START + 300, kind="baseline")
    resident.publish()
    assert homes(resident) == [("297", date(2026, 10, 4), None)]


def test_a_value_that_returns_has_three_versions(bench: Bench) -> None:
    for number, sex in enumerate(("MIES", "NAINEN", "MIES")):
        at = f"2026-10-0{number + 1}T08:00:00Z"
        bench.land(
            [message("A", at, row("SUKUPUOLI", "MUUTETTU", sukupuoli=sex))],
            cursor=START + 100 * number,
        )
    bench.publish()
    versions = bench.query(
        "select sex, recorded_to is null from register.sex order by recorded_from"
    )
    assert versions == [("MIES", False), ("NAINEN", False), ("MIES", True)]


def test_partial_dates_keep_their_precision(bench: Bench) -> None:
    bench.land(
        [
            basic("A", row("SYNTYMAPAIVA", syntymapv=day("1965-11-01", "KUUKAUSI"))),
            basic("B", row("SYNTYMAPAIVA", syntymapv=day("1965-01-01", "EI_TIEDOSSA"))),
        ],
        kind="baseline",
    )
    bench.publish()
    assert bench.current("birth", "birth_date", "birth_date_precision") == [
        (None, "unknown"),
        (date(1965, 11, 1), "month"),
    ]


def test_an_unknown_group_is_kept_whole(bench: Bench) -> None:
    bench.land([basic("A", row("UUSI_RYHMA", jotain={"uutta": [1, "ä"]}))], kind="baseline")
    bench.publish()
    assert bench.current("other_group", "tietoryhma", "payload") == [
        ("UUSI_RYHMA", {"jotain": {"uutta": [1, "ä"]}})
    ]


def test_what_cannot_be_read_is_in_quarantine_and_holds_nothing_else_up(bench: Bench) -> None:
    bench.land(
        [
            {"muutospv": T1, "tietoryhmat": []},
            {"henkilotunnus": CODES["B"], "muutospv": "eilen", "tietoryhmat": []},
            message("C", T1, row("SUKUPUOLI", "KUMOTTU", sukupuoli="MIES")),
            message("A", T1, row("SUKUPUOLI", "LISATTY", sukupuoli="MIES")),
        ]
    )
    report = bench.publish()
    assert report.quarantined == 3
    assert bench.current("sex", "sex") == [("MIES",)]
    reasons = bench.query("select reason from register.quarantine order by message")
    assert [reason for (reason,) in reasons] == [
        "the message names no subject",
        "the message has no readable muutospv",
        "the row has no known muutosattribuutti",
    ]


def test_recorded_time_is_the_sources_own(bench: Bench) -> None:
    bench.land([message("A", T1, row("SUKUPUOLI", "LISATTY", sukupuoli="MIES"))])
    bench.publish()
    assert bench.current("sex", "recorded_from") == [(datetime(2026, 10, 5, 8, tzinfo=UTC),)]


def test_publishing_again_writes_nothing(any_bench: Bench) -> None:
    any_bench.land(
        [basic("A", row("KOTIKUNTA", **OLD), row("SUKUPUOLI", sukupuoli="MIES"))],
        kind="baseline",
        extraction_date=date(2026, 10, 1),
    )
    any_bench.land([move()], cursor=START + 100)
    assert not any_bench.publish().nothing_to_do
    assert any_bench.publish().nothing_to_do
    assert any_bench.publish(rebuild=True).nothing_to_do
    assert homes(any_bench) == MOVED


def test_the_removal_of_a_withheld_row_leaves_nothing_withheld(bench: Bench) -> None:
    masked = {"turvakiellonAlaisetKentat": ["postiosoite"]}
    bench.land([message("A", T1, row("KOTIMAINEN_POSTIOSOITE", "MUUTETTU", **masked))])
    bench.publish()
    assert bench.current("address", "address_type", "withheld") == [("postal_domestic", True)]
    bench.land(
        [message("A", T2, row("KOTIMAINEN_POSTIOSOITE", "POISTETTU", **masked))],
        cursor=START + 100,
    )
    bench.publish()
    assert bench.current("address", "address_type", "withheld") == []


def test_a_move_within_the_municipality_leaves_the_home_municipality(resident: Bench) -> None:
    within = message(
        "A",
        T1,
        row(ADDRESS, "LISATTY", **NEW_HOME),
        row(ADDRESS, "MUUTETTU", **OLD_HOME, loppupv=day("2026-10-03")),
    )
    resident.land([within], cursor=START + 100)
    resident.publish()
    assert homes(resident) == [("091", date(2004, 5, 1), None)]
    assert resident.current("address", "street_fi", "valid_to")[0] == ("Uusitie", None)


def test_a_postal_address_follows_another(bench: Bench) -> None:
    group = "KOTIMAINEN_POSTIOSOITE"
    old = {"postiosoite": {"fi": "Poste restante"}, "alkupv": day("2011-01-15")}
    new = {"postiosoite": {}, "postinumero": "65100", "alkupv": day("2020-01-27")}
    bench.land([basic("A", row(group, **old))], kind="baseline")
    changed = message(
        "A",
        "2026-11-05T08:00:00Z",
        row(group, "LISATTY", **new),
        row(group, "MUUTETTU", **old, loppupv=day("2020-01-26")),
    )
    bench.land([changed], cursor=START + 100)
    bench.publish()
    assert bench.current("address", "address_line_fi", "postal_code", "valid_to") == [
        ("Poste restante", None, date(2020, 1, 27)),
        (None, "65100", None),
    ]
