"""A stand-in for DVV's VTJ-muutosrajapinta with a synthetic population (contract §9.1).

`core` answers in memory, `server` puts it on HTTP. It has its own truth and shares no code with the
fold that is checked against it. Keep out anything that reads landed files or PostgreSQL.
"""

from vtj_pipeline.sandbox.core import ACCOUNTS, RequestRefusedError, Sandbox
from vtj_pipeline.sandbox.options import SandboxOptions

__all__ = ["ACCOUNTS", "RequestRefusedError", "Sandbox", "SandboxOptions"]
