"""The register tables that the groups fold into (design §7.4).

Add a table when a group needs one of its own. Keep out groups (`groups.py`), and the tables that
are not folded: `person`, `publication` and their like stand in `register/sql/`.
"""

from vtj_pipeline.catalogue.model import IDENTITY_CODE, OTHER_GROUP, Column, Table


def _precision(of: str, finnish: str) -> Column:
    return Column(
        f"{of}_precision",
        "text",
        f"{finnish}.tarkkuus",
        "How exact the date is: day, month, year or unknown.",
    )


_TABLES = (
    Table(
        IDENTITY_CODE,
        "One row for each personal identity code that a person has or had.",
        (
            Column("identity_code", "text", "henkilotunnus", "Personal identity code."),
            Column("is_active", "boolean", "voimassaolo", "The code is in force."),
        ),
        open_when="true",
    ),
    Table(
        "name",
        "One row a person: the official name and the name in daily use.",
        (
            Column("first_names", "text", "etunimi", "All given names, as received."),
            Column("last_name", "text", "sukunimi", "Surname, as received."),
            Column("call_name", "text", "kutsumanimi", "The given name in daily use."),
            Column("first_names_utf8", "text", "etunimiUTF8", "Given names, full spelling."),
            Column("last_name_utf8", "text", "sukunimiUTF8", "Surname, full spelling."),
        ),
        has_validity=True,
        parts=("official", "call"),
    ),
    Table(
        "birth",
        "One row a person: when and where they were born.",
        (
            Column("birth_date", "date", "syntymapv", "Date of birth."),
            _precision("birth_date", "syntymapv"),
            Column(
                "birth_municipality_code",
                "text",
                "syntymakotikunta",
                "Home municipality at birth; 200 = born abroad.",
            ),
        ),
        parts=("date", "municipality"),
    ),
    Table(
        "sex",
        "One row a person: the registered sex.",
        (Column("sex", "text", "sukupuoli", "MIES, NAINEN or PUUTTUU."),),
        parts=("sex",),
    ),
    Table(
        "death",
        "One row for a person whose death was recorded, or recorded and taken back.",
        (
            Column("is_dead", "boolean", "kuollut", "False where a death was taken back."),
            Column("death_date", "date", "kuolinpv", "Date of death; null where not known."),
            _precision("death_date", "kuolinpv"),
        ),
        parts=("death",),
    ),
    Table(
        "protection_order",
        "One row for a person under an order of non-disclosure (turvakielto), or once under one.",
        (
            Column("is_active", "boolean", "turvakieltoAktiivinen", "The order is in force."),
            Column("ends_on", "date", "turvaLoppuPv", "Planned end, or the end once it is over."),
            _precision("ends_on", "turvaLoppuPv"),
        ),
        parts=("order",),
    ),
    Table(
        "home_municipality",
        "One row for each stay of a person in a home municipality.",
        (
            Column(
                "municipality_code",
                "text",
                "kuntakoodi",
                "Municipality; 198 none in Finland, 199 unknown, 200 abroad.",
            ),
        ),
        has_validity=True,
        maskable=True,
    ),
    Table(
        "address",
        "One row for each address of a person, of each kind.",
        (
            Column("address_type", "text", "tietoryhma", "permanent_domestic, postal_domestic."),
            Column("street_fi", "text", "katunimi.fi", "Street, in Finnish."),
            Column("street_sv", "text", "katunimi.sv", "Street, in Swedish."),
            Column("house_number", "text", "katunumero", "Number on the street."),
            Column("stairwell", "text", "huoneistokirjain", "Letter of the stairwell."),
            Column("apartment_number", "text", "huoneistonumero", "Three digits; 000 = none."),
            Column("apartment_division", "text", "jakokirjain", "Letter of a divided dwelling."),
            Column("postal_code", "text", "postinumero", "Postal code."),
            Column("post_office_fi", "text", "postitoimipaikka.fi", "Post office, in Finnish."),
            Column("post_office_sv", "text", "postitoimipaikka.sv", "Post office, in Swedish."),
            Column("building_id", "text", "rakennustunnus", "Permanent building identifier."),
            Column("address_number", "integer", "osoitenumero", "Which of a building's addresses."),
            Column("municipality_code", "text", "kuntakoodi", "Municipality of the address."),
            Column("address_line_fi", "text", "postiosoite.fi", "Free postal line, in Finnish."),
            Column("address_line_sv", "text", "postiosoite.sv", "Free postal line, in Swedish."),
            Column("country_code", "text", "valtiokoodi", "Country, ISO 3166 numeric."),
        ),
        has_validity=True,
        maskable=True,
    ),
    Table(
        "language",
        "One row for each language of a person, by role.",
        (
            Column("language_role", "text", "tietoryhma", "mother_tongue."),
            Column("language_code", "text", "kielikoodi", "ISO 639-1; 98 = see the name."),
            Column("language_code_iso6392", "text", "kielikoodiISO6392", "ISO 639-2."),
            Column("language_name", "text", "nimi", "Name, where the code does not tell it."),
        ),
        has_validity=True,
    ),
    Table(
        "citizenship",
        "One row for each citizenship that a person has or had.",
        (
            Column("country_code", "text", "kansalaisuuskoodi", "ISO 3166 numeric; 998 = by name."),
            Column("country_name", "text", "kansalaisuusnimi", "Name, where the code is 998."),
            Column("is_active", "boolean", "voimassaolo", "The citizenship is in force."),
        ),
        has_validity=True,
        open_when="valid_to is null and is_active is not false",
    ),
    Table(
        OTHER_GROUP,
        "One row for each row of a tietoryhma that has no table of its own, as received.",
        (
            Column("tietoryhma", "text", "tietoryhma", "Name of the group."),
            Column("payload", "jsonb", "tietoryhmat[]", "The row, without its change attribute."),
        ),
        maskable=True,
        open_when="true",
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}
