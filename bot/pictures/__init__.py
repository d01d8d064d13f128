"""The pictures the bot sends: maps for a phone, drawn from plain data, PNG out."""
