"""Tests of `vtj_pipeline.landing`, against a real HTTP server and a real PostgreSQL."""
