"""Groups about municipalities and addresses (contract §3.3, §3.4).

All of them are treated as protected on our side, whether the source masks them or not (§7.2).
Keep out dwellings and migration (`residence.py`).
"""

from vtj_pipeline.catalogue.groups.shapes import (
    BUILDING_COLUMNS,
    BUILDING_FIELDS,
    DATE,
    FLAT_COLUMNS,
    FLAT_FIELDS,
    INTEGER,
    LOCALIZED,
    dates,
    same,
    span,
    texts,
)
from vtj_pipeline.catalogue.model import Field, Tietoryhma

_FROM = Field("kuntaanMuuttopv", DATE, aliases=("kuntaanMuuttoPv",))
_TO = Field("kunnastaPoisMuuttopv", DATE, aliases=("kunnastaPoisMuuttoPv",))
_HELD_BACK_ADDRESS = (
    "katunimi",
    "katunumero",
    "huoneistokirjain",
    "huoneistonumero",
    "jakokirjain",
    "postinumero",
    "postitoimipaikka",
    "rakennustunnus",
    "osoitenumero",
    "kuntakoodi",
)
_HELD_BACK_ABROAD = ("lahiosoite", "paikkakunta", "valtiokoodi", "valtionimi")
_COUNTRY = {**same("country_code=valtiokoodi", "country_name=valtionimi")}


def _street_address(name: str, finnish: str, kind: str, description: str) -> Tietoryhma:
    return Tietoryhma(
        name=name,
        finnish=finnish,
        description=description,
        fields=(
            Field("katunimi", LOCALIZED),
            Field("katunumero"),
            *FLAT_FIELDS,
            Field("postinumero"),
            Field("postitoimipaikka", LOCALIZED),
            *BUILDING_FIELDS,
            Field("kuntakoodi"),
            *span(),
        ),
        table="address",
        columns={
            "address_type": f"'{kind}'",
            **same("street_fi=katunimi.fi", "street_sv=katunimi.sv", "house_number=katunumero"),
            **FLAT_COLUMNS,
            "postal_code": "postinumero",
            **same("post_office_fi=postitoimipaikka.fi", "post_office_sv=postitoimipaikka.sv"),
            **BUILDING_COLUMNS,
            "municipality_code": "kuntakoodi",
        },
        key=("valid_from", "building_id", "stairwell", "apartment_number", "apartment_division"),
        start="alkupv",
        end="loppupv",
        one_open=kind.startswith("permanent"),
        withheld_fields=_HELD_BACK_ADDRESS,
        is_location=True,
        source="contract §3.3",
    )


def _foreign_address(name: str, finnish: str, kind: str, description: str) -> Tietoryhma:
    return Tietoryhma(
        name=name,
        finnish=finnish,
        description=description,
        fields=(*texts("lahiosoite", "paikkakunta", "valtiokoodi", "valtionimi"), *span()),
        table="address",
        columns={
            "address_type": f"'{kind}'",
            **same("foreign_line=lahiosoite", "foreign_place=paikkakunta"),
            **_COUNTRY,
        },
        key=("valid_from",),
        start="alkupv",
        end="loppupv",
        one_open=kind.startswith("permanent"),
        withheld_fields=_HELD_BACK_ABROAD,
        is_location=True,
        source="contract §3.3",
    )


PLACE_GROUPS = (
    Tietoryhma(
        name="KOTIKUNTA",
        finnish="kotikunta",
        description="The present home municipality.",
        fields=(Field("kuntakoodi"), _FROM),
        table="home_municipality",
        columns={"municipality_code": "kuntakoodi"},
        key=("municipality_code", "valid_from"),
        start="kuntaanMuuttopv",
        one_open=True,
        withheld_fields=("kuntakoodi", "kuntaanMuuttopv"),
        is_location=True,
        source="contract §3.4, §4.4",
    ),
    Tietoryhma(
        name="EDELLINEN_KOTIKUNTA",
        finnish="edellinen kotikunta",
        description="An earlier home municipality; the row closes the stay that KOTIKUNTA opened.",
        fields=(Field("kuntakoodi"), _FROM, _TO),
        table="home_municipality",
        columns={"municipality_code": "kuntakoodi"},
        key=("municipality_code", "valid_from"),
        start="kuntaanMuuttopv",
        end="kunnastaPoisMuuttopv",
        sweeps=False,
        one_open=True,
        is_location=True,
        source="contract §3.4, §4.4; a snapshot without KOTIKUNTA must not end the present stay",
    ),
    Tietoryhma(
        name="VAESTOKIRJANPITOKUNTA",
        finnish="väestökirjanpitokunta",
        description="Municipality of population book-keeping; may stay after emigration or death.",
        fields=(Field("kuntakoodi"), _FROM),
        table="other_municipality",
        columns={"municipality_type": "'book_keeping'", "municipality_code": "kuntakoodi"},
        start="kuntaanMuuttopv",
        is_location=True,
        source="contract §3.4; left out for protected persons (§7.2)",
    ),
    Tietoryhma(
        name="TILAPAINEN_KUNTA",
        finnish="tilapäinen kunta",
        description="Municipality of a temporary stay.",
        fields=(Field("kuntakoodi"), _FROM, _TO),
        table="other_municipality",
        columns={"municipality_type": "'temporary'", "municipality_code": "kuntakoodi"},
        key=("municipality_code", "valid_from"),
        start="kuntaanMuuttopv",
        end="kunnastaPoisMuuttopv",
        withheld_fields=("kuntakoodi", "kuntaanMuuttopv", "kunnastaPoisMuuttopv"),
        is_location=True,
        source="contract §3.4",
    ),
    Tietoryhma(
        name="VUODENVAIHTEEN_KUNTA",
        finnish="vuodenvaihteen kunta",
        description="Municipality at the turn of a year.",
        fields=(Field("kuntakoodi"), Field("vuodenvaihde", INTEGER)),
        table="other_municipality",
        columns={
            "municipality_type": "'year_end'",
            **same("municipality_code=kuntakoodi", "year=vuodenvaihde"),
        },
        key=("year",),
        withheld_fields=("kuntakoodi", "vuodenvaihde"),
        is_location=True,
        source="contract §3.4",
    ),
    _street_address(
        "VAKINAINEN_KOTIMAINEN_OSOITE",
        "vakinainen kotimainen osoite",
        "permanent_domestic",
        "Permanent address in Finland.",
    ),
    _street_address(
        "TILAPAINEN_KOTIMAINEN_OSOITE",
        "tilapäinen kotimainen osoite",
        "temporary_domestic",
        "Temporary address in Finland.",
    ),
    Tietoryhma(
        name="KOTIMAINEN_POSTIOSOITE",
        finnish="kotimainen postiosoite",
        description="Postal address in Finland.",
        fields=(
            Field("postiosoite", LOCALIZED),
            Field("postinumero"),
            Field("postitoimipaikka", LOCALIZED),
            *span(),
        ),
        table="address",
        columns={
            "address_type": "'postal_domestic'",
            **same("address_line_fi=postiosoite.fi", "address_line_sv=postiosoite.sv"),
            "postal_code": "postinumero",
            **same("post_office_fi=postitoimipaikka.fi", "post_office_sv=postitoimipaikka.sv"),
        },
        key=("valid_from",),
        start="alkupv",
        end="loppupv",
        one_open=True,
        withheld_fields=("postiosoite", "postinumero", "postitoimipaikka"),
        is_location=True,
        source="contract §3.3",
    ),
    _foreign_address(
        "VAKINAINEN_ULKOMAINEN_OSOITE",
        "vakinainen ulkomainen osoite",
        "permanent_foreign",
        "Permanent address abroad.",
    ),
    _foreign_address(
        "TILAPAINEN_ULKOMAINEN_OSOITE",
        "tilapäinen ulkomainen osoite",
        "temporary_foreign",
        "Temporary address abroad.",
    ),
    Tietoryhma(
        name="ULKOMAINEN_POSTIOSOITE",
        finnish="ulkomainen postiosoite",
        description="Postal address abroad.",
        fields=texts(
            "postiosoite", "postiosoiteLisarivi", "postitoimipaikka", "valtiokoodi", "valtionimi"
        ),
        table="address",
        columns={
            "address_type": "'postal_foreign'",
            **same("foreign_line=postiosoite", "foreign_extra_line=postiosoiteLisarivi"),
            "foreign_place": "postitoimipaikka",
            **_COUNTRY,
        },
        withheld_fields=(
            "postiosoite",
            "postiosoiteLisarivi",
            "postitoimipaikka",
            "valtiokoodi",
            "valtionimi",
        ),
        is_location=True,
        source="contract §3.3: fields known from mask lists only",
    ),
    Tietoryhma(
        name="SAHKOPOSTIOSOITE",
        finnish="sähköpostiosoite",
        description="E-mail address.",
        fields=(*texts("sahkopostiosoite", "lajikoodi"), *dates("alkupv")),
        table="contact",
        columns={
            "contact_type": "'email'",
            **same("contact_value=sahkopostiosoite", "contact_source=lajikoodi"),
        },
        start="alkupv",
        withheld_fields=("sahkopostiosoite", "lajikoodi"),
        is_location=True,
        source="contract §3.3",
    ),
)
