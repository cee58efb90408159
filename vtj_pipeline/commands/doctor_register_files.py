"""The doctor's check of the register's files: are they of the newest publication, and wanted.

Keep out the rest of the doctor's checks (`doctor.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from vtj_pipeline.commands.finding import Finding
from vtj_pipeline.errors import VtjError
from vtj_pipeline.register_files import manifests_there

if TYPE_CHECKING:
    from vtj_pipeline.orchestration.deployment import Deployment
    from vtj_pipeline.postgres import Database

_CHECK = "register files"
_IS_THERE = "select to_regclass('register.publication') is not null"
_NEWEST = "select coalesce(max(publication_id), 0) from register.publication"


def register_files_findings(deployment: Deployment, database: Database) -> Iterator[Finding]:
    """Whether they are as the settings want them; nothing where there are none and none wanted."""
    tried = "read which publications have files"
    try:
        there = list(manifests_there(deployment.storage))
    except VtjError as error:
        yield Finding(_CHECK, tried, "fail", str(error), "Correct what it names.")
        return
    if not deployment.settings.register_files:
        if there:
            found = f"of {len(there)} publications, and VTJ_REGISTER_FILES is not true"
            to_do = (
                "Remove the folder register: nobody takes out of it what is withheld by now. "
                "(An erasure removes it, too.)"
            )
            yield Finding(_CHECK, tried, "warn", found, to_do)
        return
    newest = _newest(database)
    if there[:1] == [newest] or (not there and not newest):
        found = f"of publication {newest}, the newest" if newest else "nothing is published yet"
        yield Finding(_CHECK, tried, "ok", found)
        return
    found = f"the newest are of {f'publication {there[0]}' if there else 'none'}, not of {newest}"
    to_do = "Have them written: vtj-pipeline run views, then vtj-pipeline run register-files."
    yield Finding(_CHECK, tried, "warn", found, to_do)


def _newest(database: Database) -> int:
    with closing(database.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_IS_THERE)
        (is_there,) = cursor.fetchone() or (False,)
        if not is_there:
            return 0
        cursor.execute(_NEWEST)
        (newest,) = cursor.fetchone() or (0,)
    return int(newest)
