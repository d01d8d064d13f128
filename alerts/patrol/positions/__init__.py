"""Where patrollers are: positions, tracks, and how long they are kept."""
