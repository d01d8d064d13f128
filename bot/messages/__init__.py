"""What a delivery says: its facts read, its view called; one file a topic."""
