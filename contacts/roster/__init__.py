"""Roster files: read, checked, compared with what is stored, written."""
