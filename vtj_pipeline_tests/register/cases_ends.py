"""Hand-written cases about ends of places: the last day told, or an end that nobody told."""

from __future__ import annotations

from datetime import date

from vtj_pipeline_tests.builders import day, row
from vtj_pipeline_tests.register.cases import T1, Case, Row, change, first, fresh, now
from vtj_pipeline_tests.register.cases_withheld import FAR, SAMPLES

ENDED = {"KOTIKUNTA", "VUODENVAIHTEEN_KUNTA", "ULKOMAINEN_POSTIOSOITE", "SAHKOPOSTIOSOITE"}
# Present and past groups that tell one history.
HISTORIES = {
    "EDELLINEN_KOTIKUNTA": ("KOTIKUNTA", "home_municipality"),
    "EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": (
        "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS",
        "residence",
    ),
    "ENTINEN_OLINPAIKASSA_ASUMINEN": ("VAKINAINEN_OLINPAIKASSA_ASUMINEN", "residence"),
    "ENTINEN_ULKOMAILLA_ASUMINEN": ("VAKINAINEN_ULKOMAILLA_ASUMINEN", "residence"),
}


def spans(group: str, start: str, end: str | None = None) -> Row:
    """A row of a place with its first and last day, as the group spells them."""
    place = {"valtiokoodi": "752"} if "ULKOMA" in group else {"kuntakoodi": "091"}
    stay = group.endswith(("_KUNTA", "KOTIKUNTA"))
    names = ("kuntaanMuuttopv", "kunnastaPoisMuuttopv") if stay else ("alkupv", "loppupv")
    found = {**place, names[0]: day(start)}
    return found if end is None else {**found, names[1]: day(end)}


END_CASES = (
    *(
        Case(
            f"the end of {group} is its last day",
            (
                first(row(group, **spans(group, "2020-01-01"))),
                change(1, T1, row(group, "MUUTETTU", **spans(group, "2020-01-01", "2026-09-30"))),
            ),
            (
                now(
                    table,
                    "valid_from valid_to valid_to_precision",
                    (date(2020, 1, 1), date(2026, 10, 1), "day"),
                ),
            ),
        )
        for group, table in (
            *((group, table) for group, (table, _) in SAMPLES.items() if group not in ENDED),
            *((past, table) for past, (_, table) in HISTORIES.items()),
        )
    ),
    *(
        Case(
            f"a row of {present} ends untold where a later one begins",
            (
                first(row(present, **spans(present, "2020-01-01"))),
                change(1, T1, row(present, "LISATTY", **spans(present, "2026-09-30"))),
            ),
            (
                now(
                    table,
                    "valid_from valid_to",
                    (date(2020, 1, 1), date(2026, 9, 30)),
                    (date(2026, 9, 30), None),
                ),
            ),
        )
        for present, table in HISTORIES.values()
    ),
    *(
        Case(
            f"a row of {present} ends untold where one begins whose end is in the far future",
            (
                first(row(present, **spans(present, "2020-01-01"))),
                change(1, T1, row(present, "LISATTY", **spans(present, "2026-09-30", FAR))),
            ),
            (
                now(
                    table,
                    "valid_from valid_to",
                    (date(2020, 1, 1), date(2026, 9, 30)),
                    (date(2026, 9, 30), date(2999, 3, 1)),
                ),
            ),
        )
        for present, table in HISTORIES.values()
        if present not in ENDED
    ),
    *(
        Case(
            f"a row of {past} without an end ends untold too",
            (
                first(row(past, **spans(past, "2020-01-01"))),
                change(1, T1, row(present, "LISATTY", **spans(present, "2026-09-30"))),
            ),
            (
                now(
                    table,
                    "valid_from valid_to",
                    (date(2020, 1, 1), date(2026, 9, 30)),
                    (date(2026, 9, 30), None),
                ),
            ),
        )
        for past, (present, table) in HISTORIES.items()
    ),
    *(
        Case(
            f"fresh data that tell {past} alone leave what is open",
            (
                first(row(present, **spans(present, "2020-01-01"))),
                fresh(row(past, **spans(past, "2010-01-01", "2012-12-31"))),
            ),
            (
                now(
                    table,
                    "valid_from valid_to",
                    (date(2010, 1, 1), date(2013, 1, 1)),
                    (date(2020, 1, 1), None),
                ),
            ),
        )
        for past, (present, table) in HISTORIES.items()
    ),
    *(
        Case(
            f"two open rows of {group} stand both, whatever their starts",
            (
                first(
                    row(group, **spans(group, "2020-01-01")),
                    row(group, **spans(group, "2021-01-01")),
                ),
            ),
            (
                now(
                    SAMPLES[group][0],
                    "valid_from valid_to",
                    (date(2020, 1, 1), None),
                    (date(2021, 1, 1), None),
                ),
            ),
        )
        for group in SAMPLES
        if group.startswith("TILAPAINEN")
    ),
)
