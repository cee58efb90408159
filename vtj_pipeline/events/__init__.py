"""Landed answers turned into events: one row for each tietoryhma row that the source gave.

An events file is a pure function of one landed file and the catalogue, so it can always be made
again. Add what concerns reading answers. Keep out what the rows mean together (`register/`).
"""

from vtj_pipeline.events.extract import ExtractReport, events_path, extract_events
from vtj_pipeline.events.reader import fingerprint

__all__ = ["ExtractReport", "events_path", "extract_events", "fingerprint"]
