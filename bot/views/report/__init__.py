"""The report of a warning as a file: XLSX or PDF."""
