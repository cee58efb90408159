"""Every group that the contract names (contract §3), by subject.

Add a group as one entry in the module of its subject; nothing else needs an edit. A group that is
not here is normal: it goes whole to `other_group`. Keep out tables (`tables/`) and all that runs.
"""

from vtj_pipeline.catalogue.groups.family import FAMILY_GROUPS
from vtj_pipeline.catalogue.groups.other import OTHER_GROUPS
from vtj_pipeline.catalogue.groups.person import PERSON_GROUPS
from vtj_pipeline.catalogue.groups.place import PLACE_GROUPS
from vtj_pipeline.catalogue.groups.residence import RESIDENCE_GROUPS
from vtj_pipeline.catalogue.model import Catalogue, Tietoryhma
from vtj_pipeline.catalogue.tables import TABLES

GROUPS: dict[str, Tietoryhma] = {
    group.name: group
    for group in (
        *PERSON_GROUPS,
        *PLACE_GROUPS,
        *RESIDENCE_GROUPS,
        *FAMILY_GROUPS,
        *OTHER_GROUPS,
    )
}
CATALOGUE = Catalogue(groups=GROUPS, tables=TABLES)
