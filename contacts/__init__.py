"""Who is where, on duty, and allowed: divisions, people, groups and the targeting of a warning."""
