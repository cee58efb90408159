"""The SQL templates of this package, rendered from the catalogue.

Keep out the statements (`sql/`) and every connection.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from vtj_pipeline.templates import template_files


def render(name: str, **values: object) -> str:
    """The statement in `sql/<name>` with these values filled in."""
    return template_files("vtj_pipeline.register", "sql").get_template(name).render(**values)


@cache
def statements_text() -> str:
    """The statements of the fold as they stand, for a hash that tells when a rule has changed."""
    folder = files("vtj_pipeline.register") / "sql"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    return "\n".join((folder / name).read_text("utf-8") for name in names)
