"""Where the code servers of customers listen, for the processes that all of them share.

Keep out the commands (`customers.py`, `serve.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtj_pipeline.commands.output import complain
from vtj_pipeline.customers import customers_in

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.settings import Settings


def sockets_of(settings: Settings) -> dict[str, Path]:
    """Customer → its code server's socket; says of whom nothing can be said, and goes on."""
    found, faults = customers_in(settings.customers_folder)
    for name, fault in faults.items():
        complain(f"warning: customer {name} is left out: {fault}")
    return {one.name: one.socket for one in found}
