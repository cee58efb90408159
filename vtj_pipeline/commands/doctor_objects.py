"""The doctor's checks of the object store: can it be used, and is what is removed from it gone.

Keep out the rest of the doctor's checks (`doctor.py`) and the calls (`landing/object_calls.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from vtj_pipeline.commands.finding import Finding
from vtj_pipeline.errors import VtjError
from vtj_pipeline.landing.local_files import LocalFiles
from vtj_pipeline.landing.objects import Objects, object_store
from vtj_pipeline.landing.storage import FOLDERS

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings

_CHECK = "object store"
# A folder of its own: listings of landed files never meet it.
_PROBE = "doctor"
_LOCAL = ("127.0.0.1", "localhost", "::1")


def object_findings(settings: Settings) -> Iterator[Finding]:
    """Whether the store of `VTJ_DATA_URL` does all that is needed; nothing where there is none."""
    if settings.data_url is None:
        return
    try:
        store = object_store(settings.data_url)
        tried = f"write, read, list and remove under {store.where} at {store.calls.endpoint}"
    except VtjError as error:
        tried = "open the store of VTJ_DATA_URL"
        yield Finding(_CHECK, tried, "fail", str(error), "Correct what it names.")
        return
    yield _used(store, tried)
    yield _versions(store)
    yield _left_here(settings)


def _used(store: Objects, tried: str) -> Finding:
    path = f"{_PROBE}/{uuid4()}"
    try:
        store.put(path, b"probe")
        is_there = store.get(path) == b"probe" and path in store.files(_PROBE)
        store.remove(path)
        is_gone = store.head(path) is None
    except VtjError as error:
        return Finding(_CHECK, tried, "fail", str(error), "Correct what it names.")
    if not (is_there and is_gone):
        to_do = "Use a store that shows at once what was written and what was removed."
        return Finding(_CHECK, tried, "fail", "it does not show what was just done", to_do)
    address = urlsplit(store.calls.endpoint)
    if address.scheme != "https" and address.hostname not in _LOCAL:
        to_do = "Name an endpoint with https: it is not made sure which server answers."
        return Finding(_CHECK, tried, "warn", "it works, and the line is not encrypted", to_do)
    return Finding(_CHECK, tried, "ok", "all of it works")


def _versions(store: Objects) -> Finding:
    check, tried = "object versions", "ask whether the bucket keeps what is removed"
    to_do = (
        "Switch versions off, or have the bucket's lifecycle remove old ones within days: until "
        "then erased persons are still there."
    )
    try:
        keeps = store.calls.keeps_versions()
    except VtjError as error:
        return Finding(check, tried, "warn", str(error), to_do)
    if keeps:
        return Finding(check, tried, "warn", "old versions stay", to_do)
    return Finding(check, tried, "ok", "it does not")


def _left_here(settings: Settings) -> Finding:
    check, tried = "local files", f"look for landed files under {settings.home}"
    here = LocalFiles(settings.home)
    count = sum(len(here.files(folder)) for folder in FOLDERS)
    if not count:
        return Finding(check, tried, "ok", "none")
    to_do = (
        "Nothing reads or erases them: copy landing to the store if it is not there, and remove "
        "the folders landing, events and register."
    )
    return Finding(check, tried, "warn", f"{count} files", to_do)
