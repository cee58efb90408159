"""The assets, one layer a file: landing, events, register, views."""
