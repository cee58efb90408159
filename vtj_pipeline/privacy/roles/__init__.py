"""Roles in PostgreSQL: who may read what of the register, by municipality and until when.

Keep out what is masked for everybody (dbt/macros/masking.sql).
"""

from vtj_pipeline.privacy.roles.apply import apply_roles, keep_rights, plan_roles
from vtj_pipeline.privacy.roles.grants import (
    ALL,
    Grant,
    Wanted,
    give_role,
    list_grants,
    take_role,
)
from vtj_pipeline.privacy.roles.plan import Change
from vtj_pipeline.privacy.roles.rights import GRANTABLE, ROLES, SCHEMAS, Role

__all__ = [
    "ALL",
    "GRANTABLE",
    "ROLES",
    "SCHEMAS",
    "Change",
    "Grant",
    "Role",
    "Wanted",
    "apply_roles",
    "give_role",
    "keep_rights",
    "list_grants",
    "plan_roles",
    "take_role",
]
