"""The files of the retired Muutostietopalvelu (MTT, PTT): read, turned into messages, landed.

An organisation that used the old batch service has years of them, with history from before the
interface. Add what concerns those files. Keep out their layouts, which are data
(`catalogue/legacy.py`), and whatever comes after landing.
"""
