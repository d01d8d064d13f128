"""What reaches jiaoying from outside: feeds, and the satellite hotspots they bring."""
