"""Administrative divisions: codes, names, boundaries."""
