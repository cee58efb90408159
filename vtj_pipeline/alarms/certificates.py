"""Whose certificates are accepted where alarms are told, and what a refused one is called.

Keep out the source's certificates (`source/connection.py`).
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from vtj_pipeline.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """Accept what chains to the system's authorities, or to those of `VTJ_CA_FILE`.

    Unlike the source, which is one server inside, a webhook may stand anywhere.

    Raises:
        SettingsError: the file holds no certificates.
    """
    context = ssl.create_default_context()
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(ca_file)
    except (ssl.SSLError, OSError) as error:
        kind = type(error).__name__
    else:
        return context
    msg = f"VTJ_CA_FILE cannot be used ({kind}). It must name a PEM file with certificates."
    raise SettingsError(msg)


def refused_certificate(error: BaseException) -> str | None:
    """What to say of an error if a certificate was not accepted, somewhere below it."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLCertVerificationError):
            return (
                f"showed a certificate that is not accepted ({found.verify_message}). Set "
                "VTJ_CA_FILE to the root certificate that it chains to."
            )
        found = found.__cause__ or found.__context__
    return None
