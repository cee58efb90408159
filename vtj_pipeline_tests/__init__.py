"""Tests through the public doors, on a real PostgreSQL and a real HTTP server."""
