"""Positions and areas: coordinates, boundaries, nearness. WGS-84 lon/lat."""
