"""Positions as numbers: China's shifted coordinates, and distances. Pure.

Phones and satellites report WGS-84. Chinese web maps, and the boundaries drawn on them, use
GCJ-02, which lies up to about 700 m away. Everything jiaoying stores is WGS-84 lon/lat in degrees;
GCJ-02 is converted once, when a boundary file is imported.
"""

from __future__ import annotations

import math

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth, metres (IUGG R1)."""

# The Krasovsky 1940 ellipsoid on which GCJ-02 is computed.
_KRASOVSKY_A = 6_378_245.0
_KRASOVSKY_EE = 0.00669342162296594323
# GCJ-02 shifts only inside this box (lon, lat degrees); it is not the national border.
_SHIFTED = (72.004, 0.8293, 137.8347, 55.8271)
_CLOSE_ENOUGH_DEG = 1e-9  # 0.1 mm


def _is_shifted(lon: float, lat: float) -> bool:
    west, south, east, north = _SHIFTED
    return west <= lon <= east and south <= lat <= north


def _shift(lon: float, lat: float) -> tuple[float, float]:
    """What GCJ-02 adds to a WGS-84 position, degrees."""
    x, y, pi = lon - 105.0, lat - 35.0, math.pi
    waves = (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += waves
    north += (20.0 * math.sin(y * pi) + 40.0 * math.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * pi) + 320.0 * math.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += waves
    east += (20.0 * math.sin(x * pi) + 40.0 * math.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * pi) + 300.0 * math.sin(x / 30.0 * pi)) * 2.0 / 3.0
    latitude = math.radians(lat)
    curvature = 1.0 - _KRASOVSKY_EE * math.sin(latitude) ** 2
    metres_per_degree = pi / 180.0 * _KRASOVSKY_A / math.sqrt(curvature)
    return (
        east / (metres_per_degree * math.cos(latitude)),
        north / (metres_per_degree * (1.0 - _KRASOVSKY_EE) / curvature),
    )


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """A WGS-84 position as Chinese web maps draw it. Outside China it is returned unchanged."""
    if not _is_shifted(lon, lat):
        return lon, lat
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """The WGS-84 position whose GCJ-02 is ``lon, lat``, to well below a metre.

    The shift has no closed inverse; it changes so slowly that repeating "subtract the shift at
    the last guess" gains two digits a round. Outside China the position is returned unchanged.
    """
    if not _is_shifted(lon, lat):
        return lon, lat
    guess_lon, guess_lat = lon, lat
    for _ in range(20):
        east, north = _shift(guess_lon, guess_lat)
        next_lon, next_lat = lon - east, lat - north
        moved = abs(next_lon - guess_lon) + abs(next_lat - guess_lat)
        guess_lon, guess_lat = next_lon, next_lat
        if moved < _CLOSE_ENOUGH_DEG:
            break
    return guess_lon, guess_lat


def bearing_deg(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """The way from a to b at its beginning, degrees from north by east: 90 is due east."""
    lat_1, lat_2 = math.radians(lat_a), math.radians(lat_b)
    east = math.radians(lon_b - lon_a)
    x = math.sin(east) * math.cos(lat_2)
    y = math.cos(lat_1) * math.sin(lat_2) - math.sin(lat_1) * math.cos(lat_2) * math.cos(east)
    return math.degrees(math.atan2(x, y)) % 360.0


def distance_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Metres between two WGS-84 positions along a great circle (haversine, within 0.5 %)."""
    lat_1, lat_2 = math.radians(lat_a), math.radians(lat_b)
    half = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + math.cos(lat_1) * math.cos(lat_2) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))
