"""What can be configured: config.toml and the environment, read into frozen settings."""
