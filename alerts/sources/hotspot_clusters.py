"""Hot pixels to fires: neighbours in space and time are one cluster. Pure. Metres, hours.

The same fire is seen by several satellites, pass after pass; people are asked about it once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from data.geo.nearest import Grid

REACH = 1.5
"""Two pixels belong together when their middles are no farther apart than this many pixels:
neighbours across a corner are 1.41 apart, the rest is for the wobble of positions (ours)."""

ONE_PASS = timedelta(minutes=30)
"""A satellite comes back after 100 minutes; the parts of one pass are minutes apart (ours)."""


class Pixel(Protocol):
    """What clustering needs of a hotspot, new or stored."""

    @property
    def lon(self) -> float:
        """Degrees."""

    @property
    def lat(self) -> float:
        """Degrees."""

    @property
    def acquired_at(self) -> datetime:
        """When the satellite saw it."""

    @property
    def satellite(self) -> str:
        """Which one."""

    @property
    def pixel_m(self) -> float:
        """The side of the pixel, metres."""


@dataclass(frozen=True, slots=True)
class Middle:
    """Where a cluster is: the middle of its pixels, and how many one satellite saw at once."""

    lon: float
    lat: float
    pixels: int
    first_at: datetime
    last_at: datetime


def clusters(pixels: Sequence[Pixel], window: timedelta) -> list[list[int]]:
    """The places in ``pixels`` of those that belong together, each in exactly one list.

    Two belong together when they are neighbours (``REACH``) seen within ``window`` of each other;
    what belongs to the same belongs together.
    """
    leader = list(range(len(pixels)))

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    sizes = [pixel.pixel_m for pixel in pixels]
    grid = Grid([(pixel.lon, pixel.lat) for pixel in pixels], max(sizes, default=1.0) * REACH)
    for away, number, other in grid.pairs():
        if away > REACH * (sizes[number] + sizes[other]) / 2:
            continue
        if abs(pixels[number].acquired_at - pixels[other].acquired_at) <= window:
            leader[find(other)] = find(number)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number in range(len(pixels)):
        found[find(number)].append(number)
    return sorted(found.values())


def middle(pixels: Sequence[Pixel]) -> Middle:
    """Where these are, and their size."""
    times = [pixel.acquired_at for pixel in pixels]
    return Middle(
        sum(pixel.lon for pixel in pixels) / len(pixels),
        sum(pixel.lat for pixel in pixels) / len(pixels),
        most_at_once(pixels),
        min(times),
        max(times),
    )


def most_at_once(pixels: Sequence[Pixel]) -> int:
    """The most pixels one satellite saw in one pass: two satellites that see one pixel each do not
    make a fire of two pixels."""
    most = 0
    by_satellite: defaultdict[str, list[datetime]] = defaultdict(list)
    for pixel in pixels:
        by_satellite[pixel.satellite].append(pixel.acquired_at)
    for times in by_satellite.values():
        times.sort()
        first = 0
        for last, at in enumerate(times):
            while at - times[first] > ONE_PASS:
                first += 1
            most = max(most, last - first + 1)
    return most
