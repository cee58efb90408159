"""Erasure: nothing is left of whom it is asked for, and all that others are told of stays."""
