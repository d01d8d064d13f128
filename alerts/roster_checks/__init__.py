"""Roster checks (名册核对): everybody of an area is asked whether it is still them, still there."""
