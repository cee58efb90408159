"""Accounts and what their products may see (contract §5, §7.2).

Add an account or a kind of product here. Keep out HTTP (`server.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from vtj_pipeline.sandbox.options import SandboxOptions
    from vtj_pipeline.sandbox.reference_data import Reference

UNCENSORED, CENSORED = "mutpT1", "mutpT1x"
_PASSWORD = "pwd"  # noqa: S105 - the public demonstration password (contract §1.3)


@dataclass(frozen=True)
class Product:
    """What a customer has agreed on with DVV.

    Attributes:
        kind: `municipality` gives everyone with a home in `municipalities`; a request that names
            codes gets those of them. `identity_codes` gives anyone whom the request names.
        municipalities: Codes of the municipalities.
        censored: Whether the location of protected persons is withheld.
        groups: The groups that are granted; None grants all.
    """

    kind: Literal["municipality", "identity_codes"]
    municipalities: frozenset[str] = frozenset()
    censored: bool = True
    groups: frozenset[str] | None = None


@dataclass(frozen=True)
class Account:
    """A user id, its password, and its product."""

    name: str
    password: str
    product: Product


def make_accounts(options: SandboxOptions, reference: Reference) -> dict[str, Account]:
    """Return the accounts of a sandbox by name."""
    area = frozenset(reference.area(options.wellbeing_area))
    return {
        name: Account(name, _PASSWORD, Product("municipality", area, censored))
        for name, censored in ((UNCENSORED, False), (CENSORED, options.censoring))
    }
