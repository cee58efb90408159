"""A code list's customer, a source that answers persons by code, and the register behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from vtj_pipeline.landing import (
    LandingReport,
    Storage,
    land_baseline,
    land_day,
    land_refresh,
    record_code_list,
)
from vtj_pipeline.orchestration.assets.refresh import candidates
from vtj_pipeline.orchestration.deployment import Deployment
from vtj_pipeline.postgres import Database
from vtj_pipeline.register import codes_of_listed
from vtj_pipeline.settings import Settings
from vtj_pipeline.source import Subscription
from vtj_pipeline_tests.builders import Bench, Row, row
from vtj_pipeline_tests.landing.conftest import Ledger
from vtj_pipeline_tests.source.conftest import Opens
from vtj_pipeline_tests.source.fake_source import Asked, FakeSource, Told, changes, cursor, told
from vtj_pipeline_tests.source.products import code_list

DAY = date(2026, 11, 5)


def person(code: str, *rows: Row) -> Row:
    """A person of an answer with basic data."""
    return {
        "henkilotunnus": code,
        "tietoryhmat": list(rows) or [row("SUKUPUOLI", sukupuoli="MIES")],
    }


@dataclass
class Customer:
    """A customer with a code list: what they do, and what the ledger and the register then say."""

    source: FakeSource
    opens: Opens
    storage: Storage
    database: Database
    folder: Path
    settings: Settings
    more: dict[str, Any] = field(default_factory=dict)
    known: dict[str, Row] = field(default_factory=dict)
    today: date = DAY

    def __post_init__(self) -> None:
        """Let the source answer whom it knows, and days hundred cursors long."""
        self.source.on("perustiedot", self._basic_data)
        self.source.on("muutokset", lambda asked: self.tell([]))
        for number in range(-40, 40):
            day = date(2026, 11, 5) + timedelta(days=number)
            self.source.on(f"kirjausavain/{day}", cursor(10_000 + 100 * number))

    def tell(self, messages: list[Row]) -> Told:
        """An answer of changes that is whole."""
        return changes(10_000 + 100 * ((self.today - DAY).days + 1), messages)

    def _basic_data(self, asked: Asked) -> Told:
        found = [self.known[code] for code in asked.body["hetulista"] if code in self.known]
        return told({"perustiedot": found, "ajanTasalla": True})

    def subscription(self, codes: Iterable[str]) -> Subscription:
        """The subscription with the list as it is now."""
        return code_list(self.folder, tuple(codes), **self.more)

    def baseline(self, codes: Iterable[str], **more: Any) -> LandingReport:
        """Take the baseline of the list."""
        one = self.subscription(codes)
        return land_baseline(
            one, self.opens(one), self.storage, self.database, run_id="test", **more
        )

    def day(self, codes: Iterable[str]) -> list[list[str]]:
        """Land the next day of changes; the lists of codes that were asked for."""
        one = self.subscription(codes)
        before = len(self.source.bodies("muutokset"))
        record_code_list(one, self.settings, self.database, run_id="test")
        land_day(
            one,
            self.today,
            self.opens(one),
            self.storage,
            self.database,
            today=self.today + timedelta(days=1),
            run_id="test",
            also_codes=codes_of_listed(self.database, one.name),
        )
        self.today += timedelta(days=1)
        return [sorted(body["hetulista"]) for body in self.source.bodies("muutokset")[before:]]

    def refresh(self, codes: Iterable[str]) -> list[list[str]]:
        """Ask for whom the night would; the lists of codes that were asked for."""
        one = self.subscription(codes)
        before = len(self.source.bodies("perustiedot"))
        record_code_list(one, self.settings, self.database, run_id="test")
        due = candidates(Deployment(self.settings, (one,)), one, self.database)
        land_refresh(one, self.opens(one), self.storage, self.database, due, run_id="test")
        return [sorted(body["hetulista"]) for body in self.source.bodies("perustiedot")[before:]]

    @property
    def bench(self) -> Bench:
        """Publishes, and asks the register."""
        return Bench(self.database, self.storage, self.settings)

    @property
    def ledger(self) -> Ledger:
        """Asks the ledger."""
        return Ledger(self.database)

    def members(self) -> dict[str, bool]:
        """Code → whether in scope, of everybody ever told of."""
        return dict(
            self.bench.query(
                "select p.identity_code, m.is_member from register.scope_member as m "
                "inner join register.person as p on m.person_id = p.person_id"
            )
        )
