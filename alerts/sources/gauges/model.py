"""What a gauge or a rain station said: a reading, or why there is none. Pure. SI, UTC.

The words are those of the national table structure for real-time water data, SL 323: a river row
(ST_RIVER_R) is a station STCD, a time TM, a level Z and a discharge Q; a rain row (ST_PPTN_R) is
the rain DRP of the INTV before TM.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from alerts.sources.hotspots import FeedFault


class Quantity(Enum):
    """What is measured, and in what."""

    LEVEL = "level"  # 水位, metres above the station's datum
    FLOW = "flow"  # 流量, cubic metres a second
    RAIN = "rain"  # 雨量, millimetres in an interval

    @property
    def unit(self) -> str:
        """The unit of every stored value."""
        return {"level": "m", "flow": "m³/s", "rain": "mm"}[self.value]


class Form(Enum):
    """How a feed is written."""

    CSV = "csv"
    JSON = "json"
    SENSORTHINGS = "sensorthings"  # OGC 18-088
    PEGELONLINE = "pegelonline"  # pegelonline.wsv.de, REST API v2
    USGS = "usgs"  # waterservices.usgs.gov/nwis/iv, format=json


class ReadingFlaw(Enum):
    """Why a row, or one value of it, is no reading."""

    NOT_A_ROW = "not_a_row"
    NO_STATION = "no_station"
    BAD_TIME = "bad_time"
    FUTURE = "future"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"  # no river and no rain has such a value
    UNIT_UNKNOWN = "unit_unknown"
    QUANTITY_UNKNOWN = "quantity_unknown"
    MORE_PAGES = "more_pages"  # the answer says that it is not the whole


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one station. ``at`` is the end of the interval that rain fell in."""

    station: str  # its code, as the feed writes it
    quantity: Quantity
    at: datetime
    value: float
    minutes: int = 0  # of the interval, for rain

    @property
    def since(self) -> datetime:
        """When its interval began; its own time for what has none."""
        return self.at - timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class BadReading:
    """A value left out: its row in the feed (from 1), whose, and why."""

    row: int
    flaw: ReadingFlaw
    text: str = ""
    station: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What a feed's answer held. With a ``fault`` there is nothing else."""

    readings: tuple[Reading, ...] = ()
    bad: tuple[BadReading, ...] = ()  # the first of them
    fault: FeedFault | None = None
    detail: str = ""
    unreadable: int = 0  # all of them
    absent: int = 0  # values that say themselves that they are missing: -999, 缺测, null
    other: int = 0  # values of what is not used here: temperatures, batteries
    early: int = 0  # of the unreadable, those of a time that our clock has not reached
