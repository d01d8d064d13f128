"""Duty in chat: swaps, stand-ins, taking over, hand-overs, gaps in the plan."""
