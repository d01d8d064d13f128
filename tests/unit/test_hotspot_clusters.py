"""Neighbouring hot pixels become one fire in any order; the nearest person is the nearest."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.sources.hotspot_clusters import REACH, clusters, middle, most_at_once
from alerts.sources.hotspots import Hotspot, Instrument
from data.geo.coordinates import distance_m
from data.geo.nearest import Grid, box_around

NOON = datetime(2026, 4, 12, 5, tzinfo=UTC)
DAY = timedelta(hours=24)


def pixel(
    east_m: float = 0.0,
    north_m: float = 0.0,
    *,
    minutes: float = 0.0,
    satellite: str = "NOAA-20",
    instrument: Instrument = Instrument.VIIRS,
) -> Hotspot:
    lat = 43.0 + north_m / 111_195
    lon = 128.0 + east_m / (111_195 * math.cos(math.radians(43.0)))
    return Hotspot(lon, lat, NOON + timedelta(minutes=minutes), satellite, instrument)


PIXELS = st.builds(
    pixel,
    st.integers(0, 6000),
    st.integers(0, 6000),
    minutes=st.integers(0, 2880),
    satellite=st.sampled_from(["NOAA-20", "S-NPP"]),
    instrument=st.sampled_from(Instrument),
)


def test_neighbours_across_a_corner_are_one_and_two_pixels_apart_are_two() -> None:
    assert clusters([pixel(), pixel(375, 375)], DAY) == [[0, 1]]
    assert clusters([pixel(), pixel(750)], DAY) == [[0], [1]]
    coarse = pixel(1000, 1000, instrument=Instrument.MODIS)
    assert clusters([pixel(instrument=Instrument.MODIS), coarse], DAY) == [[0, 1]]
    assert clusters([pixel(), coarse], DAY) == [[0], [1]]
    assert clusters([pixel(), pixel(900, instrument=Instrument.MODIS)], DAY) == [[0, 1]]


def test_a_chain_is_one_fire_and_the_next_day_another() -> None:
    assert clusters([pixel(375 * n) for n in range(8)], DAY) == [list(range(8))]
    assert clusters([pixel(), pixel(minutes=60 * 25)], DAY) == [[0], [1]]
    assert clusters([], DAY) == []


@given(st.lists(PIXELS, max_size=40))
@settings(max_examples=60)
def test_clusters_are_those_of_comparing_everything_with_everything(pixels: list[Hotspot]) -> None:
    found = clusters(pixels, DAY)
    assert sorted(number for cluster in found for number in cluster) == list(range(len(pixels)))
    of = {number: at for at, cluster in enumerate(found) for number in cluster}
    parent = list(range(len(pixels)))

    def root(number: int) -> int:
        while parent[number] != number:
            number = parent[number]
        return number

    for a, first in enumerate(pixels):
        for b, second in enumerate(pixels[:a]):
            near = distance_m(first.lon, first.lat, second.lon, second.lat) <= REACH * (
                (first.pixel_m + second.pixel_m) / 2
            )
            if near and abs(first.acquired_at - second.acquired_at) <= DAY:
                parent[root(a)] = root(b)
    for a in range(len(pixels)):
        for b in range(a):
            assert (root(a) == root(b)) == (of[a] == of[b])


@given(st.lists(PIXELS, min_size=1, max_size=20), st.randoms())
@settings(max_examples=30)
def test_the_order_of_rows_does_not_matter(pixels: list[Hotspot], draw) -> None:
    shuffled = list(pixels)
    draw.shuffle(shuffled)

    def sets(given: list[Hotspot]) -> set[frozenset[tuple[float, ...]]]:
        return {
            frozenset(
                (given[n].lon, given[n].lat, given[n].acquired_at.timestamp()) for n in cluster
            )
            for cluster in clusters(given, DAY)
        }

    assert sets(pixels) == sets(shuffled)


def test_two_satellites_seeing_one_pixel_each_do_not_make_a_fire_of_two() -> None:
    two = [pixel(), pixel(satellite="S-NPP")]
    assert most_at_once(two) == 1
    assert most_at_once([*two, pixel(375, minutes=6)]) == 2  # the next granule of the same pass
    assert most_at_once([pixel(), pixel(375, minutes=101)]) == 1  # the next orbit
    where = middle([pixel(), pixel(375, minutes=101)])
    assert (where.pixels, where.last_at - where.first_at) == (1, timedelta(minutes=101))


SPOTS = st.lists(st.tuples(st.floats(121, 131), st.floats(40, 54)), min_size=0, max_size=40)


@pytest.mark.slow
@given(SPOTS, st.floats(119, 133), st.floats(35, 58), st.floats(10, 900_000), st.integers(0, 3))
@settings(max_examples=40)
def test_the_nearest_is_the_nearest(
    spots: list[tuple[float, float]], lon: float, lat: float, metres: float, skip: int
) -> None:
    grid = Grid(spots, 5000.0)
    away = [(distance_m(lon, lat, *spot), n) for n, spot in enumerate(spots) if n % 4 != skip]
    best = min((spot for spot in away if spot[0] <= metres), default=None)
    assert grid.nearest(lon, lat, metres, lambda n: n % 4 != skip) == best


@given(SPOTS, st.floats(119, 133), st.floats(35, 58), st.floats(10, 90_000))
@settings(max_examples=40)
def test_all_within_are_all_within(
    spots: list[tuple[float, float]], lon: float, lat: float, metres: float
) -> None:
    found = {number for _, number in Grid(spots, 20_000.0).within(lon, lat, metres)}
    assert found == {n for n, spot in enumerate(spots) if distance_m(lon, lat, *spot) <= metres}


@given(
    st.lists(st.tuples(st.floats(127.9, 128.1), st.floats(42.9, 43.1)), max_size=40),
    st.floats(200, 9000),
)
@settings(max_examples=40)
def test_all_pairs_once(spots: list[tuple[float, float]], metres: float) -> None:
    found = [frozenset((first, other)) for _, first, other in Grid(spots, metres).pairs()]
    assert len(found) == len(set(found))
    wanted = {
        frozenset((a, b))
        for a in range(len(spots))
        for b in range(a)
        if distance_m(*spots[a], *spots[b]) <= metres
    }
    assert set(found) == wanted


@given(SPOTS.filter(bool), st.floats(10, 90_000), st.floats(-1, 1), st.floats(-1, 1))
def test_a_box_holds_whatever_is_near(
    spots: list[tuple[float, float]], metres: float, east: float, north: float
) -> None:
    west, south, right, top = box_around(spots, metres)
    for lon, lat in spots:
        beside = lon + east * 1.5, lat + north
        if distance_m(lon, lat, *beside) <= metres * 0.999:
            assert west <= beside[0] <= right and south <= beside[1] <= top
