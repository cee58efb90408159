"""Attacks on the program, through its public doors and with real parts.

`test_injection.py`: every text field of the source holds SQL, templates, formulas (`texts.py`).
`test_hostile_server.py`: a server that means harm (`hostile.py`, asked by `caller.py`).
`test_bombs.py`: answers that grow when read (`reader.py`).
`test_paths.py`: files and names that lead elsewhere.
`fuzz/`: answers that chance makes up.
Readers of the database who want more than theirs stand in `views/test_roles_bypass.py` and
`views/test_roles_sessions.py`, beside the views that they need. Keep out what a correct caller
does.
"""
