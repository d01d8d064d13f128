"""What runs: one line a bot, its updates, its leases, the ticks, the clocks."""
