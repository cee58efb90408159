"""Groups about the person alone (contract §3.1, §3.2, §3.9).

Keep out where somebody lives (`place.py`) and relations (`family.py`).
"""

from vtj_pipeline.catalogue.groups.shapes import (
    BOOLEAN,
    DATE,
    IS_ACTIVE,
    dated,
    dates,
    same,
    span,
    texts,
)
from vtj_pipeline.catalogue.model import Field, Kind, Tietoryhma

_CITIZENSHIP = (
    *texts("kansalaisuuskoodi", "kansalaisuusnimi", "voimassaolo"),
    *dates("saamispv", "menetyspv"),
)
_NAME = (*texts("nimilaji", "nimi", "nimiUTF8"), *span())
_NAME_TYPE = "regexp_replace({nimilaji}, '^(NYKYINEN|EDELLINEN)_', '')"
_BAN_SOURCE = "contract §3.2: presence = ban in force"


def _name_history(name: str, finnish: str, rank: int, more: tuple[str, ...]) -> Tietoryhma:
    return Tietoryhma(
        name=name,
        finnish=finnish,
        description="Names of a person, present and earlier, one row each.",
        fields=(*_NAME, *texts(*more)),
        table="name_history",
        columns={
            **same("name_kind=nimilaji", "name=nimi", "name_utf8=nimiUTF8"),
            "name_type": _NAME_TYPE,
            **({"change_manner": more[0]} if more else {}),
        },
        # A name that turns from NYKYINEN_ into EDELLINEN_ keeps its first day; without one, all
        # that tells it is the name itself.
        key=("name_type", "coalesce(valid_from::varchar, name)"),
        start="alkupv",
        end="loppupv",
        end_is_inclusive=False,
        rank=rank,
        one_open=True,
        source="contract §3.1, §4.3, §4.6; §8 #15: the wide variant tells more, so it wins",
    )


def _ban(name: str, finnish: str, ban: str, description: str) -> Tietoryhma:
    return Tietoryhma(
        name=name,
        finnish=finnish,
        description=description,
        fields=dates("alkupv"),
        table="disclosure_ban",
        columns={"ban_type": f"'{ban}'"},
        start="alkupv",
        source=_BAN_SOURCE,
    )


PERSON_GROUPS = (
    Tietoryhma(
        name="HENKILOTUNNUS_KORJAUS",
        finnish="henkilötunnuksen korjaus",
        description="A personal identity code of the person, in force or replaced.",
        fields=(
            *texts("voimassaolo", "muutettuHenkilotunnus", "aktiivinenHenkilotunnus"),
            Field("edellisetHenkilotunnukset", Kind.TEXT_LIST),
        ),
        table="identity_code",
        columns={
            "identity_code": "muutettuHenkilotunnus",
            "is_active": "{voimassaolo} = 'AKTIIVI'",
        },
        key=("identity_code",),
        sweeps=False,
        source="contract §3.1, §4.5",
    ),
    Tietoryhma(
        name="ULKOMAINEN_HENKILOTUNNUS",
        finnish="ulkomainen henkilötunnus",
        description="An identity code that another country has given the person.",
        fields=(
            *texts("ulkomainenHenkilotunnus", "sukupuoli", "valtiokoodi", "tietolahde"),
            *texts("voimassaolo"),
            *dates("antopv", "vtjTallennuspv"),
            *texts("vtjVoimassaolo"),
        ),
        table="foreign_identity_code",
        columns={
            **same("country_code=valtiokoodi", "foreign_code=ulkomainenHenkilotunnus"),
            **same("sex=sukupuoli", "information_source=tietolahde", "standing=vtjVoimassaolo"),
            **IS_ACTIVE,
            **dated("issued_on", "antopv"),
            **dated("stored_on", "vtjTallennuspv"),
        },
        key=("country_code", "foreign_code"),
        source="contract §3.1",
    ),
    Tietoryhma(
        name="HENKILON_NIMI",
        finnish="henkilön nimi",
        description="The person's official name.",
        fields=(
            *texts("etunimi", "sukunimi", "etunimiUTF8", "sukunimiUTF8"),
            *dates("alkupv"),
            *texts("lisatieto"),
        ),
        table="name",
        part="official",
        columns={
            **same("first_names=etunimi", "last_name=sukunimi", "note=lisatieto"),
            **same("first_names_utf8=etunimiUTF8", "last_name_utf8=sukunimiUTF8"),
        },
        start="alkupv",
        may_be_unchanged=("last_name",),
        source="contract §3.1, §4.6; old files: group 004 with a blank surname (§8 no. 8 there)",
    ),
    Tietoryhma(
        name="KUTSUMANIMI",
        finnish="kutsumanimi",
        description="The given name in daily use.",
        fields=_NAME,
        table="name",
        part="call",
        columns={
            **same("call_name=nimi", "call_name_utf8=nimiUTF8"),
            **dated("call_name_since", "alkupv"),
        },
        only={"nimilaji": ("NYKYINEN_KUTSUMANIMI",)},
        source="contract §3.1, §4.6: only NYKYINEN_KUTSUMANIMI sets the current name",
    ),
    _name_history("NIMENMUUTOS_LAAJA", "nimenmuutos, laaja tietoryhmä", 1, ("nimenmuutostapa",)),
    _name_history("NIMENMUUTOS", "nimenmuutos", 2, ()),
    Tietoryhma(
        name="SYNTYMAPAIVA",
        finnish="syntymäpäivä",
        description="Date of birth.",
        fields=dates("syntymapv"),
        table="birth",
        part="date",
        columns=dated("birth_date", "syntymapv"),
        source="contract §3.1",
    ),
    Tietoryhma(
        name="SYNTYMAKOTIKUNTA",
        finnish="syntymäkotikunta",
        description="Home municipality at birth.",
        fields=texts("kuntakoodi"),
        table="birth",
        part="municipality",
        columns={"birth_municipality_code": "kuntakoodi"},
        source="contract §3.1",
    ),
    Tietoryhma(
        name="ULKOMAINEN_SYNTYMAPAIKKA",
        finnish="ulkomainen syntymäpaikka",
        description="Country and place of birth; also told of some born in Finland.",
        fields=texts("valtiokoodi", "ulkomainenSyntymapaikka"),
        table="birth",
        part="country",
        columns=same(
            "birth_country_code=valtiokoodi", "foreign_birth_place=ulkomainenSyntymapaikka"
        ),
        source="contract §3.1, §8 #30",
    ),
    Tietoryhma(
        name="SUKUPUOLI",
        finnish="sukupuoli",
        description="Registered sex.",
        fields=texts("sukupuoli"),
        table="sex",
        part="sex",
        columns={"sex": "sukupuoli"},
        source="contract §3.1",
    ),
    Tietoryhma(
        name="KUOLINPAIVA",
        finnish="kuolinpäivä",
        description="Death, and its date where known.",
        fields=(Field("kuollut", BOOLEAN), Field("kuolinpv", DATE)),
        table="death",
        part="death",
        columns={"is_dead": "kuollut", **dated("death_date", "kuolinpv")},
        source="contract §3.1, §4.6; a death without a date is still a death (§8 #24)",
    ),
    Tietoryhma(
        name="KUOLLEEKSIJULISTAMISPAIVA",
        finnish="kuolleeksijulistamispäivä",
        description="That a court has declared the person dead, and the date that it set.",
        fields=(Field("kuollut", BOOLEAN), Field("kuolleeksijulistamispv", DATE)),
        table="death",
        part="declaration",
        columns={
            "is_declared_dead": "kuollut",
            **dated("declared_death_date", "kuolleeksijulistamispv"),
        },
        source="contract §3.1: can stand beside KUOLINPAIVA",
    ),
    Tietoryhma(
        name="TURVAKIELTO",
        finnish="turvakielto",
        description="Order of non-disclosure for personal safety.",
        fields=(Field("turvakieltoAktiivinen", BOOLEAN), Field("turvaLoppuPv", DATE)),
        table="protection_order",
        part="order",
        columns={"is_active": "turvakieltoAktiivinen", **dated("ends_on", "turvaLoppuPv")},
        protects="turvakieltoAktiivinen",
        source="contract §3.2, §7: the boolean decides, a date that has passed changes nothing",
    ),
    _ban(
        "SUORAMARKKINOINTIKIELTO",
        "suoramarkkinointikielto",
        "direct_marketing",
        "Ban on direct marketing.",
    ),
    _ban(
        "HENKILOMATRIKKELIKIELTO",
        "henkilömatrikkelikielto",
        "personal_directories",
        "Ban on use for directories of persons.",
    ),
    _ban(
        "SUKUTUTKIMUSKIELTO",
        "sukututkimuskielto",
        "genealogical_research",
        "Ban on use for genealogical research.",
    ),
    _ban(
        "YHTEYSTIETOJEN_LUOVUTUSKIELTO",
        "yhteystietojen luovutuskielto",
        "contact_details",
        "Ban on giving out contact details.",
    ),
    _ban(
        "ASIAKASREKISTERIN_PAIVITYSKIELTO",
        "asiakasrekisterin päivityskielto",
        "customer_register_updates",
        "Ban on updating registers of customers.",
    ),
    Tietoryhma(
        name="KANSALAISUUS",
        finnish="kansalaisuus",
        description="All citizenships of the person, as one list.",
        fields=tuple(
            Field(name, Kind.OBJECT_LIST, _CITIZENSHIP)
            for name in (
                "henkilonKansalaisuudet",
                "korjattavatKansalaisuudet",
                "korjatutKansalaisuudet",
                "poistetutKansalaisuudet",
                "lisatytKansalaisuudet",
                "muutetutKansalaisuudet",
            )
        ),
        table="citizenship",
        whole_list="henkilonKansalaisuudet",
        removal_keeps_list=True,
        columns={
            **same("country_code=kansalaisuuskoodi", "country_name=kansalaisuusnimi"),
            **IS_ACTIVE,
        },
        key=("country_code", "country_name", "valid_from"),
        start="saamispv",
        end="menetyspv",
        end_is_inclusive=False,
        source="contract §3.1, §4.6: the list is the state after the change",
    ),
    Tietoryhma(
        name="AIDINKIELI",
        finnish="äidinkieli",
        description="Mother tongue.",
        fields=(*texts("kielikoodi", "kielikoodiISO6392", "nimi"), *span()),
        table="language",
        columns={
            "language_role": "'mother_tongue'",
            **same("language_code=kielikoodi", "language_code_iso6392=kielikoodiISO6392"),
            "language_name": "nimi",
        },
        key=("language_code", "language_code_iso6392", "valid_from"),
        start="alkupv",
        end="loppupv",
        end_is_inclusive=False,
        one_open=True,
        source="contract §3.1, §4.3",
    ),
    Tietoryhma(
        name="ASIOINTIKIELI",
        finnish="asiointikieli",
        description="The language in which the person wishes to be served.",
        fields=(*texts("kielikoodi", "kielikoodiISO6392"), *dates("alkupv")),
        table="language",
        columns={
            "language_role": "'service_language'",
            **same("language_code=kielikoodi", "language_code_iso6392=kielikoodiISO6392"),
        },
        start="alkupv",
        source="contract §3.1",
    ),
    Tietoryhma(
        name="AMMATTI",
        finnish="ammatti",
        description="Occupation.",
        fields=texts("ammatti"),
        table="occupation",
        part="occupation",
        columns={"occupation": "ammatti"},
        source="contract §3.1",
    ),
    Tietoryhma(
        name="USKONTOKUNTALAJI",
        finnish="uskontokuntalaji",
        description="Kind of religious community.",
        fields=texts("uskontokuntalaji"),
        table="religion",
        columns={"religion_type": "'community_kind'", "community_kind": "uskontokuntalaji"},
        source="contract §3.9",
    ),
    Tietoryhma(
        name="USKONTOKUNTA",
        finnish="uskontokunta",
        description="The religious community of which the person is a member.",
        fields=(*texts("uskontokunta"), *dates("alkupv")),
        table="religion",
        columns={"religion_type": "'community'", "community_number": "uskontokunta"},
        start="alkupv",
        source="contract §3.9",
    ),
    Tietoryhma(
        name="HISTORIAA_USKONTOKUNNASTA",
        finnish="historiaa uskontokunnasta",
        description="A religious community of which the person was a member.",
        fields=(*texts("uskontokunta"), *span()),
        table="religion",
        columns={"religion_type": "'earlier_community'", "community_number": "uskontokunta"},
        key=("community_number", "valid_from"),
        start="alkupv",
        end="loppupv",
        sweeps=False,
        source="contract §3.9; the last day still counts (§3.0)",
    ),
    Tietoryhma(
        name="REKISTERIVIRANOMAINEN",
        finnish="rekisteriviranomainen",
        description="The authority that keeps the person's data, by number.",
        fields=texts("viranomaisnumero"),
        source="contract §3.9",
    ),
)
