"""The files under `deploy/`, and the processes that they start."""
