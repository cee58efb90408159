"""The register tables that the groups fold into (design §7.4).

Add a table, in the module of its subject, when a group needs one of its own. Keep out groups
(`groups/`), and the tables that are not folded: `person`, `publication` and their like stand in
`register/sql/`. Columns that several tables share stand in `columns.py`.
"""

from vtj_pipeline.catalogue.columns import text
from vtj_pipeline.catalogue.model import OTHER_GROUP, Column, Table
from vtj_pipeline.catalogue.tables.family import FAMILY_TABLES
from vtj_pipeline.catalogue.tables.person import PERSON_TABLES
from vtj_pipeline.catalogue.tables.place import PLACE_TABLES

_OTHER = (
    Table(
        OTHER_GROUP,
        "One row for each row of a tietoryhma that has no table of its own, as received.",
        (
            text("tietoryhma", "tietoryhma", "Name of the group."),
            Column("payload", "jsonb", "tietoryhmat[]", "The row, without its change attribute."),
        ),
        maskable=True,
    ),
)

TABLES: dict[str, Table] = {
    table.name: table for table in (*PERSON_TABLES, *PLACE_TABLES, *FAMILY_TABLES, *_OTHER)
}
