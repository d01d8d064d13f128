"""Files that plan the fire season: danger levels, its dates, patrol hours."""
