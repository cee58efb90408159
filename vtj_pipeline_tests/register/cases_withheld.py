"""Hand-written cases about protection: withheld is neither absent nor a value, and open is open."""

from __future__ import annotations

from datetime import date

from vtj_pipeline_tests.builders import day, row
from vtj_pipeline_tests.register.cases import (
    T1,
    T2,
    T3,
    Case,
    Row,
    at,
    change,
    ever,
    first,
    fresh,
    masked,
    now,
)
from vtj_pipeline_tests.register.cases_place import (
    ADDRESS,
    AT_HOME,
    CANCELLED,
    DWELLING,
    HOME,
    LEFT,
    MOVE,
    OLD,
    PAIR,
    PAST_DWELLING,
    PAST_HOME,
    TEMPORARY,
    dwelling,
)

ON = row("TURVAKIELTO", "LISATTY", turvakieltoAktiivinen=True)
OFF = row("TURVAKIELTO", "MUUTETTU", turvakieltoAktiivinen=False, turvaLoppuPv=day("2030-01-01"))
HIDDEN = (masked(ADDRESS, "MUUTETTU"), masked(HOME, "MUUTETTU"))
FAR = "2999-02-28"
_OTHER: Row = {
    "kuntakoodi": "020",
    "valtiokoodi": "233",
    "postinumero": "2",
    "sahkopostiosoite": "b@b.invalid",
    "vuodenvaihde": 2026,
}
SAMPLES: dict[str, tuple[str, Row]] = {
    "VAKINAINEN_KOTIMAINEN_OSOITE": ("address", {"kuntakoodi": "091", "alkupv": day("2004-05-01")}),
    "TILAPAINEN_KOTIMAINEN_OSOITE": ("address", {"kuntakoodi": "091", "alkupv": day("2004-05-01")}),
    "KOTIMAINEN_POSTIOSOITE": ("address", {"postinumero": "1", "alkupv": day("2004-05-01")}),
    "VAKINAINEN_ULKOMAINEN_OSOITE": (
        "address",
        {"valtiokoodi": "752", "alkupv": day("2004-05-01")},
    ),
    "TILAPAINEN_ULKOMAINEN_OSOITE": (
        "address",
        {"valtiokoodi": "752", "alkupv": day("2004-05-01")},
    ),
    "ULKOMAINEN_POSTIOSOITE": ("address", {"valtiokoodi": "752"}),
    "SAHKOPOSTIOSOITE": ("contact", {"sahkopostiosoite": "a@b.invalid"}),
    "KOTIKUNTA": ("home_municipality", OLD),
    "TILAPAINEN_KUNTA": ("other_municipality", OLD),
    "VUODENVAIHTEEN_KUNTA": ("other_municipality", {"kuntakoodi": "091", "vuodenvaihde": 2025}),
    "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": ("residence", dwelling("2004-05-01")),
    "TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": ("residence", dwelling("2004-05-01")),
    "VAKINAINEN_OLINPAIKASSA_ASUMINEN": ("residence", dwelling("2004-05-01")),
    "TILAPAINEN_OLINPAIKASSA_ASUMINEN": ("residence", dwelling("2004-05-01")),
    "VAKINAINEN_ULKOMAILLA_ASUMINEN": (
        "residence",
        {"valtiokoodi": "752", "alkupv": day("2004-05-01")},
    ),
    "TILAPAINEN_ULKOMAILLA_ASUMINEN": (
        "residence",
        {"valtiokoodi": "752", "alkupv": day("2004-05-01")},
    ),
}
OTHERS: dict[str, Row] = {
    group: {
        **sample,
        **{name: value for name, value in _OTHER.items() if name in sample},
        **{name: day("2026-10-02") for name in ("alkupv", "kuntaanMuuttopv") if name in sample},
    }
    for group, (_, sample) in SAMPLES.items()
}


def _three_states(group: str, table: str, sample: Row) -> tuple[Case, ...]:
    return (
        Case(
            f"{group} is a value, then withheld, then a value again",
            (
                first(row(group, **sample)),
                change(1, T1, masked(group, "MUUTETTU")),
                change(2, T2, row(group, "MUUTETTU", **sample)),
            ),
            (
                now(table, "withheld", (False,)),
                ever(table, "withheld recorded_to", (False, at(T1)), (True, at(T2)), (False, None)),
            ),
        ),
        Case(
            f"{group} withheld is neither there nor gone, and fresh data in silence leave it so",
            (
                first(row(group, **sample)),
                change(1, T1, masked(group, "MUUTETTU")),
                fresh(row("SUKUPUOLI", sukupuoli="MIES")),
            ),
            (now(table, "withheld", (True,)),),
        ),
        Case(
            f"a withheld row of {group} that is taken away leaves nothing",
            (first(masked(group)), change(1, T1, masked(group, "POISTETTU"))),
            (now(table, "withheld"),),
        ),
        Case(
            f"fresh data end what of {group} they do not list",
            (first(row(group, **sample)), fresh(row(group, **OTHERS[group]))),
            (now(table, "withheld", (False,)),),
        ),
    )


WITHHELD_CASES = (
    *(
        case
        for group, (table, sample) in SAMPLES.items()
        for case in _three_states(group, table, sample)
    ),
    Case(
        "an order withholds the open home and address, and its end tells them again",
        (AT_HOME, change(1, T1, ON, *HIDDEN)),
        (
            now("home_municipality", "municipality_code withheld", (None, True)),
            now("address", "address_type street_fi withheld", ("permanent_domestic", None, True)),
            now("protection_order", "is_active", (True,)),
        ),
    ),
    Case(
        "an order that comes after a cancelled move withholds what stands again",
        (AT_HOME, MOVE, change(2, T2, *CANCELLED, *PAIR), change(3, T3, ON, *HIDDEN)),
        (
            now("home_municipality", "municipality_code withheld", (None, True)),
            now("address", "street_fi withheld", (None, True)),
        ),
    ),
    Case(
        "an order that comes after a move keeps the home that was left and hides the present one",
        (AT_HOME, MOVE, change(2, T2, ON, *HIDDEN)),
        (
            now(
                "home_municipality",
                "municipality_code valid_to withheld",
                ("091", date(2026, 10, 4), False),
                (None, None, True),
            ),
        ),
    ),
    Case(
        "an order leaves the untold end of an earlier dwelling and hides the present one",
        (
            first(row(DWELLING, **dwelling("2020-01-01"))),
            change(1, T1, row(DWELLING, "LISATTY", **dwelling("2026-10-01"))),
            change(2, T2, ON, masked(DWELLING, "MUUTETTU")),
        ),
        (
            now(
                "residence",
                "valid_from valid_to withheld",
                (date(2020, 1, 1), date(2026, 10, 1), False),
                (None, None, True),
            ),
        ),
    ),
    Case(
        "the closing of an earlier home in the clear does not lift what is withheld",
        (
            AT_HOME,
            change(1, T1, ON, *HIDDEN),
            change(2, T2, row(PAST_HOME, "MUUTETTU", **LEFT)),
        ),
        (
            now(
                "home_municipality",
                "municipality_code withheld",
                ("091", False),
                (None, True),
            ),
        ),
    ),
    Case(
        "an order that ends tells the address, and leaves the home withheld until it is told",
        (
            AT_HOME,
            change(1, T1, ON, *HIDDEN),
            change(
                2,
                T2,
                OFF,
                row(ADDRESS, "MUUTETTU", katunimi={"fi": "Vanhatie"}, alkupv=day("2004-05-01")),
                row(HOME, "LISATIETO", **OLD),
            ),
        ),
        (
            now("home_municipality", "withheld", (True,)),
            now("address", "street_fi withheld", ("Vanhatie", False)),
            now("protection_order", "is_active ends_on", (False, date(2030, 1, 1))),
        ),
    ),
    Case(
        "an order in a message that cannot be read whole outlasts the answer that makes up for it",
        (
            first(row(ADDRESS, katunimi={"fi": "Vanhatie"}, alkupv=day("2004-05-01"))),
            change(
                1,
                T1,
                row("", "LISATTY"),
                row("TURVAKIELTO", "LISATTY", turvakieltoAktiivinen=True),
                masked(TEMPORARY, "MUUTETTU"),
                row("SUKUPUOLI", "LISATTY", sukupuoli="MIES"),
            ),
            fresh(row(ADDRESS, katunimi={"fi": "Uusitie"}, alkupv=day("2026-10-05"))),
        ),
        (
            now("protection_order", "is_active", (True,)),
            now("address", "street_fi withheld", ("Uusitie", False), (None, True)),
            now("sex", "sex"),
        ),
    ),
    Case(
        "while a person is held back an order is lifted, but not by what is broken",
        (
            change(1, T1, ON),
            change(2, T2, row("", "LISATTY"), OFF),
            change(3, T3, OFF),
            fresh(row("SUKUPUOLI", sukupuoli="MIES")),
        ),
        (
            now("protection_order", "is_active", (False,)),
            ever("protection_order", "is_active recorded_to", (True, at(T3)), (False, None)),
        ),
    ),
    Case(
        "an end in the far future is kept, and is open to what withholds",
        (
            first(row(TEMPORARY, katunimi={"fi": "a"}, alkupv=day("2004-05-01"), loppupv=day(FAR))),
            change(1, T1, row("SUKUPUOLI", "LISATTY", sukupuoli="MIES")),
        ),
        (now("address", "street_fi valid_to", ("a", date(2999, 3, 1))),),
    ),
    Case(
        "an end in the far future is withheld like an open one",
        (
            first(row(TEMPORARY, katunimi={"fi": "a"}, alkupv=day("2004-05-01"), loppupv=day(FAR))),
            change(1, T1, masked(TEMPORARY, "MUUTETTU")),
        ),
        (now("address", "street_fi withheld", (None, True)),),
    ),
    Case(
        "an end in the far future lifts what is withheld, and fresh data end it",
        (
            first(masked(TEMPORARY)),
            change(
                1,
                T1,
                row(
                    TEMPORARY,
                    "MUUTETTU",
                    katunimi={"fi": "a"},
                    alkupv=day("2004-05-01"),
                    loppupv=day(FAR),
                ),
            ),
            fresh(row(TEMPORARY, katunimi={"fi": "b"}, alkupv=day("2026-10-05"))),
        ),
        (now("address", "street_fi withheld", ("b", False)),),
    ),
    Case(
        "an earlier dwelling that fresh data tell says nothing about the present one",
        (
            first(row("VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS", **dwelling("2004-05-01"))),
            fresh(row(PAST_DWELLING, **dwelling("1990-05-01"))),
        ),
        (
            now(
                "residence",
                "valid_from",
                (date(2004, 5, 1),),
                (date(1990, 5, 1),),
            ),
        ),
    ),
)
