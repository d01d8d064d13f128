"""The warning and what it asks of people: releasing, calling, chasing, closing."""
