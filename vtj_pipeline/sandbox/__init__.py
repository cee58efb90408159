"""A faithful stand-in for the source interface, with a synthetic population of its own.

`Sandbox` is the whole of it without a server; `server.serve` runs it as its own process. Its truth
shares no code with the fold, so that it stays an independent witness. Keep out imports of any other
package of the program but `errors` and `reference`.
"""

from vtj_pipeline.sandbox.accounts import CENSORED, UNCENSORED
from vtj_pipeline.sandbox.options import SandboxOptions
from vtj_pipeline.sandbox.simulation import Sandbox

__all__ = ["CENSORED", "UNCENSORED", "Sandbox", "SandboxOptions"]
