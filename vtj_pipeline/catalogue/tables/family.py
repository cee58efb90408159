"""Tables about a person's relations to other persons.

Keep out what is told of one person alone (`person.py`).
"""

from vtj_pipeline.catalogue.columns import IS_ACTIVE, RELATED_PERSON, code, dated, text
from vtj_pipeline.catalogue.model import RELATED, Column, Table

FAMILY_TABLES = (
    Table(
        "marital_status",
        "One row a person: the civil status.",
        (
            code(
                "marital_status",
                "siviilisaaty",
                "Civil status.",
                "PUUTTUU",
                "EI_TIETOA",
                "NAIMATON",
                "AVIOLIITOSSA",
                "ASUMUSEROSSA",
                "ERONNUT",
                "LESKI",
                "REKISTEROIDYSSA_PARISUHTEESSA",
                "ERONNUT_REKISTEROIDYSTA_PARISUHTEESTA",
                "LESKI_REKISTEROIDYN_PARISUHTEEN_JALKEEN",
            ),
        ),
        parts=("status",),
    ),
    Table(
        "marriage",
        "One row for each marriage and registered partnership of a person, with the spouse.",
        (
            text("union_type", "tietoryhma", "marriage or registered_partnership."),
            Column("order_number", "integer", "jarjestysnumero", "Which of the person's unions."),
            *RELATED_PERSON,
            IS_ACTIVE,
            code(
                "manner",
                "vihkitapa, virallistamistapa",
                "How it was entered into.",
                "KIRKOLLINEN_VIHKIMINEN",
                "SIVIILIVIHKIMINEN",
                "VIHKITAPA_EI_TIEDOSSA",
                "REKISTEROINTI",
                "PARISUHDE_AVIOLIITOKSI",
                "AVIOLIITTO_PARISUHTEEKSI",
            ),
        ),
        has_validity=True,
        maskable=True,
        open_when="is_active is not false",
    ),
    Table(
        "parent_child",
        "One row for each parent and each child of a person.",
        (
            text("relation", "lapsi, vanhempi, rooli", "What the other is: parent or child."),
            *RELATED_PERSON,
            code(
                "parent_role",
                "isaAiti",
                "Mother or father, by birth or adoption.",
                "AITI",
                "ISA",
                "ADOPTIOAITI",
                "ADOPTIOISA",
            ),
            code("parent_title", "vanhemmuusnimike", "The parent's title.", "AITI", "ISA"),
            code(
                "parenthood_basis",
                "lapsilaatu",
                "What the relation rests on.",
                "AVIOLAPSI",
                "AU_LAPSI",
                "AITIYS_VAHVISTETTU",
                "SAATU_ADOPTIOLAPSEKSI",
            ),
            *dated("adopted_on", "adoptiosuhde.alkupv", "Day of adoption."),
            text("order_letter", "jarjestyskirjain", "Letter that tells children apart."),
            Column(
                "has_ended",
                "boolean",
                "voimassaolo, lapsiVanhempiSuhdePaattynyt",
                "The relation is over; null where the group does not tell.",
            ),
        ),
        has_validity=True,
        maskable=True,
        open_when="has_ended is not true",
        fact=("relation", RELATED),
    ),
    Table(
        "guardianship",
        "One row for each guardian of a child, and for each child of a guardian.",
        (
            text("role", "huoltaja, huollettava", "What the other is: guardian or dependant."),
            *RELATED_PERSON,
            code(
                "guardian_kind",
                "huoltajanLaji",
                "By law or by decision.",
                "LAKISAATEINEN_HUOLTAJA",
                "MAARATTY_HUOLTAJA",
            ),
            code(
                "guardian_role",
                "huoltajanRooli",
                "Who the guardian is to the child.",
                "AITI",
                "ISA",
                "ADOPTIOAITI",
                "ADOPTIOISA",
                "TUNNUSTANUT_AITI",
                "MUU_HUOLTAJA",
            ),
            text("living", "asuminen", "With whom the child lives, such as AIDIN_LUONA."),
            *dated("living_from", "asumisenAlkupv", "First day of living so."),
            *dated("living_to", "asumisenLoppupv", "Day on which that ends."),
            Column(
                "rights",
                "jsonb",
                "oikeudet",
                "Rights as the source tells them; free text in them is sensitive.",
            ),
        ),
        has_validity=True,
        maskable=True,
        fact=("role", RELATED, "valid_from"),
    ),
    Table(
        "adult_guardianship",
        "One row for each guardian, or holder of a continuing power of attorney, of an adult.",
        (
            text("guardianship_type", "tietoryhma", "guardianship or power_of_attorney."),
            *RELATED_PERSON,
        ),
        has_validity=True,
        maskable=True,
    ),
)
