"""Tests of how PostgreSQL is reached and served."""
