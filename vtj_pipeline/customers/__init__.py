"""Several customers in one deployment: their settings files, and what PostgreSQL has for each.

Keep out Dagster (`orchestration/`), and everything that a customer's own processes do: those are
the processes of any deployment, with that customer's environment and no other.
"""

from vtj_pipeline.customers.databases import (
    Made,
    let_roles_be_given,
    make_customer_database,
    make_dagster_database,
)
from vtj_pipeline.customers.files import make_customer_files
from vtj_pipeline.customers.folder import (
    DAGSTER_URL,
    Customer,
    customers_in,
    dagster_url_of,
    read_customer,
    require_name,
)

__all__ = [
    "DAGSTER_URL",
    "Customer",
    "Made",
    "customers_in",
    "dagster_url_of",
    "let_roles_be_given",
    "make_customer_database",
    "make_customer_files",
    "make_dagster_database",
    "read_customer",
    "require_name",
]
