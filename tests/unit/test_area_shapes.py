"""Which villages and places a shape holds; what has no position, or lies outside, is said."""

from __future__ import annotations

import math
from collections.abc import Mapping

import orjson
import pytest

from alerts.rivers.model import Stretch, below_point, between, nearest_stretch
from contacts.area_shapes import PlacesOnMap, covered
from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.places import Place, PlaceKind
from data.errors import InvalidInput
from data.geo.boundaries import Boundaries
from data.geo.coordinates import distance_m, gcj02_to_wgs84, wgs84_to_gcj02
from data.geo.shape_cover import Cover, sound, strip
from data.geo.shapes import (
    Shape,
    ShapeNote,
    ShapeProblem,
    circle,
    read_shape,
    shape_of_geojson,
    shape_of_polygons,
    shape_of_rings,
)

PROVINCE, CITY = "220000000000", "222400000000"
WEST_COUNTY, EAST_COUNTY = "222401000000", "222402000000"
T1, T2, T3 = "222401100000", "222401101000", "222402100000"

# Two counties side by side, a degree wide each; in each township three villages from west to east.
POINTS: Mapping[str, tuple[float, float] | None] = {
    PROVINCE: None, CITY: None, WEST_COUNTY: None, EAST_COUNTY: None, T1: None, T2: None, T3: None,
    "222401100001": (128.1, 43.1), "222401100002": (128.2, 43.1), "222401100003": (128.3, 43.1),
    "222401101001": (128.5, 43.1), "222401101002": (128.6, 43.1), "222401101003": None,
    "222402100001": (129.1, 43.1), "222402100002": (129.2, 43.1), "222402100003": None,
}  # fmt: skip


class Land:
    def __init__(self, points: Mapping[str, tuple[float, float] | None] = POINTS) -> None:
        self.gazetteer = Gazetteer(
            Division(code, f"名{code}", tier_of(code), None, *(point or (None, None)))
            for code, point in points.items()
        )
        self.boundaries = Boundaries.from_geojson(
            orjson.dumps({"features": [_drawn(WEST_COUNTY, 128.0), _drawn(EAST_COUNTY, 129.0)]})
        )


def _drawn(code: str, west: float) -> dict[str, object]:
    ring = [[west, 43], [west + 1, 43], [west + 1, 44], [west, 44], [west, 43]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


def box(west: float, south: float, east: float, north: float) -> Shape:
    return shape_of_rings([[(west, south), (east, south), (east, north), (west, north)]])


def place(code: str, division: str, lon: float, lat: float) -> Place:
    return Place(code, PlaceKind.RESERVOIR, code, division, lon, lat)


def test_villages_are_taken_by_their_position_and_a_whole_township_by_its_own_code() -> None:
    land = Land()
    some = covered(land, Cover(box(128.05, 43.0, 128.25, 43.2)), PlacesOnMap([]))
    assert (some.areas, some.villages) == (("222401100001", "222401100002"), 2)
    assert not some.outside and not some.unplaced and not some.left_out
    assert covered(land, Cover(box(128.05, 43.0, 128.35, 43.2)), PlacesOnMap([])).areas == (T1,)


def test_a_village_without_position_comes_with_its_township_or_half_of_its_county() -> None:
    land = Land()
    beside = covered(land, Cover(box(128.45, 43.0, 128.55, 43.2)), PlacesOnMap([]))
    assert (beside.areas, beside.unplaced) == (("222401101001", "222401101003"), 1)
    unknown = Land(dict.fromkeys(POINTS))
    less = covered(unknown, Cover(box(128.0, 43.0, 128.4, 44.0)), PlacesOnMap([]))
    assert (less.areas, less.left_out, less.left_out_of) == ((), 6, (WEST_COUNTY,))
    half = covered(unknown, Cover(box(128.0, 43.0, 128.6, 44.0)), PlacesOnMap([]))
    assert (half.areas, half.unplaced, half.left_out) == ((WEST_COUNTY,), 6, 0)
    pointed = Land(dict.fromkeys(POINTS) | {T1: (128.2, 43.5)})
    by_point = covered(pointed, Cover(box(128.1, 43.4, 128.3, 43.6)), PlacesOnMap([]))
    assert (by_point.areas, by_point.unplaced, by_point.left_out) == ((T1,), 3, 3)


def test_what_is_not_the_commanders_or_not_the_provinces_is_named_and_left_out() -> None:
    land = Land()
    across = covered(land, Cover(box(128.0, 43.0, 129.15, 43.2)), PlacesOnMap([]), WEST_COUNTY)
    assert across.areas == (WEST_COUNTY,)  # never the city above, which they do not command
    assert across.elsewhere == ("222402100001", "222402100003")
    assert across.beyond and across.outside
    both = covered(land, Cover(box(128.0, 43.0, 129.15, 43.2)), PlacesOnMap([]), (T1, EAST_COUNTY))
    assert both.areas == (T1, "222402100001", "222402100003")
    assert both.elsewhere == (T2,)
    abroad = covered(land, Cover(box(129.05, 42.0, 129.15, 43.2)), PlacesOnMap([]))
    assert abroad.beyond and not abroad.elsewhere
    nothing = covered(land, Cover(box(100.0, 30.0, 101.0, 31.0)), PlacesOnMap([]))
    assert nothing.empty and nothing.beyond


def test_places_bring_their_village_or_are_called_besides() -> None:
    shape = Cover(box(128.7, 43.5, 128.8, 43.6))
    of_village = place("r1", "222401100001", 128.75, 43.55)
    of_township, outside = place("r2", T2, 128.75, 43.55), place("r3", T2, 128.9, 43.55)
    found = covered(Land(), shape, PlacesOnMap([of_village, of_township, outside]))
    assert (found.areas, found.besides) == (("222401100001",), ("r2",))
    assert covered(Land(), shape, PlacesOnMap([of_township]), EAST_COUNTY).empty


@pytest.mark.parametrize(
    ("polygons", "notes"),
    [
        ([[[[128, 43], [129, 43], [129, 44]]]], {ShapeNote.CLOSED}),
        ([[[[43, 128], [43, 129], [44, 129], [43, 128]]]], {ShapeNote.SWAPPED}),
        ([[[[128, 43, 500], [129, 43, 500], [129, 44, 0], [128, 43, 0]]]], set()),
        (
            [[[[128, 43], [129, 43], [129, 44], [128, 43]]], [[[130, 43], [131, 43], [131, 44]]]],
            {ShapeNote.CLOSED, ShapeNote.SEVERAL},
        ),
    ],
)
def test_a_drawing_is_read_leniently_and_says_so(polygons: object, notes: set[ShapeNote]) -> None:
    content = orjson.dumps({"type": "MultiPolygon", "coordinates": polygons})
    shape = read_shape(content, (121, 40, 132, 47))
    assert shape.notes == notes
    assert all(128 <= lon <= 131 and 43 <= lat <= 44 for p in shape.polygons for lon, lat in p[0])
    assert shape_of_geojson(shape.geojson()).polygons == shape.polygons


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", ShapeProblem.NOT_GEOJSON),
        (b"[1]", ShapeProblem.NOT_GEOJSON),
        (b"{}", ShapeProblem.NOT_GEOJSON),
        (b'{"type":"FeatureCollection","features":[]}', ShapeProblem.NO_POLYGON),
        (b'{"type":"Point","coordinates":[128,43]}', ShapeProblem.NO_POLYGON),
        (b'{"type":"Polygon","coordinates":[[[128,43],[129,43],[128,43]]]}',
         ShapeProblem.TOO_FEW_POINTS),
        (b'{"type":"Polygon","coordinates":[[["a",43],[129,43],[128,43]]]}',
         ShapeProblem.NOT_NUMBERS),
        (b'{"type":"Polygon","coordinates":5}', ShapeProblem.NOT_NUMBERS),
        (b'{"type":"Polygon","coordinates":[[[500000,4800000],[500100,4800000],[500100,4800100]]]}',
         ShapeProblem.NOT_DEGREES),
        (b'{"type":"Polygon","coordinates":[[[10,50],[11,50],[11,51]]]}', ShapeProblem.ELSEWHERE),
        (b" " * (9 * 1024 * 1024), ShapeProblem.TOO_LARGE),
    ],
)  # fmt: skip
def test_what_is_no_land_is_refused_with_a_reason(content: bytes, problem: ShapeProblem) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_shape(content, (121, 40, 132, 47))
    assert refused.value.code is problem


def test_a_ring_that_crosses_itself_is_the_land_it_encloses_and_a_hole_is_not_in_it() -> None:
    bow = shape_of_rings([[(128.0, 43.0), (129.0, 44.0), (129.0, 43.0), (128.0, 44.0)]])
    cover = Cover(bow)
    assert list(cover.contains([128.1, 128.9, 128.5], [43.5, 43.5, 43.1])) == [True, True, False]
    assert cover.shape.notes == {ShapeNote.MENDED} and Cover(cover.shape).shape.notes == set()
    outer = [(128.0, 43.0), (129.0, 43.0), (129.0, 44.0), (128.0, 44.0)]
    hole = [(128.4, 43.4), (128.6, 43.4), (128.6, 43.6), (128.4, 43.6)]
    ring = Cover(shape_of_polygons([[outer, hole]]))
    assert list(ring.contains([128.5, 128.2, math.nan], [43.5, 43.5, 43.5])) == [False, True, False]
    with pytest.raises(InvalidInput) as refused:
        Cover(shape_of_rings([[(128.0, 43.0), (128.5, 43.0), (129.0, 43.0)]]))
    assert refused.value.code is ShapeProblem.NO_AREA


def test_circles_strips_and_simpler_drawings_keep_their_size() -> None:
    round_one = circle(128.0, 43.0, 5_000)
    edge = [distance_m(128.0, 43.0, *point) for point in round_one.polygons[0][0]]
    assert min(edge) > 4_990 and max(edge) < 5_050
    banks = Cover(strip([[(128.0, 43.0), (128.1, 43.0)]], 1_000))
    north = 43.0 + math.degrees(980 / 6_371_008.8), 43.0 + math.degrees(1_060 / 6_371_008.8)
    assert list(banks.contains([128.05, 128.05], north)) == [True, False]
    wavy = [(128 + 0.1 * math.cos(n / 500), 43 + 0.1 * math.sin(n / 500)) for n in range(3100)]
    assert sound(shape_of_rings([wavy]), 20.0).points < 200


def test_a_drawing_on_a_chinese_map_is_moved_and_can_be_moved_back() -> None:
    shifted = [wgs84_to_gcj02(lon, lat) for lon, lat in ((128, 43), (129, 43), (129, 44))]
    feature = {
        "type": "Feature",
        "properties": {"coordinates": "GCJ-02"},
        "geometry": {"type": "Polygon", "coordinates": [[*shifted, shifted[0]]]},
    }
    shape = read_shape(orjson.dumps(feature))
    assert ShapeNote.CONVERTED in shape.notes
    assert distance_m(*shape.polygons[0][0][0], 128, 43) < 1
    back = shape.as_drawn_in_gcj02()
    assert distance_m(*gcj02_to_wgs84(*back.polygons[0][0][0]), 128, 43) < 1


def test_a_river_is_taken_from_one_stretch_to_another_and_cut_where_a_reservoir_lies() -> None:
    parts = [
        Stretch(n, "江", n, f"{n}段", (((128.0 + n, 43.0), (128.5 + n, 43.0), (129.0 + n, 43.0)),))
        for n in (1, 2, 3)
    ]
    reach = between(parts, 3, 2)
    assert reach is not None and (reach.name, len(reach.stretches)) == ("江 2段—3段", 2)
    assert between(parts, 1, 9) is None
    assert nearest_stretch(parts, 130.2, 43.01) is parts[1]
    assert nearest_stretch(parts, 130.2, 43.2) is None
    cut = below_point(reach, 130.2, 43.01, "库")
    assert cut.name == "库下游 江 2段—3段"
    assert cut.stretches[0].lines[0][0] == pytest.approx((130.2, 43.0))
    assert cut.stretches[0].lines[0][1:] == parts[1].lines[0][1:]
    assert cut.until(2).stretches == cut.stretches[:1] and cut.until(7) == cut
