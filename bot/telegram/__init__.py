"""Telegram: transport, pace, dispatch and intake."""
