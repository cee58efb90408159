"""Text that is filled in from data: SQL, Markdown and YAML, kept as files beside what fills them.

Keep out the files themselves and what they are filled with.
"""

from __future__ import annotations

from functools import cache

import jinja2


@cache
def template_files(
    package: str, folder: str, *, keep_trailing_newline: bool = False
) -> jinja2.Environment:
    """The templates of a package's folder; a name that is not given is an error."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader(package, folder),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  # SQL, Markdown and YAML of our own: escapes of HTML would break them
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=keep_trailing_newline,
    )
