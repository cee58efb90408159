"""`vtj-pipeline customers`: several customers in one deployment, added, listed and looked after.

Keep out options (`customers_options.py`), what is made for each (`customers/`), and the processes
that all share (`serve.py`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from vtj_pipeline.commands.output import note, say
from vtj_pipeline.commands.query import STATUS, answer, chains
from vtj_pipeline.commands.sockets import sockets_of
from vtj_pipeline.customers import (
    Customer,
    customers_in,
    let_roles_be_given,
    make_customer_database,
    make_customer_files,
    make_dagster_database,
    read_customer,
)
from vtj_pipeline.errors import SettingsError, VtjError
from vtj_pipeline.landing import create_ledger
from vtj_pipeline.orchestration.deployment import load_deployment
from vtj_pipeline.orchestration.instance import write_dagster_home
from vtj_pipeline.postgres import Database, running_database
from vtj_pipeline.privacy import create_audit
from vtj_pipeline.privacy.roles import apply_roles
from vtj_pipeline.register import create_register
from vtj_pipeline.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from vtj_pipeline.settings import Settings

HOMES = "homes"
"""Where the homes of customers stand under the deployment's own."""


def run_add(name: str, home: Path | None) -> None:
    """Make what a customer needs and is not there yet, and say what is left to do.

    Raises:
        SettingsError: a customer cannot be called so, or a setting is missing.
        DatabaseRefused: the administrator's login may not.
        DatabaseUnavailable: PostgreSQL does not answer.
    """
    settings = _shared()
    if settings.admin_url is None:
        msg = (
            f"Customer {name} was to be added, and VTJ_ADMIN_URL is not set: it names a login of "
            "PostgreSQL that may make databases and roles. Set it for this command alone."
        )
        raise SettingsError(msg)
    admin = Database.of(settings.admin_url)
    folder = settings.customers_folder
    said = make_dagster_database(admin, folder).said
    said += make_customer_database(admin, folder, name).said
    said += make_customer_files(folder, name, home or settings.home / HOMES / name)
    customer = read_customer(folder, name)
    with customer.at_work(), running_database(load_settings()) as database:
        for create in (create_audit, create_ledger, create_register):
            create(database)
        let_roles_be_given(admin, database)
        apply_roles(database)
    write_dagster_home(settings, sockets_of(settings))
    for one in said:
        note(f"  made: {one}")
    note(f"Customer {name} {'is there' if said else 'was there already'}. What is left to do:")
    for one in _left(customer):
        note(f"  - {one}")


def run_list() -> None:
    """Say which customers there are, and whose settings cannot be used."""
    found, faults = customers_in(_shared().customers_folder)
    for one in found:
        say(f"{one.name}: {one.file}, home {one.home}, code server at {one.socket}")
    for name, fault in faults.items():
        say(f"{name}: {fault}")
    if not found and not faults:
        say("There are no customers yet: vtj-pipeline customers add NAME.")


def run_status(*, as_json: bool) -> None:
    """Say of each customer what has landed and been published, and what is wrong."""
    customers, faults = customers_in(_shared().customers_folder)
    found = [_status(one) for one in customers]
    found += [{**_nothing_told(name), "problems": [str(one)]} for name, one in faults.items()]
    found.sort(key=lambda one: str(one["customer"]))
    if as_json:
        say(json.dumps(found, default=str, indent=2))
        return
    for one in found:
        problems = "; ".join(one["problems"]) or "nothing is wrong"
        landed, published = one["landed_until"] or "nothing", one["published_at"] or "never"
        say(f"{one['customer']}: landed until {landed}, published {published}; {problems}")


def run_as(name: str, arguments: Sequence[str]) -> NoReturn:
    """Become a command of one customer's, with its environment and nobody else's.

    Raises:
        SettingsError: there is no such customer, or its file cannot be used.
    """
    customer = read_customer(_shared().customers_folder, name)
    begin = "import sys; from vtj_pipeline.cli import main; sys.argv[0] = 'vtj-pipeline'; main()"
    os.execve(  # noqa: S606  # no shell is meant
        sys.executable, [sys.executable, "-c", begin, *arguments], customer.environment()
    )


def _shared() -> Settings:
    settings = load_settings()
    if settings.customer is not None:
        msg = (
            f"VTJ_CUSTOMER is {settings.customer}: this is one customer's environment. Start the "
            "command in the environment of the whole deployment."
        )
        raise SettingsError(msg)
    return settings


def _left(customer: Customer) -> list[str]:
    subscriptions = customer.home / "subscriptions.toml"
    left = []
    if not customer.variables.get("VTJ_API_URL"):
        left.append(f"the source: VTJ_API_URL and what belongs to it, in {customer.file}")
    if not (customer.variables.get("VTJ_SUBSCRIPTIONS") or subscriptions.is_file()):
        left.append(f"the products, in {subscriptions}")
    as_it = f"vtj-pipeline customers as {customer.name}"
    return [
        *left,
        f"a copy of {customer.file.with_suffix('')} in a safe, apart from the backups: its keys",
        f"{as_it} doctor",
        f"{as_it} serve code, as a service; then Reload all in the UI, once",
        f"{as_it} run baseline",
    ]


def _nothing_told(name: str) -> dict[str, Any]:
    return {
        "customer": name,
        "landed_until": None,
        "published_at": None,
        "persons": None,
        "problems": [],
    }


def _status(customer: Customer) -> dict[str, Any]:
    told = _nothing_told(customer.name)
    try:
        with customer.at_work():
            deployment = load_deployment()
            with running_database(deployment.settings) as database:
                create_ledger(database)
                create_register(database)
                chain = chains(database, deployment.subscriptions)
                (register,) = answer(database, STATUS["register"]).to_pylist()
    except VtjError as error:
        # What is wrong with one must not keep the others from being told.
        return {**told, "problems": [str(error)]}
    days = [one["proven_until"] for one in chain]
    return {
        **told,
        "landed_until": min(days) if days and all(days) else None,
        "published_at": register["published_at"],
        "persons": register["persons"],
        "problems": list(_problems(chain, register)),
    }


def _problems(chain: list[dict[str, Any]], register: dict[str, Any]) -> list[str]:
    found = [] if chain else ["no products are named"]
    for one in chain:
        name = one["subscription"]
        if one["cursor_age"] != "ok":
            found.append(f"{name}: cursor {one['cursor_age']}, {one['days_behind']} days behind")
        if not one["unbroken"]:
            found.append(f"{name}: changes may be missing")
        if one["not_answered"]:
            found.append(f"{name}: {one['not_answered']} persons left out by the source")
    if register["quarantined"]:
        found.append(f"{register['quarantined']} rows in quarantine")
    if register["batches_to_publish"]:
        found.append(f"{register['batches_to_publish']} landed files not published")
    return found
