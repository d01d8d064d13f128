"""What a tap says: callback data and back, one file a topic. Pure."""
