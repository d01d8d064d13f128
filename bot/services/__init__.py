"""What every part of a process works with: the database, the clock, the map, settings and rules."""
