"""What protects persons: keys today; masking rules, roles and erasure as they come.

Keep out everything that does not serve that purpose.
"""

from vtj_pipeline.privacy.keys import PersonKey, person_key

__all__ = ["PersonKey", "person_key"]
