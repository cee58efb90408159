"""Fields and column sources that several groups share.

Add what a second group needs. Keep out groups.
"""

from vtj_pipeline.catalogue.model import Field, Kind

DATE, LOCALIZED, BOOLEAN, INTEGER = Kind.PARTIAL_DATE, Kind.LOCALIZED, Kind.BOOLEAN, Kind.INTEGER


def texts(*names: str) -> tuple[Field, ...]:
    """Fields of plain text."""
    return tuple(Field(name) for name in names)


def dates(*names: str) -> tuple[Field, ...]:
    """Partial dates."""
    return tuple(Field(name, DATE) for name in names)


def span(start: str = "alkupv", end: str = "loppupv") -> tuple[Field, ...]:
    """A first and a last day."""
    return dates(start, end)


def same(*columns: str) -> dict[str, str]:
    """Pairs of column and field path, written `column=path`."""
    return dict(one.split("=", 1) for one in columns)


def dated(column: str, path: str) -> dict[str, str]:
    """A date column and its precision."""
    return {column: path, f"{column}_precision": f"{path}.tarkkuus"}


IS_ACTIVE = {"is_active": "{voimassaolo} is distinct from 'PASSIIVI'"}

RELATED_FIELDS = (
    *texts("henkilotunnus", "etunimet", "sukunimi", "etunimetUTF8", "sukunimiUTF8"),
    Field("syntymapv", DATE),
    *texts("sukupuoli", "kansalaisuuskoodi"),
)


def person_field(name: str) -> Field:
    """A field that holds a related person (contract §3.0)."""
    return Field(name, Kind.OBJECT, RELATED_FIELDS)


def person_columns(name: str) -> dict[str, str]:
    """The columns of a related person."""
    return {
        "related_identity_code": f"{name}.henkilotunnus",
        "related_first_names": f"{name}.etunimet",
        "related_last_name": f"{name}.sukunimi",
        "related_first_names_utf8": f"{name}.etunimetUTF8",
        "related_last_name_utf8": f"{name}.sukunimiUTF8",
        **dated("related_birth_date", f"{name}.syntymapv"),
        "related_sex": f"{name}.sukupuoli",
        "related_citizenship_code": f"{name}.kansalaisuuskoodi",
    }


FLAT_FIELDS = texts("huoneistokirjain", "huoneistonumero", "jakokirjain")
FLAT_COLUMNS = {
    "stairwell": "huoneistokirjain",
    "apartment_number": "huoneistonumero",
    "apartment_division": "jakokirjain",
}
BUILDING_FIELDS = (Field("rakennustunnus"), Field("osoitenumero", INTEGER))
BUILDING_COLUMNS = {"building_id": "rakennustunnus", "address_number": "osoitenumero"}
