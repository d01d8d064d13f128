"""Points and counts of a place, as they are written in cells. Pure."""

from __future__ import annotations

import re

_COUNT = re.compile(r"约?\s*(\d{1,7})\s*余?[户人口名]?", re.ASCII)
_DEGREES = re.compile(
    r"[东北]?[经纬]?[NE]?\s*(\d{1,3})[°度]\s*(\d{1,2}(?:\.\d+)?)[′'’分]?\s*"
    r"(?:(\d{1,2}(?:\.\d+)?)[″\"”秒]?)?\s*[NE]?",
    re.ASCII,
)


def point_in(lon: str, lat: str) -> tuple[float | None, float | None]:
    """A point as it stands in two cells, in degrees; none where it is no point of China."""
    try:
        east, north = _angle(lon), _angle(lat)
    except ValueError:
        return None, None
    here = 72 < east < 138 and 0 < north < 56
    return (round(east, 6), round(north, 6)) if here else (None, None)


def count_in(text: str) -> int | None:
    """How many: 12, 12户, 约35人; ``None`` where it is no number."""
    found = _COUNT.fullmatch(text)
    return int(found[1]) if found else None


def _angle(text: str) -> float:
    """Degrees, written with a fraction or with minutes and seconds: 129°45′12″.

    :raises ValueError: they are none.
    """
    found = _DEGREES.fullmatch(text.strip())
    if found is None:
        return float(text)
    return int(found[1]) + float(found[2]) / 60 + float(found[3] or 0) / 3600
