"""Makes a day of hotspots of the north-east in FIRMS's published columns. GENERATED, not observed.

The columns, the codes of satellites and the delay of an hour or two are FIRMS's; the fires are
drawn by a seeded random generator, as many as on the busiest spring days (fields burnt before
sowing): some 10,000 rows over the passes of S-NPP, NOAA-20, NOAA-21, Terra and Aqua.

``python -m bench.firms_feed FOLDER`` writes one CSV a product.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

Box = tuple[float, float, float, float]  # west, south, east, north
NORTH_EAST: Box = (118.0, 39.0, 135.0, 53.5)
FIRES = 1500
VIIRS_HEADER = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,"
    "confidence,version,bright_ti5,frp,daynight"
)
MODIS_HEADER = (
    "latitude,longitude,brightness,scan,track,acq_date,acq_time,satellite,instrument,"
    "confidence,version,bright_t31,frp,daynight"
)
# Minutes after 00:00 UTC over 127° E: about 10:30 and 22:30 (Terra), 01:30 and 13:30 local time.
PASSES: dict[str, dict[str, tuple[int, ...]]] = {
    "VIIRS_SNPP_NRT": {"N": (255, 356, 1012, 1113)},
    "VIIRS_NOAA20_NRT": {"N20": (205, 306, 964, 1064)},
    "VIIRS_NOAA21_NRT": {"N21": (230, 331, 990, 1088)},
    "MODIS_NRT": {"Terra": (95, 194, 790, 890), "Aqua": (268, 367, 1035, 1134)},
}


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One line of a feed, and when the feed has it."""

    line: str
    available_at: datetime


class Day:
    """The feeds of one day; the same day and seed always give the same rows.

    :param box: where the fires are; a smaller one holds as many, closer together.
    """

    def __init__(self, day: date, seed: int = 1, fires: int = FIRES, box: Box = NORTH_EAST) -> None:
        self.start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        draw = random.Random(seed)
        self._rows: dict[str, list[FeedRow]] = {name: [] for name in PASSES}
        burning = [_fire(draw, box) for _ in range(fires)]
        for product, satellites in PASSES.items():
            for satellite, minutes in satellites.items():
                for minute in minutes:
                    late = timedelta(minutes=draw.randint(60, 125))
                    at = self.start + timedelta(minutes=minute)
                    for line in _seen(draw, burning, satellite, at):
                        self._rows[product].append(FeedRow(line, at + late))

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows.values())

    def feed(self, product: str, at: datetime) -> str:
        """What FIRMS answers at this time: everything of the day it has by then."""
        header = MODIS_HEADER if product.startswith("MODIS") else VIIRS_HEADER
        lines = [row.line for row in self._rows[product] if row.available_at <= at]
        return "\n".join([header, *lines]) + "\n"


def _fire(draw: random.Random, box: Box) -> tuple[float, float, int, int, float]:
    """lon, lat, first and last minute of the day, and its size in metres; most are small."""
    west, south, east, north = box
    begins = draw.choice((draw.randint(60, 420), draw.randint(0, 1300)))
    lasts = draw.choice((90, 180, 360, 1200))
    size = min(4000.0, draw.paretovariate(1.3) * 180)
    return draw.uniform(west, east), draw.uniform(south, north), begins, begins + lasts, size


def _seen(
    draw: random.Random,
    fires: list[tuple[float, float, int, int, float]],
    satellite: str,
    at: datetime,
) -> Iterator[str]:
    modis = satellite in ("Terra", "Aqua")
    pixel = 1000.0 if modis else 375.0
    minute = at.hour * 60 + at.minute
    for lon, lat, begins, ends, size in fires:
        if not begins <= minute <= ends or draw.random() < 0.35:  # cloud, edge of the swath
            continue
        across = max(1, round(size / pixel))
        for column in range(across):
            for row in range(max(1, across // 2)):
                if column + row and draw.random() < 0.3:
                    continue
                yield _line(draw, satellite, at, lon, lat, column * pixel, row * pixel)


def _line(
    draw: random.Random,
    satellite: str,
    at: datetime,
    lon: float,
    lat: float,
    east_m: float,
    north_m: float,
) -> str:
    modis = satellite in ("Terra", "Aqua")
    north = lat + (north_m + draw.gauss(0, 40)) / 111_195
    east = lon + (east_m + draw.gauss(0, 40)) / (111_195 * math.cos(math.radians(lat)))
    day = "D" if at.hour < 12 else "N"
    confidence = str(draw.randint(20, 100)) if modis else draw.choice("lnnnnnnh")
    hot, cool = draw.uniform(305, 367), draw.uniform(275, 305)
    scan, track = draw.uniform(0.37, 0.8), draw.uniform(0.36, 0.78)
    instrument, version = ("MODIS", "6.1NRT") if modis else ("VIIRS", "2.0NRT")
    return (
        f"{north:.5f},{east:.5f},{hot:.2f},{scan:.2f},{track:.2f},{at:%Y-%m-%d},{at:%H%M},"
        f"{satellite},{instrument},{confidence},{version},{cool:.2f},"
        f"{draw.expovariate(0.2):.2f},{day}"
    )


def main() -> None:
    """Write the products of one spring day to a folder."""
    folder = Path(sys.argv[1])
    day = Day(date(2026, 4, 12))
    for product in PASSES:
        file = folder / f"{product}.csv"
        file.write_text(day.feed(product, day.start + timedelta(days=2)), encoding="ascii")
    print(f"{len(day)} rows (generated)")


if __name__ == "__main__":
    main()
