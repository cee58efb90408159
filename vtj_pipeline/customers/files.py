"""The files of a new customer: its settings, its secrets, and a folder that is its home.

What is there already is left as it is, so that the same may be done again. Keep out what PostgreSQL
has (`databases.py`).
"""

from __future__ import annotations

import secrets
from pathlib import Path

from vtj_pipeline.customers.folder import DAGSTER_URL, ENDING, require_name
from vtj_pipeline.privacy.data_keys import new_key
from vtj_pipeline.privacy.key_files import make_once

_TEMPLATE = """\
# Settings of customer {name}; made by vtj-pipeline customers add, and yours to edit. One variable a
# line. Nobody but the owner may read this file and those that it names.
VTJ_CUSTOMER={name}
VTJ_HOME={home}
VTJ_POSTGRES_URL_FILE={secrets}/postgres.url
VTJ_DAGSTER_URL_FILE={folder}/{dagster}
VTJ_PERSON_KEY_FILE={secrets}/person.key
VTJ_ANALYST_KEY_FILE={secrets}/analyst.key
VTJ_DATA_KEY_FILE={secrets}/data.key
# The products, with their quotas and retention, stand in {home}/subscriptions.toml.
#VTJ_API_URL=https://CHANGE-ME/r1/FI-TEST/GOV/0245437-2/VTJmutpa/VTJmutpa/api/v1
#VTJ_XROAD_CLIENT=FI-TEST/GOV/CHANGE-ME/subsystem
#VTJ_API_USERNAME=CHANGE-ME
#VTJ_API_PASSWORD_FILE={secrets}/api.password
"""


def make_customer_files(folder: Path, name: str, home: Path) -> list[str]:
    """Make what is not there; returns what was made, in a few words each.

    Args:
        folder: The customers' settings files.
        name: The customer.
        home: Its VTJ_HOME.

    Raises:
        SettingsError: a customer cannot be called so.
    """
    require_name(name)
    folder, home = folder.absolute(), home.absolute()
    own = folder / name
    for one in (folder, own, home):
        one.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = _TEMPLATE.format(name=name, home=home, secrets=own, folder=folder, dagster=DAGSTER_URL)
    made = []
    for path, content, what in (
        (own / "person.key", secrets.token_urlsafe(48), "the key of its person_ids"),
        (own / "analyst.key", secrets.token_urlsafe(48), "the key of its analysts' pseudonyms"),
        (own / "data.key", new_key(), "the key of its landed files"),
        (folder / f"{name}{ENDING}", text, "its settings"),
    ):
        if not path.exists():
            make_once(path, content)
            made.append(f"{what}: {path}")
    return made
