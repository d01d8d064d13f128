"""Messages that stay true: progress cards and silent lists, edited as people answer."""
