"""Reports from the spot (现场上报): words, photos, videos."""
