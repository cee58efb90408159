"""The ledger's tables, read from their DDL, and what their columns mean.

Add a column's meaning when `landing/ledger.sql` gets a column. Keep out the register's tables.
"""

from __future__ import annotations

from importlib.resources import files

from vtj_pipeline.commands.dictionary.ddl import Described, described_tables

_SUBSCRIPTION = "Name of the subscription."
_BATCH = "The landed batch of answers (ledger.landing_batch)."
_RUN = "The Dagster run that did it."
_PERSON = "Keyed hash that stands for the person, as the asked code has it on its own."
_DAY = "The day of changes in Finland that was fetched."
_ASKED = "Number of codes asked for; 0 where the source chose the persons."
_ANSWERED = "Number of persons or messages in the answers."
_CAUGHT_UP = "The source had no more (ajanTasalla)."
_STARTED = "When it began."
_COMPLETED = "When it came to its end; null if it did not."
_VERSION = "The version of the code list (ledger.code_list_version)."
_ROUND = "Number of the round, counting up."
_GROUP = "The tietoryhma; empty for the person as a whole."
_UNIT = "What was fetched in one go: a municipality, a part of a code list, or all."
_PURPOSE = "The endpoint that was asked, as the run names it."
_COMPARED = "Persons compared."
_DRIFTED = "Of these, persons of whom the register said something else than the source."
_ERASURE = "The erasure (audit.erasure)."
_RECONCILIATION = "Number of the reconciliation, counting up."

MEANING = {
    "schema_version": {
        "version": "Number of the version, counting up.",
        "name": "What the migration to it is about.",
        "program": "Version of vtj-pipeline that did it.",
        "applied_at": "When it was done.",
    },
    "baseline_round": {
        "round_id": _ROUND,
        "subscription": _SUBSCRIPTION,
        "run_id": _RUN,
        "started_at": _STARTED,
        "completed_at": _COMPLETED,
        "list_version": _VERSION,
    },
    "landing_batch": {
        "batch_id": "Number of the batch, counting up.",
        "subscription": _SUBSCRIPTION,
        "kind": "baseline, change, refresh, reconcile or legacy.",
        "partition_day": _DAY,
        "round_id": "The round of the baseline (ledger.baseline_round).",
        "unit": _UNIT,
        "file": "Where the answers are kept.",
        "sha256": "Hash of the file.",
        "bytes": "Its size.",
        "calls": "Number of answers in it.",
        "asked": _ASKED,
        "answered": _ANSWERED,
        "first_cursor": "Place in the source's journal at which it begins.",
        "last_cursor": "Place in the source's journal at which it ends.",
        "caught_up": _CAUGHT_UP,
        "completes_partition": "It is the last one of its unit.",
        "fetched_from": "When the first answer came.",
        "fetched_to": "When the last answer came.",
        "landed_at": "When it became part of the truth.",
        "run_id": _RUN,
        "erasure_id": "The erasure that last took persons out of the file (audit.erasure).",
    },
    "call": {
        "batch_id": _BATCH,
        "sequence": "Place of the answer in the batch.",
        "purpose": _PURPOSE,
        "cursor_in": "The cursor that was asked from.",
        "cursor_out": "The cursor that the source gave back (viimeisinKirjausavain).",
        "caught_up": _CAUGHT_UP,
        "asked_hash": "Hash that stands for what was asked.",
        "asked": _ASKED,
        "answered": _ANSWERED,
        "fetched_at": "When the answer came.",
        "status": "Its HTTP status.",
        "body_sha256": "Hash of the answer as received.",
        "extraction_date": "The day that a weekly copy is of (poimintapv).",
    },
    "refresh_asked": {
        "subscription": _SUBSCRIPTION,
        "person_id": _PERSON,
        "reason": "Why the basic data were asked for anew.",
        "recorded_at": "When the population information system recorded what gave the reason.",
        "batch_id": _BATCH,
        "asked_at": "When the person was asked for.",
        "was_answered": "The answer had the person.",
    },
    "day_round": {
        "round_id": _ROUND,
        "subscription": _SUBSCRIPTION,
        "partition_day": _DAY,
        "units": "The units that the day needs to be whole.",
        "run_id": _RUN,
        "started_at": _STARTED,
        "completed_at": _COMPLETED,
    },
    "source_call": {
        "call_id": "Number of the try, counting up.",
        "subscription": _SUBSCRIPTION,
        "kind": "What the call was for: baseline, change, refresh, reconcile.",
        "purpose": _PURPOSE,
        "attempt": "Which try of the call it was.",
        "started_at": _STARTED,
        "seconds": "How long it took.",
        "status": "HTTP status; null where no answer came.",
        "error": "Name of the error; null where there was none.",
        "run_id": _RUN,
    },
    "quota_day": {
        "subscription": _SUBSCRIPTION,
        "day": "The day in Finland.",
        "calls": "Calls made on it, retries included.",
    },
    "code_list_version": {
        "version_id": "Number of the version, counting up.",
        "subscription": _SUBSCRIPTION,
        "seen_at": "When the list was first seen so.",
        "codes": "Number of codes on it.",
        "added": "Codes that the version before did not have.",
        "removed": "Codes that the version before had.",
        "run_id": _RUN,
    },
    "code_list_member": {
        "subscription": _SUBSCRIPTION,
        "code_id": "Keyed hash of the code, which is the person_id that it has on its own.",
        "first_version": "The first version of the list that has it.",
        "removed_version": "The first one after that without it; null while it is listed.",
    },
    "not_answered": {
        "subscription": _SUBSCRIPTION,
        "person_id": _PERSON,
        "tietoryhma": _GROUP,
        "first_asked_at": "When it was first left out, since it was last told.",
        "last_asked_at": "When it was last left out.",
        "times": "How many answers have left it out since.",
        "batch_id": _BATCH,
        "settled_at": "When an answer had it; null while none has.",
    },
    "reconciliation": {
        "reconciliation_id": _RECONCILIATION,
        "subscription": _SUBSCRIPTION,
        "purpose": "The endpoint: perustiedot, or perustiedot-vko for the weekly copy.",
        "sample": "Persons asked for where a sample was drawn; null for all.",
        "seed": "Chose the sample.",
        "members": "Persons in scope that were to be looked at.",
        "answered": _ANSWERED,
        "absent": "Persons in scope whom the source left out.",
        "changed_meanwhile": "Persons not compared: their last change had not landed yet.",
        "compared": _COMPARED,
        "drifted": _DRIFTED,
        "started_at": _STARTED,
        "compared_at": "When register and answers were compared.",
        "run_id": _RUN,
    },
    "reconciliation_drift": {
        "reconciliation_id": "The reconciliation (ledger.reconciliation).",
        "tietoryhma": "The group.",
        "compared": "Persons who have the group in the register or in the answers.",
        "drifted": _DRIFTED,
    },
    "proven_cursor": {
        "subscription": _SUBSCRIPTION,
        "starts_on": "First day of the subscription.",
        "cursor": "Place in the source's journal up to which nothing is missing; null if none is.",
        "reached_at": "The moment that the cursor stands for.",
        "proven_day": "The last day that is whole; null where a baseline reaches further.",
        "days_whole": "Number of days that are whole.",
        "days_behind": "Days that have ended since the last one that landed.",
        "open_breaks": "Places at which changes may be missing.",
        "run_id": "The Dagster run that landed the proof.",
        "proven_at": "When that run had done so.",
        "looked_at": "When the chain was last looked at.",
    },
    "tombstone": {
        "tombstone_id": "Keyed hash of an erased code; another one than its person_id.",
        "erasure_id": _ERASURE,
        "holds_until": "What was recorded until then does not land; null = nothing ever does.",
    },
    "being_erased": {
        "person_id": _PERSON,
        "erasure_id": _ERASURE,
    },
    "legacy_file": {
        "subscription": _SUBSCRIPTION,
        "sha256": "Hash of the file as it came.",
        "name": "Its name.",
        "kind": "MTT (changes) or PTT (basic data).",
        "file_date": "The day in its name, else the newest registration date in it.",
        "file_number": "Its number in the series; null where the name has none.",
        "records": "Number of records in it, those in quarantine included.",
        "groups": "Number of groups of the records that could be read.",
        "quarantined": "Number of records that could not be read.",
        "unknown_groups": "Groups without a known layout, kept as they are: code and how many.",
        "notes": "How many things were odd about it and no fault.",
        "landed_at": "When it had landed whole.",
        "run_id": _RUN,
    },
    "legacy_difference": {
        "subscription": _SUBSCRIPTION,
        "tietoryhma": "The group.",
        "persons_equal": "Persons of whom the files and the baseline say the same.",
        "persons_different": "Persons of whom both say something, and not the same.",
        "persons_only_in_files": "Persons of whom only the files tell the group.",
        "persons_only_in_interface": "Persons of whom only the baseline tells the group.",
        "likely_reason": "Why they most likely differ; empty where they do not.",
        "compared_at": "When they were compared.",
        "run_id": _RUN,
    },
}


def ledger_tables() -> list[Described]:
    """Every table of the ledger, in DDL order."""
    ddl = files("vtj_pipeline.landing").joinpath("ledger.sql").read_text("utf-8")
    return described_tables("ledger", ddl, MEANING)
