"""About a warning: releasing it, the call to one person, the chase, how it stands, its end."""
