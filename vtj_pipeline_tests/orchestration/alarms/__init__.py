"""Tests of the sensors that tell people, on a real Dagster instance."""
