"""三断: villages that power, net and road are cut off from, and who goes there."""
