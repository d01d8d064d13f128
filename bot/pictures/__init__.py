"""The pictures the bot sends: maps for a phone screen, drawn from plain data to PNG."""
