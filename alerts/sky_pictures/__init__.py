"""Satellite and radar pictures, sent to command groups while a warning is in force (跟着云图)."""
