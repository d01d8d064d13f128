"""Coordinates, and which division a position lies in."""

from __future__ import annotations

import math
import subprocess
import sys

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views.figures import direction
from data.errors import InvalidInput, NotFound
from data.geo.boundaries import SLIVER_M, Boundaries, BoundaryProblem, convert_boundaries
from data.geo.coordinates import bearing_deg, distance_m, gcj02_to_wgs84, wgs84_to_gcj02

LON_IN_CHINA = st.floats(74, 135)
LAT_IN_CHINA = st.floats(3, 54)
METRE = 1 / 111_195  # degrees of latitude


def collection(*features: tuple[str, list[list[list[float]]]]) -> bytes:
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"code": code, "name": "县"},
                    "geometry": {"type": "Polygon", "coordinates": rings},
                }
                for code, rings in features
            ],
        }
    )


def box(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return [corners]


# Two counties side by side with a gap of 100 m between them, and a third that overlaps the second.
GAP = 100 * METRE / math.cos(math.radians(43.05))
SIDE_BY_SIDE = Boundaries.from_geojson(
    collection(
        ("220101000000", box(125.0, 43.0, 125.1, 43.1)),
        ("220102000000", box(125.1 + GAP, 43.0, 125.2, 43.1)),
        ("220201000000", box(125.19, 43.0, 125.3, 43.1)),
    )
)


# ------------------------------------------------------------------------------------- GCJ-02


def test_a_published_pair() -> None:
    # Tiananmen, the example that every published implementation carries.
    lon, lat = wgs84_to_gcj02(116.404, 39.915)
    assert (lon, lat) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)


@given(LON_IN_CHINA, LAT_IN_CHINA)
def test_there_and_back_is_the_same_place(lon: float, lat: float) -> None:
    assert distance_m(lon, lat, *gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))) < 0.01
    assert distance_m(lon, lat, *wgs84_to_gcj02(*gcj02_to_wgs84(lon, lat))) < 0.01


@given(st.floats(121.6, 131.4), st.floats(40.8, 46.4))
def test_the_shift_in_jilin_is_hundreds_of_metres(lon: float, lat: float) -> None:
    assert 100 < distance_m(lon, lat, *wgs84_to_gcj02(lon, lat)) < 1_000


@pytest.mark.parametrize("place", [(0.0, 0.0), (-0.1, 51.5), (139.7, 35.7), (151.2, -33.9)])
def test_outside_china_nothing_is_shifted(place: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(*place) == place
    assert gcj02_to_wgs84(*place) == place


# ------------------------------------------------------------------------------------- distance


def test_known_distances() -> None:
    assert distance_m(0, 0, 0, 1) == pytest.approx(111_195, abs=1)
    assert distance_m(125.0, 43.0, 125.0, 43.0) == 0
    assert distance_m(179.9, 0, -179.9, 0) == pytest.approx(22_239, abs=1)
    assert distance_m(0, 90, 0, -90) == pytest.approx(math.pi * 6_371_008.8)


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90))
def test_distance_has_no_direction(lon: float, lat: float, other: float, other_lat: float) -> None:
    there = distance_m(lon, lat, other, other_lat)
    assert there == pytest.approx(distance_m(other, other_lat, lon, lat), abs=1e-6)
    assert 0 <= there <= math.pi * 6_371_008.8 + 1


# ------------------------------------------------------------------------------------- boundaries


def test_a_position_lies_in_one_county() -> None:
    assert SIDE_BY_SIDE.locate(125.05, 43.05) == "220101000000"
    assert SIDE_BY_SIDE.locate(125.15, 43.05) == "220102000000"
    assert SIDE_BY_SIDE.locate(126.0, 43.05) is None


def test_a_position_in_a_gap_belongs_to_the_nearest_county() -> None:
    assert SIDE_BY_SIDE.locate(125.1 + GAP * 0.4, 43.05) == "220101000000"
    assert SIDE_BY_SIDE.locate(125.1 + GAP * 0.6, 43.05) == "220102000000"


def test_a_gap_ends_somewhere() -> None:
    assert SIDE_BY_SIDE.locate(125.05, 43.1 + (SLIVER_M - 5) * METRE) == "220101000000"
    assert SIDE_BY_SIDE.locate(125.05, 43.1 + (SLIVER_M + 5) * METRE) is None
    # East and west too, where a degree is shorter.
    east = METRE / math.cos(math.radians(43.05))
    assert SIDE_BY_SIDE.locate(125.0 - (SLIVER_M - 5) * east, 43.05) == "220101000000"
    assert SIDE_BY_SIDE.locate(125.0 - (SLIVER_M + 5) * east, 43.05) is None


def test_in_an_overlap_the_deeper_county_wins() -> None:
    assert SIDE_BY_SIDE.locate(125.192, 43.05) == "220102000000"
    assert SIDE_BY_SIDE.locate(125.198, 43.05) == "220201000000"


def test_the_finest_drawn_tier_wins() -> None:
    nested = Boundaries.from_geojson(
        collection(
            ("220100000000", box(125.0, 43.0, 126.0, 44.0)),
            ("220101000000", box(125.0, 43.0, 125.5, 44.0)),
        )
    )
    assert nested.locate(125.4, 43.5) == "220101000000"
    assert nested.locate(125.6, 43.5) == "220100000000"


@pytest.mark.parametrize(
    "place", [(math.nan, 43.05), (125.05, math.inf), (0, 0), (1e300, 43), (125.05, 90), (0, -90)]
)
def test_a_senseless_position_lies_nowhere(place: tuple[float, float]) -> None:
    assert SIDE_BY_SIDE.locate(*place) is None
    assert not SIDE_BY_SIDE.contains_province(*place)


def test_a_city_contains_its_counties_and_the_gaps_between_them() -> None:
    assert SIDE_BY_SIDE.contains("220100000000", 125.05, 43.05)
    assert SIDE_BY_SIDE.contains("220100000000", 125.1 + GAP / 2, 43.05)
    assert not SIDE_BY_SIDE.contains("220200000000", 125.05, 43.05)
    assert SIDE_BY_SIDE.contains_province(125.25, 43.05)


def test_the_distance_is_negative_inside() -> None:
    south = SIDE_BY_SIDE.distance_m("220101000000", 125.05, 43.0 - 1_000 * METRE)
    inside = SIDE_BY_SIDE.distance_m("220101000000", 125.05, 43.0 + 1_000 * METRE)
    assert south == pytest.approx(1_000, abs=1)
    assert inside == pytest.approx(-1_000, abs=1)


def test_a_union_is_used_for_what_is_not_drawn() -> None:
    assert SIDE_BY_SIDE.bounds("220000000000") == (125.0, 43.0, 125.3, 43.1)
    lon, lat = SIDE_BY_SIDE.centroid("220200000000")
    assert (lon, lat) == pytest.approx((125.245, 43.05))
    assert SIDE_BY_SIDE.distance_m("220000000000", 125.15, 43.05) < -2_000


def test_the_middle_of_a_hook_lies_inside_it() -> None:
    hook = [
        [125.0, 43.0],
        [126.0, 43.0],
        [126.0, 43.1],
        [125.1, 43.1],
        [125.1, 44.0],
        [125.0, 44.0],
    ]
    bent = Boundaries.from_geojson(collection(("220101000000", [[*hook, hook[0]]])))
    assert bent.locate(*bent.centroid("220101000000")) == "220101000000"


@pytest.mark.parametrize("code", ["220171000000", "220101001000", "230000000000"])
def test_no_boundary_is_said_plainly(code: str) -> None:
    assert not SIDE_BY_SIDE.has(code)
    with pytest.raises(NotFound) as caught:
        SIDE_BY_SIDE.centroid(code)
    assert caught.value.code is BoundaryProblem.UNKNOWN_DIVISION
    assert SIDE_BY_SIDE.has("220100000000")


def test_a_drawing_that_crosses_itself_is_mended() -> None:
    bow_tie = [[[125.0, 43.0], [125.2, 43.2], [125.2, 43.0], [125.0, 43.2], [125.0, 43.0]]]
    mended = Boundaries.from_geojson(collection(("220101000000", bow_tie)))
    assert mended.locate(125.02, 43.1) == "220101000000"
    assert mended.locate(125.18, 43.1) == "220101000000"
    assert mended.locate(125.1, 43.02) is None


# ------------------------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", BoundaryProblem.NOT_GEOJSON),
        (b"name,code", BoundaryProblem.NOT_GEOJSON),
        (b"[]", BoundaryProblem.NOT_GEOJSON),
        (b'{"features":[]}', BoundaryProblem.NO_FEATURES),
        (b'{"features":[1]}', BoundaryProblem.BAD_CODE),
        (b'{"features":[{"properties":[],"geometry":"x"}]}', BoundaryProblem.BAD_CODE),
        (collection(("2201", box(0, 0, 1, 1))), BoundaryProblem.BAD_CODE),
        (collection(("220101000000", box(0, 0, 1, 1))) * 2, BoundaryProblem.NOT_GEOJSON),
        (
            collection(("220101000000", box(0, 0, 1, 1)), ("220101000000", box(1, 1, 2, 2))),
            BoundaryProblem.DUPLICATE_CODE,
        ),
        (collection(("220101000000", [])), BoundaryProblem.NOT_A_POLYGON),
        (collection(("220101000000", [[[1.0, 2.0]]])), BoundaryProblem.NOT_A_POLYGON),
        (
            b'{"features":[{"properties":{"code":"220101000000"},'
            b'"geometry":{"type":"Point","coordinates":[1,2]}}]}',
            BoundaryProblem.NOT_A_POLYGON,
        ),
        (
            b'{"features":[{"properties":{"code":"220101000000"},'
            b'"geometry":{"type":"Polygon","coordinates":[[["a","b"]]]}}]}',
            BoundaryProblem.NOT_A_POLYGON,
        ),
    ],
)
def test_a_bad_boundary_file_is_refused_with_the_reason(
    content: bytes, problem: BoundaryProblem
) -> None:
    with pytest.raises(InvalidInput) as caught:
        Boundaries.from_geojson(content)
    assert caught.value.code is problem


def test_a_bad_coordinate_is_refused_when_converting() -> None:
    with pytest.raises(InvalidInput):
        convert_boundaries(collection(("220101000000", [[["a", "b"]]])))  # type: ignore[list-item]
    with pytest.raises(InvalidInput):
        convert_boundaries(collection(("220101000000", [[[125.0]]])))


def test_a_code_written_as_a_number_is_a_code() -> None:
    content = collection(("220101000000", box(125.0, 43.0, 125.1, 43.1)))
    content = content.replace(b'"220101000000"', b"220101000000")
    assert Boundaries.from_geojson(content).codes == ("220101000000",)


def test_converting_moves_the_drawing_and_keeps_the_rest() -> None:
    before = orjson.loads(collection(("220101000000", box(125.0, 43.0, 125.1, 43.1))))
    after = orjson.loads(convert_boundaries(orjson.dumps(before)))
    assert after["features"][0]["properties"] == before["features"][0]["properties"]
    lon, lat = after["features"][0]["geometry"]["coordinates"][0][0]
    assert distance_m(125.0, 43.0, *wgs84_to_gcj02(lon, lat)) < 1
    assert (round(lon, 5), round(lat, 5)) == (lon, lat)


def test_shapely_is_not_imported_before_it_is_needed() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, data.geo.boundaries; sys.exit('shapely' in sys.modules)",
        ],
        check=False,
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("east", "north", "way"),
    [
        (0, 1, "北"),
        (1, 1, "东北"),
        (1, 0, "东"),
        (1, -1, "东南"),
        (0, -1, "南"),
        (-1, -1, "西南"),
        (-1, 0, "西"),
        (-1, 1, "西北"),
        (-0.1, 1, "北"),
    ],
)
def test_the_direction_of_a_place_from_another(east: float, north: float, way: str) -> None:
    lon, lat = 128.2, 43.4
    there = lon + east * 0.0137, lat + north * 0.01  # a degree of longitude is shorter there
    assert direction(bearing_deg(lon, lat, *there), "zh") == way
