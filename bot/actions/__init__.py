"""What the buttons ask for: one declaration an action, one file a topic. Pure."""
