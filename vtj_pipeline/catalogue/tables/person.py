"""Tables about the person alone: codes, names, birth, death, protection, citizenship, language.

Keep out where somebody lives (`place.py`) and relations (`family.py`).
"""

from vtj_pipeline.catalogue.columns import COUNTRY, IS_ACTIVE, SEXES, code, dated, text
from vtj_pipeline.catalogue.model import IDENTITY_CODE, Column, Table

PERSON_TABLES = (
    Table(
        IDENTITY_CODE,
        "One row for each personal identity code that a person has or had.",
        (
            text("identity_code", "henkilotunnus", "Personal identity code."),
            Column("is_active", "boolean", "voimassaolo", "The code is in force."),
        ),
    ),
    Table(
        "foreign_identity_code",
        "One row for each identity code that another country has given the person.",
        (
            Column("country_code", "text", "valtiokoodi", COUNTRY, code_list="country"),
            text("foreign_code", "ulkomainenHenkilotunnus", "The code, as that country writes it."),
            code("sex", "sukupuoli", "Sex, as told with the code.", *SEXES),
            text("information_source", "tietolahde", "Who told it, such as HENKILO_ITSE."),
            IS_ACTIVE,
            *dated("issued_on", "antopv", "Day on which the code was given."),
            *dated("stored_on", "vtjTallennuspv", "Day on which the register stored it."),
            text("standing", "vtjVoimassaolo", "How far it is held true, as the source says."),
        ),
        maskable=True,
        open_when="is_active is not false",
    ),
    Table(
        "name",
        "One row a person: the official name and the name in daily use.",
        (
            text("first_names", "etunimi", "All given names, as received."),
            text("last_name", "sukunimi", "Surname, as received."),
            text("call_name", "nimi (KUTSUMANIMI)", "The given name in daily use."),
            text("first_names_utf8", "etunimiUTF8", "Given names, full spelling."),
            text("last_name_utf8", "sukunimiUTF8", "Surname, full spelling."),
            text("call_name_utf8", "nimiUTF8 (KUTSUMANIMI)", "Call name, full spelling."),
            *dated("call_name_since", "alkupv (KUTSUMANIMI)", "First day of the call name."),
            text("note", "lisatieto", "What the source adds to the official name."),
        ),
        has_validity=True,
        parts=("official", "call"),
    ),
    Table(
        "name_history",
        "One row for each name of a person, present and earlier, of each kind.",
        (
            code(
                "name_kind",
                "nimilaji",
                "Kind of name; NYKYINEN_ = present, EDELLINEN_ = earlier.",
                "NYKYINEN_ETUNIMI",
                "EDELLINEN_ETUNIMI",
                "NYKYINEN_SUKUNIMI",
                "EDELLINEN_SUKUNIMI",
                "VIIMEKSI_NAIMATTOMANA_OLLESSA_OLLUT_SUKUNIMI",
                "NYKYINEN_KUTSUMANIMI",
                "EDELLINEN_KUTSUMANIMI",
                "NYKYINEN_VALINIMI",
                "EDELLINEN_VALINIMI",
                "PATRONYYMI",
            ),
            text("name_type", "nimilaji", "The same without NYKYINEN_ or EDELLINEN_."),
            text("name", "nimi", "The name, as received."),
            text("name_utf8", "nimiUTF8", "The name, full spelling."),
            code(
                "change_manner",
                "nimenmuutostapa",
                "How the name was changed.",
                "ETUNIMEN_MUUTOS_HAKEMUKSELLA",
                "KUTSUMANIMEN_MUUTOS",
                "NIMENMUUTOS_ULKOMAILLA",
            ),
        ),
        has_validity=True,
        maskable=True,
        open_when="name_kind not like 'EDELLINEN%'",
        fact=("name_type", "coalesce(valid_from::varchar, name)"),
        one_open_by=("name_type",),
    ),
    Table(
        "birth",
        "One row a person: when and where they were born.",
        (
            *dated("birth_date", "syntymapv", "Date of birth."),
            Column(
                "birth_municipality_code",
                "text",
                "kuntakoodi (SYNTYMAKOTIKUNTA)",
                "Home municipality at birth; 200 = born abroad.",
                code_list="municipality",
            ),
            Column(
                "birth_country_code",
                "text",
                "valtiokoodi (ULKOMAINEN_SYNTYMAPAIKKA)",
                "Country of birth, ISO 3166 numeric; also told of some born in Finland.",
                code_list="country",
            ),
            text("foreign_birth_place", "ulkomainenSyntymapaikka", "Place of birth, as told."),
        ),
        parts=("date", "municipality", "country"),
    ),
    Table(
        "sex",
        "One row a person: the registered sex.",
        (code("sex", "sukupuoli", "Registered sex.", *SEXES),),
        parts=("sex",),
    ),
    Table(
        "death",
        "One row for a person whose death was recorded or declared, or recorded and taken back.",
        (
            Column("is_dead", "boolean", "kuollut", "False where a death was taken back."),
            *dated("death_date", "kuolinpv", "Date of death; null where not known."),
            Column(
                "is_declared_dead",
                "boolean",
                "kuollut (KUOLLEEKSIJULISTAMISPAIVA)",
                "A court has declared the person dead.",
            ),
            *dated("declared_death_date", "kuolleeksijulistamispv", "Date that the court set."),
        ),
        parts=("death", "declaration"),
    ),
    Table(
        "protection_order",
        "One row for a person under an order of non-disclosure (turvakielto), or once under one.",
        (
            Column("is_active", "boolean", "turvakieltoAktiivinen", "The order is in force."),
            *dated("ends_on", "turvaLoppuPv", "Planned end, or the end once it is over."),
        ),
        parts=("order",),
    ),
    Table(
        "disclosure_ban",
        "One row for each ban on a use of the data that the person has set.",
        (
            text(
                "ban_type",
                "tietoryhma",
                "direct_marketing, personal_directories, genealogical_research, "
                "contact_details or customer_register_updates.",
            ),
        ),
        has_validity=True,
        maskable=True,
    ),
    Table(
        "citizenship",
        "One row for each citizenship that a person has or had.",
        (
            Column(
                "country_code",
                "text",
                "kansalaisuuskoodi",
                "ISO 3166 numeric; 998 = by name.",
                code_list="country",
            ),
            text("country_name", "kansalaisuusnimi", "Name, where the code is 998."),
            IS_ACTIVE,
        ),
        has_validity=True,
        maskable=True,
        open_when="is_active is not false",
    ),
    Table(
        "language",
        "One row for each language of a person, by role.",
        (
            text("language_role", "tietoryhma", "mother_tongue or service_language."),
            Column(
                "language_code",
                "text",
                "kielikoodi",
                "ISO 639-1; 98 = see the name.",
                code_list="language",
            ),
            text("language_code_iso6392", "kielikoodiISO6392", "ISO 639-2."),
            text("language_name", "nimi", "Name, where the code does not tell it."),
        ),
        has_validity=True,
        maskable=True,
    ),
    Table(
        "occupation",
        "One row a person: the occupation.",
        (text("occupation", "ammatti", "Occupation, free text."),),
        parts=("occupation",),
    ),
    Table(
        "religion",
        "One row for each thing known of a person's religious community, now and earlier.",
        (
            text(
                "religion_type",
                "tietoryhma",
                "community_kind, community or earlier_community.",
            ),
            code(
                "community_kind",
                "uskontokuntalaji",
                "Kind of community, for community_kind.",
                "EI_USKONTOKUNTAA",
                "EV_LUT",
                "ORT",
                "REK_USK",
                "SAKSALAINEN_SRK",
                "OLAUS_PETRI",
            ),
            text("community_number", "uskontokunta", "Number of the community."),
        ),
        has_validity=True,
        maskable=True,
    ),
)
