"""What is still to be said: kinds of message, lanes, claims, and what became of each."""
