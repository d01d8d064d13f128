"""The watch over jiaoying itself: what stands still, and who is told."""
