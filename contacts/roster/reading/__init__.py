"""Lists as offices keep them, read into rows of our own shape: headings, tables, cells, places."""
