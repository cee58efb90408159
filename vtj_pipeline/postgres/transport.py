"""On what terms a connection to PostgreSQL is made: encrypted, to the server that is meant.

Another machine has to show a certificate for its name by an authority that we trust, unless the
address says otherwise itself (`sslmode`). On this machine, by socket or loopback, nothing is asked.
Keep out connecting (`database.py`).
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from psycopg2.extensions import parse_dsn

VERIFIED = "verify-full"
_NAMES_HERE = ("localhost", "localhost.localdomain")
# What libpq says when it is the certificate or the encryption that is wrong, and what to do then.
_ROOT = "sslrootcert=/path/to/ca.pem of VTJ_POSTGRES_URL (without it ~/.postgresql/root.crt)"
_FAULTS = {
    "root certificate file": (
        "there is no certificate of an authority to hold the server's against",
        f"Name the authority's certificate in {_ROOT}.",
    ),
    "server certificate for": (
        "the server showed a certificate for another name than its address",
        "Use the name that the certificate is for, or get one for this name.",
    ),
    "does not support SSL": (
        "the server does not encrypt",
        "Turn on ssl at the server.",
    ),
    # Verification that failed, in any of OpenSSL's words.
    "SSL error": (
        "its certificate is not of the authority we trust, or has ended, or ours was not taken",
        f"See that it is the right server, and name its authority in {_ROOT}.",
    ),
}


def on_our_terms(url: str) -> str:
    """The address with `sslmode=verify-full`, where it says nothing and is of another machine."""
    parts = parse_dsn(url)
    if "sslmode" in parts or is_here(url):
        return url
    pieces = urlsplit(url)
    more = urlencode({"sslmode": VERIFIED}, quote_via=quote)
    query = f"{pieces.query}&{more}" if pieces.query else more
    return urlunsplit((pieces.scheme, pieces.netloc, pieces.path, query, ""))


def is_here(url: str) -> bool:
    """Whether the server is on this machine: by a socket, or by a loopback address."""
    named = unquote(parse_dsn(url).get("host", ""))
    return all(_is_here(host) for host in named.split(","))


def is_verified(url: str) -> bool:
    """Whether it is made sure that the server is the one that is meant."""
    return parse_dsn(url).get("sslmode") == VERIFIED


def fault_said(url: str, error: Exception) -> str | None:
    """One sentence or two, if a connection failed for its encryption; None for other reasons."""
    said = str(error)
    for sign, (found, to_do) in _FAULTS.items():
        if sign in said:
            parts = parse_dsn(url)
            place = f"{parts.get('host', 'localhost')!r} port {parts.get('port', '5432')}"
            return (
                f"PostgreSQL at {place} was asked for an encrypted connection "
                f"(sslmode={parts.get('sslmode')}), and {found}. {to_do} Nothing was sent."
            )
    return None


def _is_here(host: str) -> bool:
    if not host or host.startswith(("/", "@")) or host in _NAMES_HERE:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
