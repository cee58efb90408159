"""Tests of what protects persons."""
