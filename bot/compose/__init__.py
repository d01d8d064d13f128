"""A warning on its way to its preview: composed tap by tap, or written in one line. Pure."""
