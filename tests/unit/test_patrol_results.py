"""What positions of a day come to: distance, hours, parts of the route."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.patrol.results import cells
from alerts.patrol.results.model import (
    FASTEST,
    Point,
    day_span,
    days_touched,
    drawn,
    longest_between,
    month_span,
    of_span,
    track,
)
from alerts.patrol.shifts.model import ShiftRules
from alerts.patrol.zones.model import Zone, ZoneKind
from data.geo.coordinates import distance_m

ZONE = ZoneInfo("Asia/Shanghai")
RULES = ShiftRules()
LONGEST = longest_between(RULES)
BEGIN, END = day_span(date(2026, 10, 1), ZONE)
NOON = BEGIN + timedelta(hours=12)
LON, LAT = 128.2, 43.4
KM = 1 / 111.195  # degrees of latitude


def at(minutes: float, north_km: float = 0.0, accuracy_m: float = 10.0) -> Point:
    return Point(NOON + timedelta(minutes=minutes), LON, LAT + north_km * KM, accuracy_m)


def figures(points: list[Point]) -> tuple[int, float]:
    return of_span(track(points), BEGIN, END, LONGEST)


def test_a_way_out_and_back_is_as_long_as_it_was() -> None:
    seconds, metres = figures([at(0), at(30, 2), at(60, 4), at(120, 0)])
    assert seconds == 7200
    assert abs(metres - 8000) < 20


def test_a_phone_that_lies_still_goes_nowhere() -> None:
    """2,000 positions of a day, each some metres beside the last."""
    chance = random.Random(7)
    points = [at(number / 3, chance.uniform(-0.009, 0.009)) for number in range(2000)]
    seconds, metres = figures(points)
    assert seconds == round(1999 / 3 * 60)
    assert metres < 1000  # each step added up would be 12 km


def test_one_impossible_position_is_left_out_wherever_it_is() -> None:
    good = [at(0), at(60, 3), at(120, 6)]
    for place in range(4):
        odd = at(place * 60 - 30, 300)
        points = [*good[:place], odd, *good[place:]]
        way = track(points)
        seconds, metres = of_span(way, BEGIN, END, LONGEST)
        assert abs(metres - 6000) < 20, place
        assert seconds == 7200, place
        assert way.impossible == (1 if place else 0), place  # the first is found by the next two


def test_who_was_driven_elsewhere_goes_on_from_there() -> None:
    way = track([at(0), at(30, 1), at(60, 200), at(90, 201), at(120, 202)])
    _, metres = of_span(way, BEGIN, END, LONGEST)
    assert abs(metres - 3000) < 20  # not the 199 between
    assert way.impossible == 0


def test_nobody_is_faster_than_the_fastest() -> None:
    chance = random.Random(3)
    for _ in range(50):
        points = [at(number * 10, chance.uniform(-40, 40)) for number in range(30)]
        for leg in track(points).legs:
            away = distance_m(leg.begin.lon, leg.begin.lat, leg.end.lon, leg.end.lat)
            assert away <= FASTEST * (leg.end.at - leg.begin.at).total_seconds() + 30.0


def test_hours_without_a_word_are_no_patrol() -> None:
    assert figures([at(0), at(240, 5)]) == (0, 0.0)
    assert figures([at(0)]) == (0, 0.0)
    assert figures([]) == (0, 0.0)


def test_midnight_in_shanghai_parts_a_night() -> None:
    midnight = BEGIN
    night = [
        Point(midnight - timedelta(hours=1), LON, LAT),
        Point(midnight + timedelta(hours=2), LON, LAT + 9 * KM),
    ]
    before, after = midnight - timedelta(days=1), midnight
    seconds, metres = of_span(track(night), before, midnight, LONGEST)
    assert (seconds, round(metres, -2)) == (3600, 3000)
    seconds, metres = of_span(track(night), after, END, LONGEST)
    assert (seconds, round(metres, -2)) == (7200, 6000)
    assert datetime(2026, 9, 30, 16, tzinfo=UTC) == BEGIN  # 1 October there is a new month
    days = days_touched(midnight - timedelta(hours=1), ZONE, LONGEST)
    assert days == (date(2026, 9, 30), date(2026, 10, 1))
    assert days_touched(NOON, ZONE, LONGEST) == (date(2026, 10, 1),)
    assert month_span(date(2026, 12, 31)) == (date(2026, 12, 1), date(2026, 12, 31))
    assert month_span(date(2028, 2, 3)) == (date(2028, 2, 1), date(2028, 2, 29))


ROUTE = Zone(1, "路", "", ZoneKind.ROUTE, (((LON, LAT), (LON, LAT + 10 * KM)),), 200.0)
SIDE = 4 * KM
AREA = Zone(
    2,
    "片",
    "",
    ZoneKind.AREA,
    (((LON, LAT), (LON + SIDE, LAT), (LON + SIDE, LAT + SIDE), (LON, LAT + SIDE), (LON, LAT)),),
)


def share(zones: list[Zone], points: list[Point]) -> float:
    parts = cells.parts_of(zones)
    way = drawn(track(points), BEGIN, END, cells.reach_of(parts))
    return cells.visited(parts, way).bit_count() / sum(len(each.middles) for each in parts)


def test_half_of_a_route_is_half_of_it() -> None:
    walked = [at(minute, minute / 10) for minute in range(0, 51, 5)]
    assert 0.48 < share([ROUTE], walked) < 0.56
    assert share([ROUTE], [at(0, 30)]) == 0
    assert share([ROUTE], []) == 0
    far_apart = [at(0, 0), at(100, 10)]  # nobody knows how they went
    assert share([ROUTE], far_apart) < 0.1
    assert (
        share([ROUTE], [*walked, *(at(minute, minute / 10) for minute in range(50, 101, 5))]) == 1
    )


def test_an_area_is_walked_square_by_square() -> None:
    across = [
        Point(NOON + timedelta(minutes=minute), LON + minute / 50 * SIDE, LAT + SIDE / 2, 5.0)
        for minute in range(0, 51, 2)
    ]
    assert 0.04 < share([AREA], across) < 0.2
    both = share([ROUTE, AREA], across)
    assert 0.02 < both < 0.2
    assert sum(len(each.middles) for each in cells.parts_of([ROUTE, AREA] * 40)) <= cells.MOST
    drawing = cells.drawing_of([ROUTE])
    assert drawing != cells.drawing_of([AREA])
    assert cells.as_bits(cells.as_text(2**255 + 5)) == 2**255 + 5
    assert len(cells.as_text(2**256 - 1)) <= 64
