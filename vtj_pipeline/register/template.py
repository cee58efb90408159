"""The SQL templates of this package, rendered from the catalogue.

Keep out the statements (`sql/`) and every connection.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import jinja2


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("vtj_pipeline.register", "sql"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  # SQL of our own, no markup
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(name: str, **values: object) -> str:
    """The statement in `sql/<name>` with these values filled in."""
    return _environment().get_template(name).render(**values)


@cache
def statements_text() -> str:
    """The statements of the fold as they stand, for a hash that tells when a rule has changed."""
    folder = files("vtj_pipeline.register") / "sql"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    return "\n".join((folder / name).read_text("utf-8") for name in names)
