"""Hostile answers of the source, drawn at random, read by the client and turned into events.

`bodies.py` makes them, `reading.py` reads them a second way and says what is wrong;
`test_fuzz.py` is the short run of every day, and the long one
`python -m vtj_pipeline_tests.attacks.fuzz --minutes 60`.

The long run of 26 November 2026: 12,000 answers in 3,320 s on one busy core, nothing wrong. What
probing and short runs before it had found was mended first, and stands in `test_fuzz.FOUND`.
"""
