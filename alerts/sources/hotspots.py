"""Satellite hotspots (热点): what a feed's row says. Pure. WGS-84 lon/lat, UTC, metres.

FIRMS's published columns (earthdata.nasa.gov/data/tools/firms/faq): VIIRS ``latitude, longitude,
bright_ti4, scan, track, acq_date, acq_time, satellite, instrument, confidence, version, bright_ti5,
frp, daynight``, MODIS the same with ``brightness``, ``bright_t31`` and a confidence in percent.
``acq_time`` is HHMM, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Instrument(Enum):
    """What saw it."""

    VIIRS = "VIIRS"
    MODIS = "MODIS"
    OTHER = "other"

    @property
    def pixel_m(self) -> float:
        """The side of a pixel below the satellite: 375 m and 1 km; for others the larger."""
        return 375.0 if self is Instrument.VIIRS else 1000.0


class Confidence(Enum):
    """How sure the satellite's own test is."""

    LOW = "low"
    NOMINAL = "nominal"
    HIGH = "high"


class RowFlaw(Enum):
    """Why a row is left out."""

    MISSING_VALUE = "missing_value"
    NOT_A_NUMBER = "not_a_number"
    BAD_TIME = "bad_time"
    FUTURE = "future"
    NULL_ISLAND = "null_island"  # (0,0): the position was not known
    OUTSIDE_BOUNDS = "outside_bounds"  # not on the earth, or outside the bounds asked for


class FeedFault(Enum):
    """Why a feed's answer cannot be used at all."""

    EMPTY = "empty"
    HTML = "html"  # a page of words for people
    NOT_TEXT = "not_text"
    NOT_CSV = "not_csv"  # no header with the columns of a position
    NOT_JSON = "not_json"
    MISSING_COLUMN = "missing_column"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # 4xx: a wrong address or key
    REDIRECTED = "redirected"  # to another host, or away from https: not followed
    SERVER = "server"  # 5xx, 429: its own trouble
    NOT_CAP = "not_cap"  # neither CAP nor a feed of it
    UNREADABLE = "unreadable"  # not a row of it can be read
    BROKE_OFF = "broke_off"  # the answer ended before its end
    NOT_PICTURE = "not_picture"
    ELSEWHERE = "elsewhere"  # an index that names pictures on a host that is not configured
    NO_TIME = "no_time"  # a picture of which nobody says from when it is


@dataclass(frozen=True, slots=True)
class Hotspot:
    """One pixel that was hot."""

    lon: float
    lat: float
    acquired_at: datetime
    satellite: str
    instrument: Instrument
    confidence: Confidence = Confidence.NOMINAL
    brightness_k: float | None = None
    frp_mw: float | None = None  # fire radiative power, megawatts
    day: bool | None = None

    @property
    def pixel_m(self) -> float:
        """The side of its pixel below the satellite, metres."""
        return self.instrument.pixel_m

    @property
    def key(self) -> str:
        """The same for the same pixel of the same pass, however often a feed repeats it.

        Feeds publish a pass again, better processed, with the position moved by some metres: three
        decimals are some 100 m.
        """
        minute = int(self.acquired_at.timestamp()) // 60
        return f"{self.satellite}:{minute}:{self.lon:.3f}:{self.lat:.3f}"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row left out: its number in the feed (from 1, without the header) and why."""

    row: int
    flaw: RowFlaw
    text: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a feed's answer held. With a ``fault`` there is nothing else."""

    hotspots: tuple[Hotspot, ...] = ()
    bad: tuple[BadRow, ...] = ()
    fault: FeedFault | None = None
    detail: str = ""
    unreadable: int = 0  # rows that are a mistake of the feed's; not all of them are in ``bad``
    early: int = 0  # of them, those of a time that our clock has not reached


@dataclass(frozen=True, slots=True)
class GeoBounds:
    """West, south, east, north in degrees."""

    west: float = -180.0
    south: float = -90.0
    east: float = 180.0
    north: float = 90.0

    def hold(self, lon: float, lat: float) -> bool:
        """Whether the position lies in them."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


WORLD = GeoBounds()


def distinct(hotspots: tuple[Hotspot, ...]) -> list[Hotspot]:
    """Each pixel once, the first of each."""
    first: dict[str, Hotspot] = {}
    for hotspot in hotspots:
        first.setdefault(hotspot.key, hotspot)
    return list(first.values())
