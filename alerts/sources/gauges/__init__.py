"""Water: gauges and rain read from feeds, judged, and turned into proposed warnings."""
