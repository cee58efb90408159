"""The register's tables that are not folded, read from their DDL, and what their columns mean.

Add a column's meaning when `register/sql/register.sql` gets a column. Keep out folded tables: the
catalogue describes them.
"""

from __future__ import annotations

from vtj_pipeline.commands.dictionary.ddl import Described, described_tables
from vtj_pipeline.register.template import render

_PERSON = "Keyed hash that stands for the person in every table."
_SUBSCRIPTION = "Name of the subscription."
_FIRST = "When the population information system first recorded anything of the person."
_LAST = "When it last did."
_BATCH = "The landed batch of answers (ledger.landing_batch)."
_PUBLICATION = "Number of the publication, counting up."
MEANING = {
    "schema_version": {
        "version": "Number of the version, counting up.",
        "name": "What the migration to it is about.",
        "program": "Version of vtj-pipeline that did it.",
        "folded_tables": "Hash of the catalogue's part: which folded tables and columns there are.",
        "applied_at": "When it was done.",
    },
    "person": {
        "person_id": _PERSON,
        "identity_code": "Personal identity code in force (henkilotunnus).",
        "is_alive": "Not known to be dead.",
        "is_protected": "Under an order of non-disclosure (turvakielto).",
        "first_recorded": _FIRST,
        "last_recorded": _LAST,
    },
    "scope_municipality": {
        "subscription": _SUBSCRIPTION,
        "municipality_code": "Municipality that it covers (kuntakoodi).",
    },
    "publication": {
        "publication_id": _PUBLICATION,
        "published_at": "When readers first saw it.",
        "run_id": "The Dagster run that made it.",
        "batches": "Number of landed batches that it took in.",
        "persons": "Number of persons whose data it looked at.",
        "counts": "Rows inserted, ended and removed, for each table.",
        "catalogue_fingerprint": "Hash of the catalogue that it was folded by.",
        "anomalies": "Rows that did not fit, by kind, in the histories that it folded.",
    },
    "applied_batch": {"batch_id": _BATCH, "publication_id": "The publication that took it in."},
    "touched_person": {
        "person_id": _PERSON,
        "publication_id": "The latest publication that looked at the person.",
    },
    "quarantine": {
        "quarantine_id": "Hash of where the message or row stands.",
        "batch_id": _BATCH,
        "page": "Page in the batch.",
        "message": "Message on the page.",
        "line": "Row in the message.",
        "tietoryhma": "The group of the row, where it could be told.",
        "person_id": "Whose message it is, as codes are linked now; null where it names nobody.",
        "reason": "Why it could not be read.",
        "subject_id": "The person_id that the code it names would have on its own.",
    },
    "unknown_seen": {
        "kind": "group, field or code.",
        "tietoryhma": "The group, or where the field or code was told.",
        "name": "The field; null for a group. Values are never kept here.",
        "rows": "Of groups and fields, rows landed so far; of codes, rows that stand now.",
        "first_publication_id": "The publication that first met it, or met it again.",
    },
    "person_alias": {
        "alias_id": "A person_id that the person may have been known by.",
        "person_id": "The person_id that counts now.",
    },
    "scope_member": {
        "subscription": _SUBSCRIPTION,
        "person_id": _PERSON,
        "is_member": "The person is in the subscription's scope, as known now.",
        "first_recorded": _FIRST,
        "last_recorded": _LAST,
    },
    "refresh_request": {
        "person_id": _PERSON,
        "reason": "Why the person's basic data (perustiedot) are to be asked for anew.",
        "recorded_at": "When the population information system recorded what gave the reason.",
    },
}


def unfolded_tables() -> list[Described]:
    """Every table of the register that the catalogue does not hold, in DDL order."""
    return described_tables("register", render("register.sql"), MEANING)
