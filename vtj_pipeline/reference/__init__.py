"""Official code lists and name statistics as package data (CSV); README.md tells their sources.

Add a file here together with its line in README.md. Keep out code: `sandbox/reference_data.py`
reads the files.
"""
