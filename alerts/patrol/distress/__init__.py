"""Calls for help (求救): repeated until somebody takes them."""
