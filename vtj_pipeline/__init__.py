"""A population register kept in step with Finland's population information system.

Every package states in its docstring what it holds and what to keep out of it; the way data
flows through them is drawn in README.md.
"""
