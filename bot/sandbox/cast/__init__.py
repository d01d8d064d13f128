"""The scripted people of the sandbox: who they are, what they decide to do, and doing it."""
