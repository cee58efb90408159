"""What the register must hold now of each row of `perustiedot` about the person and the places.

Each group is mapped by hand to its table and all its columns; nothing is taken from the catalogue,
so that the two can disagree. Keep out relations (`expected_family.py`) and the comparison itself
(`source_agreement.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from vtj_pipeline_tests.register.expected_dates import Columns, Row, dated, said, valid

ToRow = Callable[[Row], Columns]

_TEXTS = (
    ("katunimi", "street"),
    ("postitoimipaikka", "post_office"),
    ("postiosoite", "address_line"),
)


def _localized(row: Row) -> Columns:
    return {
        f"{column}_{language}": text
        for name, column in _TEXTS
        for language, text in (row.get(name) or {}).items()
    }


def _flat(row: Row) -> Columns:
    return {
        "stairwell": row.get("huoneistokirjain"),
        "apartment_number": row.get("huoneistonumero"),
        "apartment_division": row.get("jakokirjain"),
        "building_id": row.get("rakennustunnus"),
        "address_number": row.get("osoitenumero"),
        "municipality_code": row.get("kuntakoodi"),
    }


def _street_address(kind: str) -> ToRow:
    return lambda row: {
        "address_type": kind,
        **_localized(row),
        **_flat(row),
        "house_number": row.get("katunumero"),
        "postal_code": row.get("postinumero"),
        **valid(row, "alkupv", "loppupv"),
    }


def _domestic_postal(row: Row) -> Columns:
    return {
        "address_type": "postal_domestic",
        **_localized(row),
        "postal_code": row.get("postinumero"),
        **valid(row, "alkupv", "loppupv"),
    }


def _country(row: Row) -> Columns:
    return {"country_code": row.get("valtiokoodi"), "country_name": row.get("valtionimi")}


def _foreign_address(kind: str) -> ToRow:
    return lambda row: {
        "address_type": kind,
        "foreign_line": row.get("lahiosoite"),
        "foreign_place": row.get("paikkakunta"),
        **_country(row),
        **valid(row, "alkupv", "loppupv"),
    }


def _foreign_postal(row: Row) -> Columns:
    return {
        "address_type": "postal_foreign",
        "foreign_line": row.get("postiosoite"),
        "foreign_extra_line": row.get("postiosoiteLisarivi"),
        "foreign_place": row.get("postitoimipaikka"),
        **_country(row),
    }


def _email(row: Row) -> Columns:
    return {
        "contact_type": "email",
        "contact_value": row.get("sahkopostiosoite"),
        "contact_source": row.get("lajikoodi"),
        **valid(row, "alkupv"),
    }


def _home(row: Row) -> Columns:
    return {
        "municipality_code": row.get("kuntakoodi"),
        **valid(row, "kuntaanMuuttopv", "kunnastaPoisMuuttopv"),
    }


def _other_municipality(kind: str) -> ToRow:
    return lambda row: {
        "municipality_type": kind,
        "year": row.get("vuodenvaihde"),
        **_home(row),
    }


def _dwelling(kind: str) -> ToRow:
    return lambda row: {
        "residence_type": f"{kind}_dwelling",
        "residence_id": row.get("asuinpaikantunnus"),
        **_flat(row),
        **valid(row, "alkupv", "loppupv"),
    }


def _institution(kind: str) -> ToRow:
    return lambda row: {
        "residence_type": f"{kind}_institution",
        "residence_id": row.get("asuinpaikantunnus"),
        "municipality_code": row.get("kuntakoodi"),
        "institution_kind": said(row.get("lajikoodi")),
        "institution_number": row.get("numero"),
        "institution_unit": row.get("laitos"),
        **valid(row, "alkupv", "loppupv"),
    }


def _abroad(kind: str) -> ToRow:
    return lambda row: {
        "residence_type": f"{kind}_abroad",
        "residence_id": row.get("asuinpaikantunnus"),
        "country_code": row.get("valtiokoodi"),
        **valid(row, "alkupv", "loppupv"),
    }


def _ban(kind: str) -> ToRow:
    return lambda row: {"ban_type": kind, **valid(row, "alkupv")}


def _code(row: Row) -> Columns:
    return {
        "identity_code": row["muutettuHenkilotunnus"],
        "is_active": row["voimassaolo"] == "AKTIIVI",
    }


def _foreign_code(row: Row) -> Columns:
    return {
        "country_code": row.get("valtiokoodi"),
        "foreign_code": row.get("ulkomainenHenkilotunnus"),
        "sex": row.get("sukupuoli"),
        "information_source": row.get("tietolahde"),
        "is_active": row.get("voimassaolo") != "PASSIIVI",
        **dated("issued_on", row.get("antopv")),
        **dated("stored_on", row.get("vtjTallennuspv")),
        "standing": row.get("vtjVoimassaolo"),
    }


def _language(role: str) -> ToRow:
    return lambda row: {
        "language_role": role,
        "language_code": row.get("kielikoodi"),
        "language_code_iso6392": row.get("kielikoodiISO6392"),
        "language_name": row.get("nimi"),
        **valid(row, "alkupv", "loppupv", last_day=False),
    }


def _religion(kind: str) -> ToRow:
    return lambda row: {
        "religion_type": kind,
        "community_kind": row.get("uskontokuntalaji"),
        "community_number": said(row.get("uskontokunta")),
        **valid(row, "alkupv", "loppupv"),
    }


def _name(row: Row) -> Columns:
    return {
        "first_names": row.get("etunimi"),
        "last_name": row.get("sukunimi"),
        "first_names_utf8": row.get("etunimiUTF8"),
        "last_name_utf8": row.get("sukunimiUTF8"),
        "note": row.get("lisatieto"),
        **valid(row, "alkupv"),
    }


def _call_name(row: Row) -> Columns:
    if row["nimilaji"] != "NYKYINEN_KUTSUMANIMI":
        return {}
    return {
        "call_name": row.get("nimi"),
        "call_name_utf8": row.get("nimiUTF8"),
        **dated("call_name_since", row.get("alkupv")),
    }


def _death(row: Row) -> Columns:
    return {"is_dead": row["kuollut"], **dated("death_date", row.get("kuolinpv"))}


def _declared_dead(row: Row) -> Columns:
    return {
        "is_declared_dead": row["kuollut"],
        **dated("declared_death_date", row.get("kuolleeksijulistamispv")),
    }


def _protection(row: Row) -> Columns:
    return {
        "is_active": row["turvakieltoAktiivinen"],
        **dated("ends_on", row.get("turvaLoppuPv")),
    }


def _plain(column: str, name: str) -> ToRow:
    return lambda row: {column: row.get(name)}


def _birth_place(row: Row) -> Columns:
    return {
        "birth_country_code": row.get("valtiokoodi"),
        "foreign_birth_place": row.get("ulkomainenSyntymapaikka"),
    }


def _absence(row: Row) -> Columns:
    return {"absence_kind": row.get("poissaolo"), **dated("absent_since", row.get("siirtopv"))}


# One row of the register for each row of the source.
ROWS: dict[str, tuple[str, ToRow]] = {
    "HENKILOTUNNUS_KORJAUS": ("identity_code", _code),
    "ULKOMAINEN_HENKILOTUNNUS": ("foreign_identity_code", _foreign_code),
    "SUORAMARKKINOINTIKIELTO": ("disclosure_ban", _ban("direct_marketing")),
    "HENKILOMATRIKKELIKIELTO": ("disclosure_ban", _ban("personal_directories")),
    "SUKUTUTKIMUSKIELTO": ("disclosure_ban", _ban("genealogical_research")),
    "YHTEYSTIETOJEN_LUOVUTUSKIELTO": ("disclosure_ban", _ban("contact_details")),
    "ASIAKASREKISTERIN_PAIVITYSKIELTO": ("disclosure_ban", _ban("customer_register_updates")),
    "AIDINKIELI": ("language", _language("mother_tongue")),
    "ASIOINTIKIELI": ("language", _language("service_language")),
    "USKONTOKUNTALAJI": ("religion", _religion("community_kind")),
    "USKONTOKUNTA": ("religion", _religion("community")),
    "HISTORIAA_USKONTOKUNNASTA": ("religion", _religion("earlier_community")),
    "KOTIKUNTA": ("home_municipality", _home),
    "EDELLINEN_KOTIKUNTA": ("home_municipality", _home),
    "VAESTOKIRJANPITOKUNTA": ("other_municipality", _other_municipality("book_keeping")),
    "TILAPAINEN_KUNTA": ("other_municipality", _other_municipality("temporary")),
    "VUODENVAIHTEEN_KUNTA": ("other_municipality", _other_municipality("year_end")),
    "VAKINAINEN_KOTIMAINEN_OSOITE": ("address", _street_address("permanent_domestic")),
    "TILAPAINEN_KOTIMAINEN_OSOITE": ("address", _street_address("temporary_domestic")),
    "KOTIMAINEN_POSTIOSOITE": ("address", _domestic_postal),
    "VAKINAINEN_ULKOMAINEN_OSOITE": ("address", _foreign_address("permanent_foreign")),
    "TILAPAINEN_ULKOMAINEN_OSOITE": ("address", _foreign_address("temporary_foreign")),
    "ULKOMAINEN_POSTIOSOITE": ("address", _foreign_postal),
    "SAHKOPOSTIOSOITE": ("contact", _email),
    "VAKINAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": ("residence", _dwelling("permanent")),
    "TILAPAINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": ("residence", _dwelling("temporary")),
    "EDELLINEN_KOTIMAINEN_ASUINPAIKKATUNNUS": ("residence", _dwelling("permanent")),
    "VAKINAINEN_OLINPAIKASSA_ASUMINEN": ("residence", _institution("permanent")),
    "TILAPAINEN_OLINPAIKASSA_ASUMINEN": ("residence", _institution("temporary")),
    "ENTINEN_OLINPAIKASSA_ASUMINEN": ("residence", _institution("permanent")),
    "VAKINAINEN_ULKOMAILLA_ASUMINEN": ("residence", _abroad("permanent")),
    "TILAPAINEN_ULKOMAILLA_ASUMINEN": ("residence", _abroad("temporary")),
    "ENTINEN_ULKOMAILLA_ASUMINEN": ("residence", _abroad("permanent")),
}
# All rows of these groups make one row of a person in the table.
PARTS: dict[str, tuple[str, ToRow]] = {
    "HENKILON_NIMI": ("name", _name),
    "KUTSUMANIMI": ("name", _call_name),
    "SYNTYMAPAIVA": ("birth", lambda row: dated("birth_date", row.get("syntymapv"))),
    "SYNTYMAKOTIKUNTA": ("birth", _plain("birth_municipality_code", "kuntakoodi")),
    "ULKOMAINEN_SYNTYMAPAIKKA": ("birth", _birth_place),
    "SUKUPUOLI": ("sex", _plain("sex", "sukupuoli")),
    "KUOLINPAIVA": ("death", _death),
    "KUOLLEEKSIJULISTAMISPAIVA": ("death", _declared_dead),
    "TURVAKIELTO": ("protection_order", _protection),
    "AMMATTI": ("occupation", _plain("occupation", "ammatti")),
    "SIVIILISAATY": ("marital_status", _plain("marital_status", "siviilisaaty")),
    "SUOMEEN_MUUTTOPAIVA": (
        "migration",
        lambda row: dated("moved_to_finland_on", row.get("suomeenMuuttopv")),
    ),
    "POISSAOLO": ("migration", _absence),
    "VALTIO_JOHON_MUUTTANUT": ("migration", _plain("emigrated_to_country_code", "valtiokoodi")),
    "VALTIO_JOSTA_MUUTTANUT": ("migration", _plain("immigrated_from_country_code", "valtiokoodi")),
}
