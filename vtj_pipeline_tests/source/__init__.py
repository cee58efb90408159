"""Tests of `vtj_pipeline.source`, against a real HTTP server on this machine."""
