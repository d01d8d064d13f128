"""When a patroller is to report a position, and what happens when none comes."""
