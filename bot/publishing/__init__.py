"""What goes out to other systems: CAP messages made, files written, webhooks told."""
