"""Attacks on the program, through its public doors and with real parts."""
