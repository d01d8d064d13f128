"""What runs in a process: its bots, its ticks, its leases."""
