"""A deployment whose clock is a file: code server, runs and daemon are processes as in operation.

`definitions` is what they load, `daemon` Dagster's daemon whose scheduler goes by that clock, and
`life` what a test does with them. Keep out what is expected of it.
"""
