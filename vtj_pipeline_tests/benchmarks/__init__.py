"""Measurements of the whole pipeline on populations too large for a test.

`uv run python -m vtj_pipeline_tests.benchmarks fold --persons 1000000` makes a population, lands
it and measures what follows. Add a measurement as a command of `__main__.py`. Keep out assertions
about time, which differ by machine, and everything that a test can find out on a few persons.
"""
