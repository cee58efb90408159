"""Every tietoryhma of the source: its fields, its key, how it folds, where it lands.

Data without behaviour: any rule of the source stands here exactly once, and what reads it (JSON
structure, DDL, fold SQL, Dagster column schema, dbt sources, data dictionary) is made from it. Add
a group in `groups/` and, where it needs one, a table in `tables/`. Keep out SQL and anything that
runs.
"""

from vtj_pipeline.catalogue.groups import CATALOGUE, GROUPS
from vtj_pipeline.catalogue.model import Catalogue, Column, Field, Kind, Table, Tietoryhma
from vtj_pipeline.catalogue.tables import TABLES

__all__ = [
    "CATALOGUE",
    "GROUPS",
    "TABLES",
    "Catalogue",
    "Column",
    "Field",
    "Kind",
    "Table",
    "Tietoryhma",
]
