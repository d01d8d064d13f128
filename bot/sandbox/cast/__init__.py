"""Scripted people of the sandbox: who they are, what they mean to do, and doing it."""
