"""What protects persons: keys, encrypted files, pseudonyms; masking rules as they come.

Keep out everything that does not serve that purpose.
"""

from vtj_pipeline.privacy.data_keys import DataKey, DataKeys, data_keys
from vtj_pipeline.privacy.keys import AnalystKey, PersonKey, analyst_key, has_person_key, person_key
from vtj_pipeline.privacy.masked_views import MaskedViews, look_at_views
from vtj_pipeline.privacy.pseudonyms import Pseudonyms, keep_pseudonyms

__all__ = [
    "AnalystKey",
    "DataKey",
    "DataKeys",
    "MaskedViews",
    "PersonKey",
    "Pseudonyms",
    "analyst_key",
    "data_keys",
    "has_person_key",
    "keep_pseudonyms",
    "look_at_views",
    "person_key",
]
