"""Hand-written cases about moves: cancelled, told twice, told by halves, ends told or not."""

from __future__ import annotations

from datetime import date

from vtj_pipeline_tests.builders import day, row
from vtj_pipeline_tests.register.cases import (
    T1,
    T2,
    T3,
    Case,
    Row,
    change,
    first,
    fresh,
    now,
)

HOME, PAST_HOME, ADDRESS = "KOTIKUNTA", "EDELLINEN_KOTIKUNTA", "VAKINAINEN_KOTIMAINEN_OSOITE"
DWELLING = "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"
PAST_DWELLING = "EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS"
TEMPORARY = "TILAPAINEN_KOTIMAINEN_OSOITE"
OLD = {"kuntakoodi": "091", "kuntaanMuuttopv": day("2004-05-01")}
NEW = {"kuntakoodi": "297", "kuntaanMuuttopv": day("2026-10-04")}
LEFT = {**OLD, "kunnastaPoisMuuttopv": day("2026-10-03")}
OLD_STREET = {"katunimi": {"fi": "Vanhatie"}, "alkupv": day("2004-05-01")}
NEW_STREET = {"katunimi": {"fi": "Uusitie"}, "alkupv": day("2026-10-04")}
LEFT_STREET = {**OLD_STREET, "loppupv": day("2026-10-03")}
AT_HOME = first(row(HOME, **OLD), row(ADDRESS, **OLD_STREET))
MOVE = change(
    1,
    T1,
    row(ADDRESS, "LISATTY", **NEW_STREET),
    row(ADDRESS, "MUUTETTU", **LEFT_STREET),
    row(HOME, "LISATTY", **NEW),
    row(PAST_HOME, "MUUTETTU", **LEFT),
)
CANCELLED = (
    row(ADDRESS, "POISTETTU", **NEW_STREET, voimassaolevatTiedot=[row(ADDRESS, **OLD_STREET)]),
    row(ADDRESS, "KORJATTAVA", **LEFT_STREET),
    row(ADDRESS, "KORJATTU", **OLD_STREET),
    row(HOME, "POISTETTU", **NEW, voimassaolevatTiedot=[row(HOME, **OLD)]),
    row(HOME, "LISATIETO", **OLD),
)
PAIR = (row(PAST_HOME, "KORJATTAVA", **LEFT), row(PAST_HOME, "KORJATTU", **OLD))
STANDS_AGAIN = (
    now("home_municipality", "municipality_code valid_to", ("091", None)),
    now("address", "street_fi valid_to", ("Vanhatie", None)),
)


def dwelling(start: str, end: str | None = None, municipality: str = "091") -> Row:
    found: Row = {"kuntakoodi": municipality, "alkupv": day(start)}
    return found if end is None else {**found, "loppupv": day(end)}


MOVE_CASES = (
    Case(
        "a move closes the old home on the day on which the new one begins",
        (AT_HOME, MOVE),
        (
            now(
                "home_municipality",
                "municipality_code valid_from valid_to valid_to_precision",
                ("091", date(2004, 5, 1), date(2026, 10, 4), "day"),
                ("297", date(2026, 10, 4), None, None),
            ),
            now(
                "address",
                "street_fi valid_to",
                ("Vanhatie", date(2026, 10, 4)),
                ("Uusitie", None),
            ),
        ),
    ),
    Case(
        "a cancelled move reopens the old home",
        (AT_HOME, MOVE, change(2, T2, *CANCELLED, *PAIR)),
        STANDS_AGAIN,
    ),
    Case(
        "a cancelled move reopens the old home without the pair too",
        (AT_HOME, MOVE, change(2, T2, *CANCELLED)),
        STANDS_AGAIN,
    ),
    Case(
        "an earlier home that fresh data tell says nothing about the present one",
        (AT_HOME, fresh(row(PAST_HOME, kuntakoodi="297", kuntaanMuuttopv=day("1990-01-01")))),
        (
            now(
                "home_municipality",
                "municipality_code valid_from",
                ("091", date(2004, 5, 1)),
                ("297", date(1990, 1, 1)),
            ),
        ),
    ),
    Case(
        "fresh data end the home that they do not list, and leave no trace of it",
        (AT_HOME, fresh(row(HOME, **NEW))),
        (now("home_municipality", "municipality_code", ("297",)),),
    ),
    Case(
        "homes are told apart by municipality and by start",
        (
            first(
                row(PAST_HOME, **OLD, kunnastaPoisMuuttopv=day("2010-01-01")),
                row(
                    PAST_HOME,
                    kuntakoodi="297",
                    kuntaanMuuttopv=day("2004-05-01"),
                    kunnastaPoisMuuttopv=day("2010-01-01", "KUUKAUSI"),
                ),
                row(
                    PAST_HOME,
                    kuntakoodi="297",
                    kuntaanMuuttopv=day("2011-05-01"),
                    kunnastaPoisMuuttopv=day("2012-01-01", "VUOSI"),
                ),
                row(HOME, kuntakoodi="297", kuntaanMuuttopv=day("2013-05-01")),
            ),
        ),
        (
            now(
                "home_municipality",
                "municipality_code valid_from valid_to valid_to_precision",
                ("091", date(2004, 5, 1), date(2010, 1, 2), "day"),
                ("297", date(2004, 5, 1), date(2010, 1, 1), "month"),
                ("297", date(2011, 5, 1), date(2012, 1, 1), "year"),
                ("297", date(2013, 5, 1), None, None),
            ),
        ),
    ),
    Case(
        "both spellings of the dates of a stay are read",
        (
            first(
                row(HOME, kuntakoodi="297", kuntaanMuuttoPv=day("2013-05-01")),
                row(
                    PAST_HOME,
                    kuntakoodi="091",
                    kuntaanMuuttoPv=day("2004-05-01"),
                    kunnastaPoisMuuttoPv=day("2013-03-31"),
                ),
            ),
        ),
        (
            now(
                "home_municipality",
                "municipality_code valid_from valid_to",
                ("091", date(2004, 5, 1), date(2013, 4, 1)),
                ("297", date(2013, 5, 1), None),
            ),
        ),
    ),
    Case(
        "a dwelling ends untold where a later one begins",
        (
            first(row(DWELLING, **dwelling("2020-01-01"))),
            change(1, T1, row(DWELLING, "LISATTY", **dwelling("2026-10-01"))),
        ),
        (
            now(
                "residence",
                "valid_from valid_to valid_to_precision",
                (date(2020, 1, 1), date(2026, 10, 1), "day"),
                (date(2026, 10, 1), None, None),
            ),
        ),
    ),
    Case(
        "the untold end stays when the later dwelling is closed in its turn",
        (
            first(row(DWELLING, **dwelling("2020-01-01"))),
            change(1, T1, row(DWELLING, "LISATTY", **dwelling("2026-09-01"))),
            change(2, T2, row(DWELLING, "MUUTETTU", **dwelling("2026-09-01", "2026-10-01"))),
        ),
        (
            now(
                "residence",
                "valid_from valid_to",
                (date(2020, 1, 1), date(2026, 9, 1)),
                (date(2026, 9, 1), date(2026, 10, 2)),
            ),
        ),
    ),
    Case(
        "the untold end is that of the next dwelling, and no earlier one that only came closed",
        (
            first(
                row(DWELLING, **dwelling("2018-01-01")),
                row(PAST_DWELLING, **dwelling("2020-01-01", "2020-12-31", "297")),
            ),
            change(1, T1, row(DWELLING, "LISATTY", **dwelling("2026-09-01"))),
            change(2, T2, row(DWELLING, "LISATTY", **dwelling("2026-10-02"))),
        ),
        (
            now(
                "residence",
                "valid_from valid_to",
                (date(2018, 1, 1), date(2026, 9, 1)),
                (date(2020, 1, 1), date(2021, 1, 1)),
                (date(2026, 9, 1), date(2026, 10, 2)),
                (date(2026, 10, 2), None),
            ),
        ),
    ),
    Case(
        "a correction of the later dwelling once it is closed leaves the untold end",
        (
            first(row(DWELLING, **dwelling("2020-01-01"))),
            change(1, T1, row(DWELLING, "LISATTY", **dwelling("2026-09-01"))),
            change(2, T2, row(DWELLING, "MUUTETTU", **dwelling("2026-09-01", "2026-10-01"))),
            change(
                3,
                T3,
                row(DWELLING, "KORJATTAVA", **dwelling("2026-09-01", "2026-10-01")),
                row(DWELLING, "KORJATTU", **dwelling("2026-09-01", "2026-09-30")),
                row(DWELLING, "LISATTY", **dwelling("2026-10-03")),
            ),
        ),
        (
            now(
                "residence",
                "valid_from valid_to",
                (date(2020, 1, 1), date(2026, 9, 1)),
                (date(2026, 9, 1), date(2026, 10, 1)),
                (date(2026, 10, 3), None),
            ),
        ),
    ),
    Case(
        "what ends untold stands again when the later dwelling is taken back",
        (
            first(row(DWELLING, **dwelling("2020-01-01"))),
            change(1, T1, row(DWELLING, "LISATTY", **dwelling("2026-10-01"))),
            change(2, T2, row(DWELLING, "POISTETTU", **dwelling("2026-10-01"))),
        ),
        (now("residence", "valid_from valid_to", (date(2020, 1, 1), None)),),
    ),
    Case(
        "an address ends where a later one of its kind begins, told or not, a temporary one not",
        (
            first(
                row(ADDRESS, **OLD_STREET),
                row(TEMPORARY, **OLD_STREET),
                row("KOTIMAINEN_POSTIOSOITE", postinumero="1", alkupv=day("2004-05-01")),
                row("VAKINAINEN_ULKOMAINEN_OSOITE", valtiokoodi="752", alkupv=day("2004-05-01")),
                row("TILAPAINEN_ULKOMAINEN_OSOITE", valtiokoodi="752", alkupv=day("2004-05-01")),
            ),
            change(
                1,
                T1,
                row(ADDRESS, "LISATTY", **NEW_STREET),
                row(TEMPORARY, "LISATTY", **NEW_STREET),
                row("KOTIMAINEN_POSTIOSOITE", "LISATTY", postinumero="2", alkupv=day("2026-10-04")),
                row(
                    "VAKINAINEN_ULKOMAINEN_OSOITE",
                    "LISATTY",
                    valtiokoodi="233",
                    alkupv=day("2026-10-04"),
                ),
                row(
                    "TILAPAINEN_ULKOMAINEN_OSOITE",
                    "LISATTY",
                    valtiokoodi="233",
                    alkupv=day("2026-10-04"),
                ),
            ),
        ),
        (
            now(
                "address",
                "address_type valid_from valid_to",
                *(
                    (kind, date(2004, 5, 1), date(2026, 10, 4))
                    for kind in ("permanent_domestic", "postal_domestic", "permanent_foreign")
                ),
                *(
                    (kind, date(2026, 10, 4), None)
                    for kind in ("permanent_domestic", "postal_domestic", "permanent_foreign")
                ),
                *(
                    (kind, start, None)
                    for kind in ("temporary_domestic", "temporary_foreign")
                    for start in (date(2004, 5, 1), date(2026, 10, 4))
                ),
            ),
        ),
    ),
)
