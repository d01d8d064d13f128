"""Duty in words: shifts, asks, gaps, hand-overs, the calendar."""
