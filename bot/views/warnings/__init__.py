"""Messages about a warning: its release, the call to one person, the chase, the end."""
