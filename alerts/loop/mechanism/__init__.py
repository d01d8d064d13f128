"""Departments beside the tiers: who of them a warning calls, and what each owes."""
