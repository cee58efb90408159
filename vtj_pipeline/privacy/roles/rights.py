"""The roles, and what each of them may read: data, no behaviour.

Add a schema or a table to a role here, and nowhere else; what is not named is nobody's but the
owner's. Keep out how rights are given (`plan.py`) and to whom (`grants.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "vtj_"
SCHEMAS = (
    "municipality", "wellbeing_area", "protected", "analyst", "statistics", "quality",
    "reference", "timeline", "register", "ledger", "audit",
)  # fmt: skip
"""The schemas whose rights the program keeps, of readers first."""
KEPT_TABLES = ("register", "ledger", "timeline", "audit")
"""The schemas of whose tables every row is nobody's but the owner's, whatever rights are given."""
OF_NOBODY = frozenset(
    {
        "register.schema_version", "register.publication", "register.applied_batch",
        "register.unknown_seen", "register.scope_municipality",
        "ledger.schema_version", "ledger.baseline_round", "ledger.landing_batch", "ledger.call",
        "ledger.day_round", "ledger.source_call", "ledger.quota_day", "ledger.code_list_version",
        "ledger.reconciliation", "ledger.reconciliation_drift", "ledger.proven_cursor",
    }
)  # fmt: skip
"""The tables of register and ledger that tell of no person, not even by a hash."""


@dataclass(frozen=True)
class Role:
    """One role.

    Attributes:
        name: As commands and `audit.role_grant` have it.
        purpose: For whom, in a few words.
        schemas: Everything in them may be read.
        tables: So may these, as `schema.name`.
        by_municipality: Its rows of persons are those of the municipalities that are granted.
        must_end: It is given with an end and a reason only.
        owns: It reads and writes everything; no login gets it by the program's commands.
    """

    name: str
    purpose: str
    schemas: tuple[str, ...] = ()
    tables: frozenset[str] = frozenset()
    by_municipality: bool = False
    must_end: bool = False
    owns: bool = False

    @property
    def group(self) -> str:
        """The role's name in PostgreSQL: a role of the cluster that nobody logs in with."""
        return f"{PREFIX}{self.name}"

    def may_read(self, schema: str, name: str) -> bool:
        """Whether the role reads a view or table."""
        return self.owns or schema in self.schemas or f"{schema}.{name}" in self.tables


ROLES = (
    Role("owner", "the pipeline itself", owns=True),
    Role(
        "caseworker",
        "who works with persons by name; withheld places are not told",
        schemas=("municipality", "wellbeing_area"),
        by_municipality=True,
    ),
    Role(
        "protected",
        "in addition the withheld places, for a time and a reason",
        schemas=("protected",),
        by_municipality=True,
        must_end=True,
    ),
    Role(
        "analyst",
        "figures, and persons under pseudonyms",
        schemas=("analyst", "statistics", "quality"),
        by_municipality=True,
    ),
    Role(
        "operator",
        "whether the pipeline does its work: counts and the ledger, no persons",
        schemas=("quality",),
        tables=OF_NOBODY,
    ),
    Role("auditor", "who was given what, and until when", schemas=("audit",)),
)
"""Every role; the owner first."""
GRANTABLE = {role.name: role for role in ROLES if not role.owns}
"""The roles that a login can be given, by name."""
