"""The doctor's checks of what stands on the disk: is it encrypted, and is it for its owner alone.

Keep out the rest of the doctor's checks (`doctor.py`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vtj_pipeline.commands.finding import Finding
from vtj_pipeline.errors import VtjError
from vtj_pipeline.landing import encryption_of
from vtj_pipeline.privacy.data_keys import key_file
from vtj_pipeline.settings import secret_file

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.settings import Settings

_OTHERS = 0o077
# PostgreSQL sees to its own folder, and does not start where others may come in.
_NOT_OURS = "pg"


def file_findings(deployment: Deployment) -> Iterator[Finding]:
    """Whether files of persons are encrypted, and whether anybody else may read any file."""
    yield _encryption(deployment)
    yield _modes(deployment.settings.home)


def first_open(home: Path) -> Path | None:
    """The first file or folder that others than its owner have any right to; None: there is none.

    Through the home itself others may come, where PostgreSQL has to run as another user than root.
    """
    through = 0o011 if os.geteuid() == 0 else 0
    if home.is_dir() and home.stat().st_mode & _OTHERS & ~through:
        return home
    for folder, folders, names in os.walk(home):
        if Path(folder) == home and _NOT_OURS in folders:
            folders.remove(_NOT_OURS)
        for name in sorted([*folders, *names]):
            one = Path(folder) / name
            mode = one.lstat().st_mode
            # A link has no rights of its own, and a socket is let in by the folder's.
            if mode & _OTHERS and not (stat.S_ISLNK(mode) or stat.S_ISSOCK(mode)):
                return one
    return None


def _encryption(deployment: Deployment) -> Finding:
    tried = "read which keys the landed and events files are encrypted with"
    try:
        found = encryption_of(deployment.storage)
    except VtjError as error:
        return Finding("encryption", tried, "fail", str(error), "Give the key as it says.")
    said = f"{found.files} files, key {found.key}"
    if found.missing_keys:
        said += f", {found.missing_keys} of them under a key that is not at hand"
        to_do = "Put that key behind the other one in VTJ_DATA_KEY, a space between them."
        return Finding("encryption", tried, "fail", said, to_do)
    if found.plain or found.earlier_keys:
        said += f", {found.plain} not encrypted, {found.earlier_keys} under an earlier key"
        to_do = "Bring them under the key: vtj-pipeline data-key rotate."
        return Finding("encryption", tried, "warn", said, to_do)
    if _beside(deployment.settings):
        said += ", which stands beside what it locks"
        to_do = (
            "Move it out of VTJ_HOME and name it in VTJ_DATA_KEY_FILE: who copies the one folder "
            "must not have both."
        )
        return Finding("encryption", tried, "fail", said, to_do)
    return Finding("encryption", tried, "ok", said)


def _beside(settings: Settings) -> bool:
    """Whether a deployment has its key under VTJ_HOME, as a first look has it."""
    if settings.postgres_url is None:
        return False
    named = secret_file("data_key")
    if settings.data_key is not None and named is None:
        return False
    file = named or key_file(settings)
    return file.absolute().is_relative_to(settings.home.absolute())


def _modes(home: Path) -> Finding:
    tried = f"look for what others may read under {home}"
    found = first_open(home)
    if found is None:
        return Finding("files", tried, "ok", "nothing")
    to_do = f"chmod -R go= {home}; and let the program run with UMask 0077."
    # Where nobody may enter the home, a file's own mode lets nobody read it yet.
    closed = not home.stat().st_mode & 0o011
    return Finding("files", tried, "warn" if closed else "fail", f"first {found}", to_do)
