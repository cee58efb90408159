"""Tests of the dbt project: what the views answer on a real PostgreSQL."""
