"""What patrols come to: days, hours, distance, the share of route or zone, reports."""
