"""The map of the board: true to scale, inside its frame, with the right counties."""

from __future__ import annotations

import re

import pytest

from bot.board.drawing import MARGIN, WIDTH, Plane, map_of, path
from data.geo.boundaries import Boundaries
from data.geo.coordinates import distance_m
from tests.geography import jilin


@pytest.fixture(scope="module")
def boundaries() -> Boundaries:
    return jilin()


@pytest.mark.slow
def test_a_province_is_all_its_counties_inside_the_frame(boundaries: Boundaries) -> None:
    drawn = map_of("220000000000", boundaries, {"222403000000": "敦化市"})
    assert drawn is not None
    assert len(drawn["shapes"]) == 60 and len(drawn["borders"]) == 9
    for shape in drawn["shapes"]:
        numbers = [float(digits) for digits in re.findall(r"[\d.]+", shape["path"])]
        xs, ys = numbers[::2], numbers[1::2]
        assert len(xs) >= 4, f"{shape['code']} is drawn with too few points"
        assert min(xs) >= 0 and max(xs) <= drawn["width"]
        assert min(ys) >= 0 and max(ys) <= drawn["height"]
    names = {shape["code"]: shape["name"] for shape in drawn["shapes"]}
    assert names["222403000000"] == "敦化市"
    assert len(str(drawn)) < 200_000


@pytest.mark.parametrize(("scope", "counties"), [("222400000000", 8), ("222403000000", 1)])
def test_a_city_or_county_is_its_own(boundaries: Boundaries, scope: str, counties: int) -> None:
    drawn = map_of(scope, boundaries, {})
    assert drawn is not None and len(drawn["shapes"]) == counties and drawn["borders"] == []


@pytest.mark.parametrize("scope", ["222403101000", "222403101200", "110000000000", "222471000000"])
def test_below_the_county_and_undrawn_there_is_no_map(boundaries: Boundaries, scope: str) -> None:
    assert map_of(scope, boundaries, {}) is None


def test_the_scale_bar_is_as_long_as_it_says(boundaries: Boundaries) -> None:
    box = boundaries.bounds("220000000000")
    plane = Plane.around(*box)
    west, south, east, north = box
    middle = (south + north) / 2
    (x0, _), (x1, _) = plane.point(west, middle), plane.point(east, middle)
    assert (x1 - x0) * plane.metres_per_unit == pytest.approx(
        distance_m(west, middle, east, middle), rel=0.01
    )
    assert plane.point(west, north) == (MARGIN, MARGIN)
    assert plane.scale_metres / plane.metres_per_unit <= WIDTH / 5


def test_points_that_fall_together_are_left_out() -> None:
    plane = Plane.around(120.0, 40.0, 121.0, 41.0)
    square = [(120.0, 40.0), (120.0, 40.000001), (121.0, 40.0), (121.0, 41.0), (120.0, 40.0)]
    assert path([square], plane).count("L") == 2
    assert path([[(120.0, 40.0), (120.0, 40.0), (120.0, 40.0), (120.0, 40.0)]], plane) == ""
