"""To patrollers and their officers: positions, shifts, roll calls, hotspots, calls for help."""
