"""The settings and subscriptions that one set of definitions is built for.

Keep out Dagster objects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from vtj_pipeline.clock import Clock, day_in_finland, utc_now
from vtj_pipeline.landing import Storage, storage_of
from vtj_pipeline.privacy import data_keys
from vtj_pipeline.settings import load_settings
from vtj_pipeline.source import Subscription, load_subscriptions

if TYPE_CHECKING:
    from vtj_pipeline.settings import Settings

CUSTOMER_TAG = "vtj/customer"


@dataclass(frozen=True)
class Deployment:
    """What the assets of one deployment share.

    Attributes:
        settings: Of the environment.
        subscriptions: The products.
        clock: The present moment.
    """

    settings: Settings
    subscriptions: tuple[Subscription, ...]
    clock: Clock = field(default=utc_now, repr=False)

    @property
    def within(self) -> tuple[str, ...]:
        """What the key of every asset begins with: the customer's name, if there are several."""
        return (self.settings.customer,) if self.settings.customer else ()

    def key(self, *parts: str) -> list[str]:
        """The key of an asset of this deployment, in an instance that others may share."""
        return [*self.within, *parts]

    def named(self, name: str) -> str:
        """A name that the whole instance shares, of a pool or of partitions, as this one's own."""
        return "/".join((*self.within, name))

    def op(self, *parts: str) -> str:
        """The name of the step that makes an asset, as a run's configuration has it."""
        return "__".join(self.key(*parts))

    @property
    def run_tags(self) -> dict[str, str]:
        """By which its runs are told from other customers'; none where it is alone."""
        return {CUSTOMER_TAG: self.settings.customer} if self.settings.customer else {}

    @property
    def today(self) -> date:
        """The day that it is in Finland."""
        return day_in_finland(self.clock())

    @property
    def storage(self) -> Storage:
        """Where landed and events files stand, encrypted.

        Raises:
            SettingsError: there is no key for them, or what reaches an object store is missing.
        """
        return storage_of(self.settings, data_keys(self.settings))

    @property
    def scope(self) -> dict[str, tuple[str, ...]]:
        """Subscription → municipalities, for the products by home municipality."""
        return {
            s.name: tuple(s.municipalities)
            for s in self.subscriptions
            if s.product == "municipality"
        }

    @property
    def granted(self) -> dict[str, tuple[str, ...]]:
        """Subscription → groups that its permit covers, where that is known."""
        return {s.name: s.granted_groups for s in self.subscriptions if s.granted_groups != "all"}


def load_deployment() -> Deployment:
    """The deployment that the environment describes.

    Without a subscriptions file there are no subscriptions, so that the definitions load on a
    machine where nothing has been set up yet.

    Raises:
        SettingsError: a setting or the subscriptions file is wrong.
    """
    settings = load_settings()
    file = settings.subscriptions_file
    return Deployment(settings, load_subscriptions(file) if file.is_file() else ())
