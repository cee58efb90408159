"""`vtj-pipeline data-key …`: the key of the local files is made, and exchanged for another one.

Keep out the files themselves (`landing/encryption.py`) and where keys stand (`privacy/`).
"""

from __future__ import annotations

from vtj_pipeline.commands.output import note, say, step
from vtj_pipeline.landing import encrypt_anew, storage_of
from vtj_pipeline.privacy.data_keys import begin_exchange, end_exchange, key_file, new_key
from vtj_pipeline.settings import load_settings


def run_new() -> None:
    """Say a new key: the answer is nothing else, so that it can go into a file."""
    say(new_key())


def run_rotate() -> None:
    """Encrypt every file with the current key; one under `VTJ_HOME` is exchanged for a new one.

    Raises:
        SettingsError: there is no key.
        DataKeyMissing: a file's key is not at hand.
        LandingDamaged: a file was changed.
        LandingError: a file cannot be written, or other processes go on with an earlier key.
    """
    settings = load_settings()
    keys = begin_exchange(settings)
    storage = storage_of(settings, keys)
    with step("files of persons encrypted anew") as progress:
        changed = encrypt_anew(storage, progress)
    end_exchange(settings, keys)
    note(f"{changed:,} files were encrypted anew; all are under the key {keys.current.name}.")
    if settings.data_key is None:
        note(f"The new key stands in {key_file(settings)}; the earlier one is gone from there.")
    elif keys.earlier:
        note("The earlier keys can be taken out of VTJ_DATA_KEY; backups made before need them.")
    elif not changed:
        note(
            "To exchange the key put a new one (vtj-pipeline data-key new) before the present one "
            "in VTJ_DATA_KEY, a space between them, restart the services, and start this again."
        )
