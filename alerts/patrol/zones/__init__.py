"""Where somebody is to patrol: zones, and the files they come from."""
