"""Groups about dwellings, institutions, living abroad and migration (contract §3.4, §3.5).

The first three are treated as protected on our side, whether the source masks them or not (§7.2).
Keep out municipalities and addresses (`place.py`).
"""

from vtj_pipeline.catalogue.groups.shapes import (
    BUILDING_COLUMNS,
    BUILDING_FIELDS,
    DATE,
    FLAT_COLUMNS,
    FLAT_FIELDS,
    dated,
    dates,
    same,
    span,
    texts,
)
from vtj_pipeline.catalogue.model import Field, Tietoryhma

_HELD_BACK_DWELLING = (
    "rakennustunnus",
    "osoitenumero",
    "huoneistokirjain",
    "huoneistonumero",
    "jakokirjain",
    "kuntakoodi",
    "asuinpaikantunnus",
)
_HELD_BACK_INSTITUTION = ("kuntakoodi", "lajikoodi", "numero", "laitos", "asuinpaikantunnus")


def _dwelling(name: str, finnish: str, kind: str, description: str, past: bool) -> Tietoryhma:
    return Tietoryhma(
        name=name,
        finnish=finnish,
        description=description,
        fields=(
            *BUILDING_FIELDS,
            *FLAT_FIELDS,
            Field("kuntakoodi"),
            *span(),
            Field("asuinpaikantunnus"),
        ),
        table="residence",
        columns={
            "residence_type": f"'{kind}'",
            **same("residence_id=asuinpaikantunnus", "municipality_code=kuntakoodi"),
            **BUILDING_COLUMNS,
            **FLAT_COLUMNS,
        },
        key=("valid_from", "municipality_code"),
        start="alkupv",
        end="loppupv",
        sweeps=not past,
        one_open=kind.startswith("permanent"),
        withheld_fields=() if past else _HELD_BACK_DWELLING,
        is_location=True,
        source="contract §3.5; a move within a municipality ends the dwelling untold (§4.3)",
    )


def _institution(name: str, finnish: str, kind: str, description: str, past: bool) -> Tietoryhma:
    return Tietoryhma(
        name=name,
        finnish=finnish,
        description=description,
        fields=(
            *texts("kuntakoodi", "lajikoodi", "numero", "laitos"),
            *span(),
            Field("asuinpaikantunnus"),
        ),
        table="residence",
        columns={
            "residence_type": f"'{kind}'",
            **same("residence_id=asuinpaikantunnus", "municipality_code=kuntakoodi"),
            **same("institution_kind=lajikoodi", "institution_number=numero"),
            "institution_unit": "laitos",
        },
        key=(
            "valid_from",
            "municipality_code",
            "institution_kind",
            "institution_number",
            "institution_unit",
        ),
        start="alkupv",
        end="loppupv",
        sweeps=not past,
        one_open=kind.startswith("permanent"),
        withheld_fields=() if past else _HELD_BACK_INSTITUTION,
        is_location=True,
        source="contract §3.5",
    )


def _abroad(name: str, finnish: str, kind: str, description: str, past: bool) -> Tietoryhma:
    return Tietoryhma(
        name=name,
        finnish=finnish,
        description=description,
        fields=(*texts("valtiokoodi"), *span(), *texts("asuinpaikantunnus")),
        table="residence",
        columns={
            "residence_type": f"'{kind}'",
            **same("residence_id=asuinpaikantunnus", "country_code=valtiokoodi"),
        },
        key=("valid_from", "country_code"),
        start="alkupv",
        end="loppupv",
        sweeps=not past,
        one_open=kind.startswith("permanent"),
        withheld_fields=() if past else ("valtiokoodi", "asuinpaikantunnus"),
        is_location=True,
        source="contract §3.5",
    )


RESIDENCE_GROUPS = (
    _dwelling(
        "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS",
        "vakinainen kotimainen asuinpaikkatunnus",
        "permanent_dwelling",
        "The dwelling in which the person lives.",
        past=False,
    ),
    _dwelling(
        "TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS",
        "tilapäinen kotimainen asuinpaikkatunnus",
        "temporary_dwelling",
        "The dwelling of a temporary stay.",
        past=False,
    ),
    _dwelling(
        "EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS",
        "edellinen kotimainen asuinpaikkatunnus",
        "permanent_dwelling",
        "A dwelling in which the person lived; some name the municipality alone.",
        past=True,
    ),
    _institution(
        "VAKINAINEN_OLINPAIKASSA_ASUMINEN",
        "vakinainen olinpaikassa asuminen",
        "permanent_institution",
        "The institution in which the person lives, or living without an address.",
        past=False,
    ),
    _institution(
        "TILAPAINEN_OLINPAIKASSA_ASUMINEN",
        "tilapäinen olinpaikassa asuminen",
        "temporary_institution",
        "The institution of a temporary stay.",
        past=False,
    ),
    _institution(
        "ENTINEN_OLINPAIKASSA_ASUMINEN",
        "entinen olinpaikassa asuminen",
        "permanent_institution",
        "An institution in which the person lived.",
        past=True,
    ),
    _abroad(
        "VAKINAINEN_ULKOMAILLA_ASUMINEN",
        "vakinainen ulkomailla asuminen",
        "permanent_abroad",
        "The country in which the person lives.",
        past=False,
    ),
    _abroad(
        "TILAPAINEN_ULKOMAILLA_ASUMINEN",
        "tilapäinen ulkomailla asuminen",
        "temporary_abroad",
        "The country of a temporary stay.",
        past=False,
    ),
    _abroad(
        "ENTINEN_ULKOMAILLA_ASUMINEN",
        "entinen ulkomailla asuminen",
        "permanent_abroad",
        "A country in which the person lived.",
        past=True,
    ),
    Tietoryhma(
        name="SUOMEEN_MUUTTOPAIVA",
        finnish="Suomeen muuttopäivä",
        description="Day of moving to Finland.",
        fields=dates("suomeenMuuttopv"),
        table="migration",
        part="arrival",
        columns=dated("moved_to_finland_on", "suomeenMuuttopv"),
        source="contract §3.4",
    ),
    Tietoryhma(
        name="POISSAOLO",
        finnish="poissaolo",
        description="That the person's home is abroad, and since when.",
        fields=(Field("poissaolo"), Field("siirtopv", DATE)),
        table="migration",
        part="absence",
        columns={"absence_kind": "poissaolo", **dated("absent_since", "siirtopv")},
        source="contract §3.4; MUUTETTU may repeat an old date (§4.2)",
    ),
    Tietoryhma(
        name="VALTIO_JOHON_MUUTTANUT",
        finnish="valtio johon muuttanut",
        description="Country to which the person moved.",
        fields=texts("valtiokoodi"),
        table="migration",
        part="destination",
        columns={"emigrated_to_country_code": "valtiokoodi"},
        source="contract §3.4",
    ),
    Tietoryhma(
        name="VALTIO_JOSTA_MUUTTANUT",
        finnish="valtio josta muuttanut",
        description="Country from which the person moved.",
        fields=texts("valtiokoodi"),
        table="migration",
        part="origin",
        columns={"immigrated_from_country_code": "valtiokoodi"},
        source="contract §3.4",
    ),
)
