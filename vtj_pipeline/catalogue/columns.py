"""Columns that register tables share, and short ways to write one.

Add what a second table needs. Keep out tables (`tables/`).
"""

from vtj_pipeline.catalogue.model import Column

SEXES = ("MIES", "NAINEN", "PUUTTUU")
COUNTRY = "Country, ISO 3166 numeric; 998 = see the name."


def text(name: str, finnish: str, description: str) -> Column:
    """A column of text."""
    return Column(name, "text", finnish, description)


def code(name: str, finnish: str, description: str, *codes: str) -> Column:
    """A column of text with one of the values that are known."""
    return Column(name, "text", finnish, description, codes=codes)


def dated(name: str, finnish: str, description: str) -> tuple[Column, Column]:
    """A date and how exact it is (contract §3.0)."""
    precision = Column(
        f"{name}_precision",
        "text",
        f"{finnish}.tarkkuus",
        "How exact the date is: day, month, year or unknown.",
    )
    return Column(name, "date", finnish, description), precision


IS_ACTIVE = Column("is_active", "boolean", "voimassaolo", "In force; false = over.")
MUNICIPALITY = Column(
    "municipality_code",
    "text",
    "kuntakoodi",
    "Municipality; 198 none in Finland, 199 unknown, 200 abroad.",
    code_list="municipality",
)
FLAT = (
    text("stairwell", "huoneistokirjain", "Letter of the stairwell."),
    text("apartment_number", "huoneistonumero", "Three digits; 000 = none."),
    text("apartment_division", "jakokirjain", "Letter of a divided dwelling."),
)
DWELLING = (
    text("building_id", "rakennustunnus", "Permanent building identifier."),
    Column("address_number", "integer", "osoitenumero", "Which of a building's addresses."),
)
RELATED_PERSON = (
    text("related_identity_code", "henkilotunnus", "The other person's identity code, if told."),
    text("related_first_names", "etunimet", "The other person's given names."),
    text("related_last_name", "sukunimi", "The other person's surname."),
    text("related_first_names_utf8", "etunimetUTF8", "Given names, full spelling."),
    text("related_last_name_utf8", "sukunimiUTF8", "Surname, full spelling."),
    *dated("related_birth_date", "syntymapv", "The other person's date of birth."),
    code("related_sex", "sukupuoli", "The other person's sex.", *SEXES),
    Column(
        "related_citizenship_code",
        "text",
        "kansalaisuuskoodi",
        "The other person's citizenship, ISO 3166 numeric.",
        code_list="country",
    ),
)
