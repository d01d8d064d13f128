"""Changing a warning while it runs: what it would do, doing it, a second person, in pieces."""
