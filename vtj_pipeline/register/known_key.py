"""Whether the key at hand is the one that the register's person_ids were made with.

Keep out the key itself (`privacy/keys.py`).
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from vtj_pipeline.errors import OtherPersonKey
from vtj_pipeline.privacy import has_person_key, person_key

if TYPE_CHECKING:
    from vtj_pipeline.postgres import Database
    from vtj_pipeline.privacy import PersonKey
    from vtj_pipeline.settings import Settings

# Whoever's code was never changed has the id that the key makes of it: nearly everybody.
_SOME = (
    "select c.person_id::text, c.identity_code from register.identity_code as c inner join "
    "(select person_id from register.person limit 200) as p on c.person_id = p.person_id "
    "union select person_id::text, identity_code from "
    "(select person_id, identity_code from register.person limit 200) as q"
)
_WHERE = "VTJ_PERSON_KEY (where it is not set, keys/person.key under VTJ_HOME)"


def known_person_key(database: Database, settings: Settings) -> PersonKey:
    """The key of this deployment; it is made only where nobody has an id yet.

    Raises:
        OtherPersonKey: there is none, or the register's person_ids were made with another one.
    """
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(_SOME)
        some = cursor.fetchall()
    if some and not has_person_key(settings):
        msg = (
            f"The register's person_ids were made with a key, and there is none: {_WHERE}. "
            "Restore it from its backup: with a new one everybody would get another person_id. "
            "Nothing was changed."
        )
        raise OtherPersonKey(msg)
    key = person_key(settings)
    if some and not any(str(key.person_id_of(code)) == person_id for person_id, code in some):
        persons = len({person_id for person_id, _ in some})
        msg = (
            f"The register's person_ids were made with another key than {_WHERE} holds: of "
            f"{persons} persons looked at, none has the person_id that it makes of their code. "
            "Set the key that the register was made with, from its backup. Nothing was changed."
        )
        raise OtherPersonKey(msg)
    return key
