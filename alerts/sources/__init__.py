"""What reaches jiaoying from outside: satellite hotspots, feeds."""
