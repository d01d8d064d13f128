"""The verbs of the command line, each a function of (arguments, settings, output)."""
