"""Calling people by other channels than Telegram, and taking their answers there."""
