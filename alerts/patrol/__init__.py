"""The patrollers (三员): where they are, what they see, and when they need help."""
