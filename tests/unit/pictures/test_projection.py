"""From longitude and latitude to pixels: everything is on the picture, and lengths are right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pictures.labels import LabelSpace, overlap
from bot.pictures.projection import Frame, MapBounds, Projection
from bot.pictures.scale_bar import scale_bar
from data.geo.coordinates import distance_m

FRAME = Frame(24, 166, 1056, 1186)
lons = st.floats(74, 134)
lats = st.floats(19, 53)
spans = st.floats(0, 3)


@given(lons, lats, spans, spans)
def test_what_is_asked_for_is_inside_with_room_around_it(
    lon: float, lat: float, wide: float, high: float
) -> None:
    bounds = MapBounds(lon, lat, lon + wide, lat + high)
    projection = Projection.fit(bounds, FRAME, padding=40)
    for place in ((lon, lat), (lon + wide, lat + high), bounds.middle):
        assert FRAME.has(projection.spot(place), 39.9)


@given(lons, lats, st.floats(0, 0.5), st.floats(0, 0.5), st.floats(50, 500))
def test_the_scale_bar_is_round_and_true(
    lon: float, lat: float, wide: float, high: float, longest: float
) -> None:
    bounds = MapBounds(lon, lat, lon + wide, lat + high)
    projection = Projection.fit(bounds, FRAME)
    bar = scale_bar(projection.metres_per_pixel, longest)
    assert f"{bar.metres:.0e}"[0] in "125" and bar.pixels <= longest + 1e-6
    assert bar.pixels > longest * 0.39  # the next shorter would be less than half of it
    # As long on the ground as it says, where the picture is true to scale, to the west and north.
    mid_lon, mid_lat = bounds.middle
    x, y = projection.spot((mid_lon, mid_lat))
    east = mid_lon + bar.pixels / projection.per_degree_x
    north = mid_lat + bar.pixels / projection.per_degree_y
    assert projection.spot((east, mid_lat))[0] == pytest.approx(x + bar.pixels)
    assert projection.spot((mid_lon, north))[1] == pytest.approx(y - bar.pixels)
    for place in ((east, mid_lat), (mid_lon, north)):
        assert distance_m(mid_lon, mid_lat, *place) == pytest.approx(bar.metres, rel=0.01)


def test_one_point_is_a_map_of_some_extent() -> None:
    projection = Projection.fit(MapBounds(128, 43, 128, 43), FRAME, min_extent_m=2_000)
    assert projection.metres_per_pixel * (1186 - 166 - 80) == pytest.approx(2_000)


def test_north_is_up_and_east_is_right() -> None:
    projection = Projection.fit(MapBounds(128, 43, 129, 44), FRAME)
    x, y = projection.spot((128.5, 43.5))
    assert projection.spot((128.6, 43.5))[0] > x
    assert projection.spot((128.5, 43.6))[1] < y


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_no_scale_is_said(scale: float) -> None:
    with pytest.raises(ValueError):
        scale_bar(scale, 260)


@pytest.mark.parametrize(
    ("scale", "label"), [(0.5, "100 m"), (2.0, "500 m"), (7.7, "2 km"), (400.0, "100 km")]
)
def test_the_label_of_a_length(scale: float, label: str) -> None:
    assert scale_bar(scale, 260).label == label


@given(st.lists(st.tuples(st.floats(24, 1056), st.floats(166, 1186)), max_size=60))
def test_no_label_over_another_or_outside(spots: list[tuple[float, float]]) -> None:
    places = LabelSpace(FRAME)
    placed = [box for spot in spots if (box := places.find(spot, (120, 36), 18)) is not None]
    for number, box in enumerate(placed):
        assert FRAME.has(box[:2]) and FRAME.has(box[2:])
        assert not any(overlap(box, other) for other in placed[:number])
