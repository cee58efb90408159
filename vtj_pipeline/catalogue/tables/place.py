"""Tables about where a person lives, lived or can be reached.

Keep out everything that does not tell a location.
"""

from vtj_pipeline.catalogue.columns import COUNTRY, DWELLING, FLAT, MUNICIPALITY, code, dated, text
from vtj_pipeline.catalogue.model import Column, Table

PLACE_TABLES = (
    Table(
        "home_municipality",
        "One row for each stay of a person in a home municipality.",
        (MUNICIPALITY,),
        has_validity=True,
        maskable=True,
    ),
    Table(
        "other_municipality",
        "One row for each municipality that is not the home: temporary, book-keeping, year-end.",
        (
            text("municipality_type", "tietoryhma", "temporary, book_keeping or year_end."),
            MUNICIPALITY,
            Column("year", "integer", "vuodenvaihde", "The year that ended, for year_end."),
        ),
        has_validity=True,
        maskable=True,
    ),
    Table(
        "address",
        "One row for each address of a person, of each kind.",
        (
            text(
                "address_type",
                "tietoryhma",
                "permanent_, temporary_ or postal_, and domestic or foreign.",
            ),
            text("street_fi", "katunimi.fi", "Street, in Finnish."),
            text("street_sv", "katunimi.sv", "Street, in Swedish."),
            text("house_number", "katunumero", "Number on the street."),
            *FLAT,
            text("postal_code", "postinumero", "Postal code."),
            text("post_office_fi", "postitoimipaikka.fi", "Post office, in Finnish."),
            text("post_office_sv", "postitoimipaikka.sv", "Post office, in Swedish."),
            *DWELLING,
            MUNICIPALITY,
            text("address_line_fi", "postiosoite.fi", "Free postal line, in Finnish."),
            text("address_line_sv", "postiosoite.sv", "Free postal line, in Swedish."),
            text("foreign_line", "lahiosoite, postiosoite", "Street or box, abroad."),
            text("foreign_extra_line", "postiosoiteLisarivi", "Second line, abroad."),
            text("foreign_place", "paikkakunta, postitoimipaikka", "Postal code and town, abroad."),
            Column("country_code", "text", "valtiokoodi", COUNTRY, code_list="country"),
            text("country_name", "valtionimi", "Name, where the code is 998."),
        ),
        has_validity=True,
        maskable=True,
    ),
    Table(
        "residence",
        "One row for each dwelling, institution or country in which a person lives or lived.",
        (
            text(
                "residence_type",
                "tietoryhma",
                "permanent_ or temporary_, and dwelling, institution or abroad.",
            ),
            text(
                "residence_id",
                "asuinpaikantunnus",
                "The dwelling's own identifier; blanks at its end are part of it.",
            ),
            *DWELLING,
            *FLAT,
            MUNICIPALITY,
            text("institution_kind", "lajikoodi", "Kind of institution, such as 901."),
            text("institution_number", "numero", "Number within the kind."),
            text("institution_unit", "laitos", "Unit of the institution."),
            Column("country_code", "text", "valtiokoodi", COUNTRY, code_list="country"),
        ),
        has_validity=True,
        maskable=True,
    ),
    Table(
        "migration",
        "One row a person: moving to Finland and away from it.",
        (
            *dated("moved_to_finland_on", "suomeenMuuttopv", "Day of moving to Finland."),
            code(
                "absence_kind",
                "poissaolo",
                "Where the home of an absent person is.",
                "KOTIPAIKKA_POHJOISMAISSA",
                "KOTIPAIKKA_MUUALLA_KUIN_POHJOISMAISSA",
            ),
            *dated("absent_since", "siirtopv", "Day from which the person is absent."),
            Column(
                "emigrated_to_country_code",
                "text",
                "valtiokoodi (VALTIO_JOHON_MUUTTANUT)",
                "Country moved to.",
                code_list="country",
            ),
            Column(
                "immigrated_from_country_code",
                "text",
                "valtiokoodi (VALTIO_JOSTA_MUUTTANUT)",
                "Country moved from.",
                code_list="country",
            ),
        ),
        parts=("arrival", "absence", "destination", "origin"),
    ),
    Table(
        "contact",
        "One row for each electronic address of a person.",
        (
            text("contact_type", "tietoryhma", "email."),
            text("contact_value", "sahkopostiosoite", "The address."),
            text("contact_source", "lajikoodi", "Who told it, such as MAISTRAATTI."),
        ),
        has_validity=True,
        maskable=True,
    ),
)
