"""The municipalities of each product, as they are configured, and who is in scope by them.

Keep out what is folded (`publish.py`): a scope changes without anything being landed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.register.guard import lost_members, members, require_no_loss
from vtj_pipeline.register.template import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vtj_pipeline.postgres import Database
    from vtj_pipeline.register.guard import Limits


def publish_scope(database: Database, scope: Mapping[str, tuple[str, ...]], limits: Limits) -> None:
    """Say which municipalities each product has, and judge its members anew where that changed.

    Args:
        database: Where the register stands.
        scope: Subscription → municipalities.
        limits: How many members may go with it.

    Raises:
        PublicationRefused: too many would.
    """
    wanted = {(name, code) for name, codes in scope.items() for code in codes}
    connection = database.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select subscription, municipality_code from register.scope_municipality"
            )
            standing = set(cursor.fetchall())
            # A code list changes without anything being landed.
            cursor.execute("select exists (select 1 from ledger.code_list_version)")
            (has_list,) = cursor.fetchone() or (False,)
            if standing == wanted and not has_list:
                return
            before = members(cursor)
            cursor.executemany(
                "delete from register.scope_municipality "
                "where subscription = %s and municipality_code = %s",
                sorted(standing - wanted),
            )
            cursor.executemany(
                "insert into register.scope_municipality values (%s, %s)",
                sorted(wanted - standing),
            )
            cursor.execute(render("members.sql", everyone=True))
            require_no_loss(before, lost_members(before, members(cursor)), limits)
    finally:
        connection.close()
