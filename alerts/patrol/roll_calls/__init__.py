"""Roll calls (点名): started, answered by positions, closed with a list of the silent."""
