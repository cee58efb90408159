"""What protects persons: keys, encrypted files, pseudonyms, roles, reads.

Keep out everything that does not serve that purpose.
"""

from vtj_pipeline.privacy.audit_tables import audit_statements, create_audit
from vtj_pipeline.privacy.data_keys import DataKey, DataKeys, data_keys
from vtj_pipeline.privacy.keys import AnalystKey, PersonKey, analyst_key, has_person_key, person_key
from vtj_pipeline.privacy.masked_views import MaskedViews, look_at_views
from vtj_pipeline.privacy.pseudonyms import Pseudonyms, keep_pseudonyms
from vtj_pipeline.privacy.reads import about_pgaudit, forget_old_reads

__all__ = [
    "AnalystKey",
    "DataKey",
    "DataKeys",
    "MaskedViews",
    "PersonKey",
    "Pseudonyms",
    "about_pgaudit",
    "analyst_key",
    "audit_statements",
    "create_audit",
    "data_keys",
    "forget_old_reads",
    "has_person_key",
    "keep_pseudonyms",
    "look_at_views",
    "person_key",
]
