"""A baseline from delivered files: read person by person, landed in batches, resumable by batch.

Each file is named in the ledger by the hash of its content, so that a file that was exchanged is
taken as another one. What lands are the persons' bytes as delivered, in envelopes of our own size.
Keep out the reading itself (`source/delivered.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from vtj_pipeline.errors import LandingError, SettingsError
from vtj_pipeline.landing.baseline_plan import BaselinePlan
from vtj_pipeline.landing.pages import Page, asked_hash
from vtj_pipeline.source.delivered import PERSONS, DeliveredPerson, persons_in
from vtj_pipeline.source.messages import NotJson, NotTheEnvelope, extraction_day

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.source import Subscription

PURPOSE = "delivered-file"
PERSONS_A_PAGE = 1000
PAGES_A_BATCH = 10
# Measured with persons of 5 kB: reading, hashing and writing.
_PERSONS_A_SECOND = 5_000
_NO_HTTP = 0


@dataclass(frozen=True)
class DeliveredFile:
    """A delivered file that was read through once.

    Attributes:
        path: Where it stands.
        sha256: Of its content, hex.
        persons: Persons in it.
        taken_on: The day that its data were taken, in Finland.
        codes: Whose data they are; empty unless the subscription has a code list.
    """

    path: Path
    sha256: str
    persons: int
    taken_on: date
    codes: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def batches(self) -> list[str]:
        """The names of its batches."""
        size = PERSONS_A_PAGE * PAGES_A_BATCH
        return [f"{self.sha256[:16]}-{n:05}" for n in range(-(-self.persons // size))]


@dataclass(frozen=True)
class DeliveredBatch:
    """Some persons of a file, ready to land."""

    name: str
    pages: list[Page]
    told: list[tuple[str, frozenset[str]]]


def look_through(subscription: Subscription) -> list[DeliveredFile]:
    """Read every delivered file once, so that nothing lands of a delivery that is not whole.

    Raises:
        LandingError: a file is not of the agreed shape.
        SettingsError: there is no file, or no day is known of one.
    """
    return [_look(subscription, path) for path in subscription.delivered_files()]


def plan_of_files(subscription: Subscription, files: list[DeliveredFile]) -> BaselinePlan:
    """What landing these files takes; they have been paid for."""
    persons = sum(file.persons for file in files)
    return BaselinePlan(
        subscription.name,
        calls=sum(len(file.batches) for file in files),
        persons=persons,
        euros=0.0,
        seconds=2 * persons / _PERSONS_A_SECOND,
    )


def batches_of(file: DeliveredFile, cursor: int, landed: set[str]) -> Iterator[DeliveredBatch]:
    """The batches of a file that have not landed.

    Args:
        file: The file.
        cursor: The journal position of its day.
        landed: The names of batches that have landed.
    """
    with _opened(file.path) as stream:
        persons = persons_in(stream)
        for name in file.batches:
            some = list(islice(persons, PERSONS_A_PAGE * PAGES_A_BATCH))
            if name not in landed:
                told = [(person.code, person.groups) for person in some]
                yield DeliveredBatch(name, list(_pages(file, some, cursor)), told)


def _pages(file: DeliveredFile, some: list[DeliveredPerson], cursor: int) -> Iterator[Page]:
    read_at = datetime.now(UTC)
    for first in range(0, len(some), PERSONS_A_PAGE):
        part = some[first : first + PERSONS_A_PAGE]
        persons = ",".join(person.raw for person in part)
        yield Page(
            sequence=0,
            purpose=PURPOSE,
            cursor_in=cursor,
            cursor_out=None,
            caught_up=None,
            extraction_date=file.taken_on,
            asked_hash=asked_hash((file.sha256,)),
            asked=0,
            answered=len(part),
            fetched_at=read_at,
            status=_NO_HTTP,
            body=(
                f'{{"{PERSONS}":[{persons}],"poimintapv":"{file.taken_on.isoformat()}"}}'
            ).encode(),
        )


def _look(subscription: Subscription, path: Path) -> DeliveredFile:
    envelope: dict[str, Any] = {}
    fault = ""
    persons = 0
    codes: set[str] = set()
    with _opened(path) as file:
        stream = _Hashing(file)
        try:
            for person in persons_in(stream, envelope):
                persons += 1
                if subscription.identity_codes_file is not None:
                    codes.add(person.code)
        except (NotJson, NotTheEnvelope) as error:
            fault = str(error)
        except OSError as error:
            fault = f"it could not be read on ({type(error).__name__})"
    if fault:
        msg = (
            f"Delivered file {path} was read and {fault}, after {persons} persons. Nothing "
            "landed; get the file again, or take it out of baseline_files."
        )
        raise LandingError(msg)
    taken_on = extraction_day(envelope.get("poimintapv")) or subscription.baseline_date
    if taken_on is None:
        msg = (
            f"Subscription {subscription.name}: delivered file {path} does not tell its day "
            "(poimintapv). Set baseline_date to the day that its data were taken."
        )
        raise SettingsError(msg)
    return DeliveredFile(path, stream.digest.hexdigest(), persons, taken_on, frozenset(codes))


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        msg = (
            f"Delivered file {path} cannot be opened ({type(error).__name__}). Give the right to "
            "read it, or take it out of baseline_files."
        )
        raise LandingError(msg) from None


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.digest = hashlib.sha256()
        self._file = file

    def read(self, size: int) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        return content
