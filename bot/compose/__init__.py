"""A warning being written: step by step, or in one line. Pure."""
