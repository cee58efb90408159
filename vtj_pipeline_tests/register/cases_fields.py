"""Hand-written cases about fields that a sandbox seldom tells, or tells alike."""

from __future__ import annotations

from datetime import date

from vtj_pipeline_tests.builders import day, row
from vtj_pipeline_tests.register.cases import T1, T2, T3, Case, Row, change, first, fresh, now
from vtj_pipeline_tests.register.cases_person import FOREIGN, LANGUAGE, foreign

_FLAT: Row = {
    "rakennustunnus": "900000041C",
    "osoitenumero": 2,
    "huoneistokirjain": "F",
    "huoneistonumero": "028",
    "jakokirjain": "a",
    "kuntakoodi": "091",
}
_FLAT_COLUMNS = (
    "building_id address_number stairwell apartment_number apartment_division municipality_code"
)
_FLAT_VALUES = ("900000041C", 2, "F", "028", "a", "091")
_OFFICE: Row = {"postinumero": "00640", "postitoimipaikka": {"fi": "HELSINKI", "sv": "HELSINGFORS"}}
_OFFICE_VALUES = ("00640", "HELSINKI", "HELSINGFORS")
_OFFICE_COLUMNS = "postal_code post_office_fi post_office_sv"
_COUNTRY: Row = {"valtiokoodi": "998", "valtionimi": "Kosovo"}
KINDS = {"VAKINAINEN": "permanent", "TILAPAINEN": "temporary"}

FIELD_CASES = (
    *(
        Case(
            f"a street address of kind {kind} has all that is told of it",
            (
                first(
                    row(
                        f"{group}_KOTIMAINEN_OSOITE",
                        katunimi={"fi": "Mikkolantie", "sv": "Mickelsvägen"},
                        katunumero="5-7",
                        **_FLAT,
                        **_OFFICE,
                    )
                ),
            ),
            (
                now(
                    "address",
                    f"address_type street_fi street_sv house_number {_FLAT_COLUMNS} "
                    f"{_OFFICE_COLUMNS}",
                    (
                        f"{kind}_domestic",
                        "Mikkolantie",
                        "Mickelsvägen",
                        "5-7",
                        *_FLAT_VALUES,
                        *_OFFICE_VALUES,
                    ),
                ),
            ),
        )
        for group, kind in KINDS.items()
    ),
    *(
        Case(
            f"an address abroad of kind {kind} has all that is told of it",
            (
                first(
                    row(
                        f"{group}_ULKOMAINEN_OSOITE",
                        lahiosoite="Pikk 3",
                        paikkakunta="10123 TALLINN",
                        **_COUNTRY,
                    )
                ),
            ),
            (
                now(
                    "address",
                    "address_type foreign_line foreign_place country_code country_name",
                    (f"{kind}_foreign", "Pikk 3", "10123 TALLINN", "998", "Kosovo"),
                ),
            ),
        )
        for group, kind in KINDS.items()
    ),
    Case(
        "postal addresses have all that is told of them",
        (
            first(
                row("KOTIMAINEN_POSTIOSOITE", postiosoite={"fi": "PL 1", "sv": "PB 1"}, **_OFFICE),
                row(
                    "ULKOMAINEN_POSTIOSOITE",
                    postiosoite="P.O. Box 1",
                    postiosoiteLisarivi="c/o Testi",
                    postitoimipaikka="TALLINN",
                    **_COUNTRY,
                ),
            ),
        ),
        (
            now(
                "address",
                f"address_type address_line_fi address_line_sv {_OFFICE_COLUMNS} foreign_line "
                "foreign_extra_line foreign_place country_code country_name",
                ("postal_domestic", "PL 1", "PB 1", *_OFFICE_VALUES, *(None,) * 5),
                (
                    "postal_foreign",
                    *(None,) * 5,
                    "P.O. Box 1",
                    "c/o Testi",
                    "TALLINN",
                    "998",
                    "Kosovo",
                ),
            ),
        ),
    ),
    *(
        Case(
            f"a dwelling of kind {kind} has all that is told of it",
            (
                first(
                    row(
                        f"{group}_KOTIMAINEN_ASUINPAIKKATUNNUS",
                        **_FLAT,
                        asuinpaikantunnus="900000041C2F028a",
                    ),
                    row(
                        f"{group}_ULKOMAILLA_ASUMINEN",
                        valtiokoodi="233",
                        asuinpaikantunnus="20023300000000",
                    ),
                ),
            ),
            (
                now(
                    "residence",
                    f"residence_type residence_id country_code {_FLAT_COLUMNS}",
                    (f"{kind}_dwelling", "900000041C2F028a", None, *_FLAT_VALUES),
                    (f"{kind}_abroad", "20023300000000", "233", *(None,) * 6),
                ),
            ),
        )
        for group, kind in KINDS.items()
    ),
    Case(
        "names have both spellings, and what is noted",
        (
            first(
                row(
                    "HENKILON_NIMI",
                    etunimi="Aino",
                    sukunimi="Testi",
                    etunimiUTF8="Aíno",
                    sukunimiUTF8="Tešti",
                    lisatieto="note",
                ),
                row("KUTSUMANIMI", nimilaji="NYKYINEN_KUTSUMANIMI", nimi="Aino", nimiUTF8="Aíno"),
            ),
        ),
        (
            now(
                "name",
                "first_names last_name first_names_utf8 last_name_utf8 note call_name "
                "call_name_utf8",
                ("Aino", "Testi", "Aíno", "Tešti", "note", "Aino", "Aíno"),
            ),
        ),
    ),
    Case(
        "a language that its code does not tell has a name",
        (first(row(LANGUAGE, kielikoodi="98", kielikoodiISO6392="fse", nimi="viittomakieli")),),
        (now("language", "language_code language_name", ("98", "viittomakieli")),),
    ),
    Case(
        "fresh data end the language that they do not list, and leave no trace of it",
        (
            first(row(LANGUAGE, kielikoodi="fi", alkupv=day("2000-01-01"))),
            fresh(row(LANGUAGE, kielikoodi="sv", alkupv=day("2026-10-02"))),
        ),
        (now("language", "language_code", ("sv",)),),
    ),
    Case(
        "fresh data end the foreign codes in force that they do not list, and no passive one",
        (
            first(
                row(FOREIGN, **foreign("752", "1", voimassaolo="PASSIIVI")),
                row(FOREIGN, **foreign("752", "2", voimassaolo="AKTIIVI")),
            ),
            fresh(row(FOREIGN, **foreign("752", "3"))),
        ),
        (now("foreign_identity_code", "foreign_code", ("1",), ("3",)),),
    ),
    Case(
        "what is known of coming and going is carried side by side",
        (
            first(
                row("SUOMEEN_MUUTTOPAIVA", suomeenMuuttopv=day("1990-01-01")),
                row("VALTIO_JOSTA_MUUTTANUT", valtiokoodi="233"),
            ),
            change(1, T1, row("VALTIO_JOHON_MUUTTANUT", "LISATTY", valtiokoodi="752")),
            change(
                2,
                T2,
                row(
                    "POISSAOLO",
                    "LISATTY",
                    poissaolo="KOTIPAIKKA_POHJOISMAISSA",
                    siirtopv=day("2026-10-01"),
                ),
            ),
            change(3, T3, row("VALTIO_JOSTA_MUUTTANUT", "MUUTETTU", valtiokoodi="276")),
        ),
        (
            now(
                "migration",
                "moved_to_finland_on immigrated_from_country_code emigrated_to_country_code "
                "absence_kind absent_since",
                (
                    date(1990, 1, 1),
                    "276",
                    "752",
                    "KOTIPAIKKA_POHJOISMAISSA",
                    date(2026, 10, 1),
                ),
            ),
        ),
    ),
    Case(
        "coming and going are taken away each on its own",
        (
            first(
                row("SUOMEEN_MUUTTOPAIVA", suomeenMuuttopv=day("1990-01-01")),
                row("VALTIO_JOSTA_MUUTTANUT", valtiokoodi="233"),
                row("VALTIO_JOHON_MUUTTANUT", valtiokoodi="752"),
                row("POISSAOLO", poissaolo="KOTIPAIKKA_POHJOISMAISSA"),
            ),
            change(1, T1, row("VALTIO_JOHON_MUUTTANUT", "POISTETTU", valtiokoodi="752")),
            change(2, T2, row("POISSAOLO", "POISTETTU", poissaolo="KOTIPAIKKA_POHJOISMAISSA")),
        ),
        (
            now(
                "migration",
                "moved_to_finland_on immigrated_from_country_code emigrated_to_country_code "
                "absence_kind",
                (date(1990, 1, 1), "233", None, None),
            ),
        ),
    ),
)
