"""Strategies for corrections of personal identity codes (contract §4.5).

Replacements, chains, merges, codes passivated without a successor, corrections taken back, and
lists of earlier codes that name strangers. Keep out all other groups (`rows.py`).
"""

from __future__ import annotations

import hypothesis.strategies as st

from vtj_pipeline_tests.builders import Row, day, row
from vtj_pipeline_tests.properties.rows import ATTRIBUTES, CODES

GROUP = "HENKILOTUNNUS_KORJAUS"


def correction(
    attribute: str | None, status: str, changed: str, active: str | None, *earlier: str
) -> Row:
    """One row; `attribute` only in changes."""
    return row(
        GROUP,
        attribute,
        voimassaolo=status,
        muutettuHenkilotunnus=changed,
        aktiivinenHenkilotunnus=active,
        edellisetHenkilotunnukset=list(earlier),
    )


def replacement(old: str, new: str) -> list[Row]:
    """Case A of the contract: told under the old code."""
    return [
        correction("LISATTY", "AKTIIVI", new, new, old),
        correction("MUUTETTU", "PASSIIVI", old, new, old),
    ]


@st.composite
def corrections(draw: st.DrawFn, subject: str) -> list[Row]:
    """The rows of a message about the codes of a person."""
    other = draw(st.sampled_from([code for code in CODES if code != subject]))
    kind = draw(st.integers(0, 6))
    if kind in (0, 1):
        return replacement(subject, other)
    if kind == 2:
        return [
            correction("LISATIETO", "AKTIIVI", subject, subject, other),
            correction("MUUTETTU", "PASSIIVI", other, subject, other),
        ]
    if kind == 3:
        return [correction("MUUTETTU", "PASSIIVI", subject, draw(st.sampled_from([None, ""])))]
    if kind == 4:
        return [
            correction("KORJATTAVA", "PASSIIVI", subject, other),
            correction("KORJATTU", "AKTIIVI", subject, subject),
        ]
    if kind == 5:
        return [
            row("SYNTYMAPAIVA", "LISATTY", syntymapv=day("1990-01-01")),
            correction("LISATTY", "AKTIIVI", subject, subject, other),
        ]
    return [draw(_any_correction(draw(st.sampled_from(ATTRIBUTES))))]


@st.composite
def corrections_in_basic_data(draw: st.DrawFn, subject: str) -> list[Row]:
    """The rows about codes in a person's basic data."""
    other = draw(st.sampled_from([code for code in CODES if code != subject]))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return [correction(None, "AKTIIVI", subject, subject)]
    if kind == 1:
        return [
            correction(None, "AKTIIVI", subject, subject, other),
            correction(None, "PASSIIVI", other, subject),
        ]
    return [] if kind == 2 else [draw(_any_correction(None))]


def _any_correction(attribute: str | None) -> st.SearchStrategy[Row]:
    codes = st.sampled_from(CODES[:3])
    return st.builds(
        correction,
        st.just(attribute),
        st.sampled_from(["AKTIIVI", "PASSIIVI"]),
        codes,
        st.one_of(codes, st.none()),
    )
