"""The watch over jiaoying itself: the auditor's look, figures for Prometheus, health, heartbeat."""
