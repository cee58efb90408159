"""The files of the retired Muutostietopalvelu (MTT, PTT): read, turned into messages, landed.

An organisation that used the old batch service has years of them, with history from before the
interface. Add what concerns those files. Keep out their layouts, which are data
(`catalogue/legacy.py`), and whatever comes after landing.
"""

from vtj_pipeline.legacy.files import is_legacy_name
from vtj_pipeline.legacy.landing import FileReport, LegacyReport, land_legacy

__all__ = ["FileReport", "LegacyReport", "is_legacy_name", "land_legacy"]
