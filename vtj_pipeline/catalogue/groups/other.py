"""Groups without a table of their own: kept whole in `other_group` (contract §3.7 to §3.9).

Some are known by their fields, and so by their key; of the others nothing but the name is known.
A group that is not even here is normal: it goes to `other_group` as well, and is counted.
"""

from vtj_pipeline.catalogue.groups.shapes import person_field, texts
from vtj_pipeline.catalogue.model import RELATED, Field, Kind, Tietoryhma

_DETAILS = Field(
    "lisatiedot",
    Kind.OBJECT,
    texts("henkilotunnus", "sukupuoli", "syntymakotikunta", "valtiokoodi"),
)


def _details(name: str, finnish: str, related: str, description: str) -> Tietoryhma:
    return Tietoryhma(
        name=name,
        finnish=finnish,
        description=description,
        fields=(person_field(related), _DETAILS),
        key=(RELATED,),
        related=related,
        source="contract §3.9",
    )


def _named(name: str, finnish: str, description: str, *, is_location: bool = False) -> Tietoryhma:
    return Tietoryhma(
        name=name,
        finnish=finnish,
        description=f"{description} Its fields are not known.",
        is_location=is_location,
        source="contract §3.9: named only",
    )


OTHER_GROUPS = (
    Tietoryhma(
        name="JARJESTYSKIRJAIN",
        finnish="järjestyskirjain",
        description="The letter that tells the person from namesakes of one birth date.",
        fields=texts("jarjestyskirjain"),
        source="contract §3.7",
    ),
    _details(
        "LAPSEN_REKISTEROINNIN_LISATIEDOT",
        "lapsen rekisteröinnin lisätiedot",
        "lapsi",
        "What a parent's data tell of the registration of a child.",
    ),
    _details(
        "MAASTAMUUTON_LISATIEDOT_PUOLISOSTA",
        "maastamuuton lisätiedot puolisosta",
        "puoliso",
        "What a notice of emigration tells of the spouse.",
    ),
    _details(
        "MAASTAMUUTON_LISATIEDOT_VANHEMMASTA",
        "maastamuuton lisätiedot vanhemmasta",
        "vanhempi",
        "What a notice of emigration tells of a parent.",
    ),
    _details(
        "MAASTAMUUTON_LISATIEDOT_HUOLTAJASTA",
        "maastamuuton lisätiedot huoltajasta",
        "huoltaja",
        "What a notice of emigration tells of a guardian.",
    ),
    _named(
        "KOTIMAINEN_YHTEYSOSOITE",
        "kotimainen yhteysosoite",
        "Contact address in Finland that a protected person lets be given out.",
        is_location=True,
    ),
    _named(
        "ULKOMAINEN_YHTEYSOSOITE",
        "ulkomainen yhteysosoite",
        "Contact address abroad that a protected person lets be given out.",
        is_location=True,
    ),
    _named("ASUMUSERO", "asumusero", "Legal separation."),
    _named("HUOSTAANOTTO", "huostaanotto", "A child taken into care."),
    _named("SAHKOINEN_ASIOINTITUNNUS", "sähköinen asiointitunnus", "Identifier for e-services."),
    _named("VIITEHENKILO", "viitehenkilö", "A reference person."),
    _named(
        "VIITEHENKILON_EDELLINEN_NIMI",
        "viitehenkilön edellinen nimi",
        "Earlier name of a reference person.",
    ),
    _named(
        "VIITEHENKILON_EDELLISET_HENKILOTUNNUKSET",
        "viitehenkilön edelliset henkilötunnukset",
        "Earlier codes of a reference person.",
    ),
    _named(
        "LAPSEN_SUKUPUOLI_JA_KANSALAISUUS",
        "lapsen sukupuoli ja kansalaisuus",
        "Sex and citizenship of a child.",
    ),
    _named(
        "ULKOMAALAINEN_JOKA_ON_POISTETTU_VAESTOREKISTERISTA",
        "ulkomaalainen joka on poistettu väestörekisteristä",
        "A foreigner who was removed from the population register.",
    ),
)
