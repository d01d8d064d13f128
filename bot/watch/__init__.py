"""The watch over jiaoying itself: the auditor's look."""
