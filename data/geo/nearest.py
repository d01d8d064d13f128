"""Who is near: a grid over positions. Pure. WGS-84 lon/lat in degrees, metres.

A cell is at least ``cell_m`` wide everywhere the grid reaches, so that whatever lies within
``cell_m`` of a position is in its own cell or one of the eight around it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from data.geo.coordinates import EARTH_RADIUS_M, distance_m

_METRES_PER_DEGREE = math.radians(EARTH_RADIUS_M)
_FARTHEST_LAT = 85.0  # beyond it a cell would be as wide as the earth


def box_around(
    spots: Sequence[tuple[float, float]], metres: float
) -> tuple[float, float, float, float]:
    """West, south, east, north of a box that holds everything within ``metres`` of ``spots``."""
    north = metres / _METRES_PER_DEGREE
    far = min(_FARTHEST_LAT, max(abs(lat) for _, lat in spots) + north)
    east = north / math.cos(math.radians(far))
    lons, lats = [lon for lon, _ in spots], [lat for _, lat in spots]
    return min(lons) - east, min(lats) - north, max(lons) + east, max(lats) + north


class Grid:
    """Positions by cell; they are known by their place in the sequence given."""

    def __init__(self, spots: Sequence[tuple[float, float]], cell_m: float) -> None:
        """:param spots: (lon, lat) of each position. :param cell_m: metres."""
        self._spots = spots
        self.cell_m = cell_m
        far = min(_FARTHEST_LAT, max((abs(lat) for _, lat in spots), default=0.0))
        self._north = cell_m / _METRES_PER_DEGREE
        self._east = self._north / math.cos(math.radians(far))
        self._cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        east, north, cells = self._east, self._north, self._cells
        for number, (lon, lat) in enumerate(spots):
            cells[int(lon // east), int(lat // north)].append(number)
        self._rings = self._widest_ring()

    def __len__(self) -> int:
        return len(self._spots)

    def within(self, lon: float, lat: float, metres: float) -> Iterator[tuple[float, int]]:
        """(metres away, number) of every position within ``metres``; in no order."""
        reach = math.ceil(metres / self.cell_m)
        # A position farther from the equator than all others lies in narrower cells.
        column, row = int(lon // self._east), int(lat // self._north)
        wide = max(1.0, self._east_reach(lat))
        for x in range(column - math.ceil(reach * wide), column + math.ceil(reach * wide) + 1):
            for y in range(row - reach, row + reach + 1):
                for number in self._cells.get((x, y), ()):
                    away = distance_m(lon, lat, *self._spots[number])
                    if away <= metres:
                        yield away, number

    def pairs(self) -> Iterator[tuple[float, int, int]]:
        """(metres apart, number, number) of every two within ``cell_m`` of each other, once."""
        spots, cells, cell_m = self._spots, self._cells, self.cell_m
        for (x, y), here in cells.items():
            beside = [*cells.get((x + 1, y - 1), ()), *cells.get((x + 1, y), ())]
            beside += [*cells.get((x + 1, y + 1), ()), *cells.get((x, y + 1), ())]
            for at, number in enumerate(here):
                lon, lat = spots[number]
                # A plane is exact to well below 1 % so near by: it spares most of the sines.
                north = _METRES_PER_DEGREE
                east = north * math.cos(math.radians(lat))
                most = (cell_m * 1.01 + 1.0) ** 2
                for others in (here[at + 1 :], beside):
                    for other in others:
                        its_lon, its_lat = spots[other]
                        dx, dy = (its_lon - lon) * east, (its_lat - lat) * north
                        if dx * dx + dy * dy > most:
                            continue
                        away = distance_m(lon, lat, its_lon, its_lat)
                        if away <= cell_m:
                            yield away, number, other

    def nearest(
        self,
        lon: float,
        lat: float,
        metres: float,
        wanted: Callable[[int], bool] = lambda _number: True,
    ) -> tuple[float, int] | None:
        """(metres away, number) of the nearest ``wanted`` position within ``metres``."""
        column, row = int(lon // self._east), int(lat // self._north)
        narrow = max(1.0, self._east_reach(lat))
        last = min(math.ceil(metres * narrow / self.cell_m) + 1, self._last_ring(column, row))
        best: tuple[float, int] | None = None
        for ring in range(last + 1):
            # Everything in this ring and beyond is at least so far away.
            if best is not None and best[0] <= (ring - 1) * self.cell_m / narrow:
                break
            for cell in _ring(column, row, ring):
                for number in self._cells.get(cell, ()):
                    away = distance_m(lon, lat, *self._spots[number])
                    if away > metres or (best is not None and (away, number) >= best):
                        continue
                    if wanted(number):
                        best = away, number
        return best

    def _east_reach(self, lat: float) -> float:
        """How many times narrower than ``cell_m`` a cell is at this latitude."""
        wide = self._east * _METRES_PER_DEGREE * math.cos(math.radians(min(abs(lat), 89.0)))
        return self.cell_m / wide

    def _widest_ring(self) -> tuple[int, int, int, int]:
        if not self._cells:
            return 0, 0, -1, -1
        columns = [x for x, _ in self._cells]
        rows = [y for _, y in self._cells]
        return min(columns), min(rows), max(columns), max(rows)

    def _last_ring(self, column: int, row: int) -> int:
        """The ring that holds the farthest cell; -1 for an empty grid."""
        west, south, east, north = self._rings
        if east < west:
            return -1
        return max(abs(column - west), abs(column - east), abs(row - south), abs(row - north))


def _ring(column: int, row: int, ring: int) -> Iterator[tuple[int, int]]:
    """The cells at ``ring`` steps from the one of this column and row."""
    if ring == 0:
        yield column, row
        return
    for x in range(column - ring, column + ring + 1):
        yield x, row - ring
        yield x, row + ring
    for y in range(row - ring + 1, row + ring):
        yield column - ring, y
        yield column + ring, y
