"""What is told to other systems: CAP messages, files, webhooks, and that nothing of it is lost."""
