"""Satellite hotspots verified from the ground (热点核查), from intake to verdict."""
