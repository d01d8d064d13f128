"""Patrol zones: what a zone file may contain, and whether a position is inside."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.patrol.zones.model import Zone, ZoneKind, locate, outside_m
from alerts.patrol.zones.zone_file import (
    MAX_POINTS,
    ZoneFileProblem,
    ZoneReason,
    read_collection,
    zone_rows,
)
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.people import Person, Role
from data.errors import InvalidInput
from data.geo.coordinates import distance_m, wgs84_to_gcj02
from data.geo.zone_geometry import distance_to_m, inside

VILLAGE = "222403101200"
GAZETTEER = Gazetteer(
    [
        Division("220000000000", "吉林省", Tier.PROVINCE),
        Division("222403000000", "敦化市", Tier.COUNTY, "220000000000"),
        Division(VILLAGE, "团山子村", Tier.VILLAGE, "222403000000"),
    ]
)
RANGER = Person(40, "护林员", "+8613900000040", VILLAGE, Role.RANGER, 1)
PEOPLE = {RANGER.phone: RANGER}
SQUARE = [[128.0, 43.0], [128.1, 43.0], [128.1, 43.1], [128.0, 43.1], [128.0, 43.0]]
BOW = [[128.0, 43.0], [128.1, 43.1], [128.1, 43.0], [128.0, 43.1], [128.0, 43.0]]


def feature(drawn: Any = None, kind: str = "Polygon", **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": "一号区", "division_code": VILLAGE, **properties},
        "geometry": {"type": kind, "coordinates": [SQUARE] if drawn is None else drawn},
    }


def reason(drawn: Any) -> ZoneReason | None:
    rows, problems = zone_rows([drawn], GAZETTEER, PEOPLE)
    assert bool(rows) is not bool(problems)
    return problems[0].reason if problems else None


def swapped(points: list[list[float]]) -> list[list[float]]:
    return [[lat, lon] for lon, lat in points]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("nothing", ZoneReason.NOT_A_FEATURE),
        ({"properties": {"name": "x"}, "geometry": None}, ZoneReason.NOT_A_FEATURE),
        (feature(name=""), ZoneReason.NO_NAME),
        (feature(name=None), ZoneReason.NO_NAME),
        (feature(name="长" * 65), ZoneReason.NAME_TOO_LONG),
        (feature(division_code=""), ZoneReason.NO_OWNER),
        (feature(division_code="222403101201"), ZoneReason.DIVISION_UNKNOWN),
        (feature(phones=["12"]), ZoneReason.PHONE_INVALID),
        (feature(phones=["13900000041"]), ZoneReason.PERSON_UNKNOWN),
        (feature(coordinates="bd09"), ZoneReason.MARK_UNKNOWN),
        (feature(active="yes"), ZoneReason.ACTIVE_INVALID),
        (feature(kind="Point"), ZoneReason.GEOMETRY_UNKNOWN),
        (feature([swapped(SQUARE)]), ZoneReason.SWAPPED),
        (feature([[[lon + 10, lat] for lon, lat in SQUARE]]), ZoneReason.OUTSIDE_PROVINCE),
        (
            feature([[[lon * 111_000, lat * 111_000] for lon, lat in SQUARE]]),
            ZoneReason.NOT_DEGREES,
        ),
        (feature([[[0, 0], [0, 1], [1, 1], [0, 0]]]), ZoneReason.OUTSIDE_PROVINCE),
        (feature([SQUARE[:-1]]), ZoneReason.UNCLOSED),
        (feature([[SQUARE[0], SQUARE[1], SQUARE[0]]]), ZoneReason.TOO_FEW_POINTS),
        (feature([BOW]), ZoneReason.SELF_CROSSING),
        (feature([[[128, 43], [128.1, 43], [128.2, 43], [128, 43]]]), ZoneReason.NO_LENGTH),
        (feature([[[lon + 0.5, lat] for lon, lat in SQUARE], SQUARE]), ZoneReason.PARTS_OVERLAP),
        (feature([[SQUARE], [SQUARE]], "MultiPolygon"), ZoneReason.SELF_CROSSING),
        (feature([]), ZoneReason.TOO_FEW_POINTS),
        (feature([[]]), ZoneReason.TOO_FEW_POINTS),
        (feature("abc"), ZoneReason.NOT_NUMBERS),
        (feature(7), ZoneReason.NOT_NUMBERS),
        (feature([[["128", "43"]] * 4]), ZoneReason.NOT_NUMBERS),
        (feature([[[True, False]] * 4]), ZoneReason.NOT_NUMBERS),
        (feature([[[128.0]] * 4]), ZoneReason.NOT_NUMBERS),
        (feature([[[128.0, 43.0]] * (MAX_POINTS + 1)]), ZoneReason.TOO_MANY_POINTS),
        (feature(SQUARE[:1], "LineString"), ZoneReason.TOO_FEW_POINTS),
        (feature([SQUARE[0]] * 3, "LineString"), ZoneReason.NO_LENGTH),
        (feature(SQUARE, "LineString", buffer_m=0), ZoneReason.BUFFER_INVALID),
        (feature(SQUARE, "LineString", buffer_m="wide"), ZoneReason.BUFFER_INVALID),
    ],
)
def test_a_bad_feature_is_refused_with_its_reason(bad: Any, why: ZoneReason) -> None:
    assert reason(bad) is why


def test_a_crossing_is_named_with_its_place() -> None:
    _, problems = zone_rows([feature([BOW])], GAZETTEER, PEOPLE)
    facts = problems[0].facts
    assert (round(facts["lon"], 6), round(facts["lat"], 6)) == (128.05, 43.05)


def test_all_bad_features_are_found_in_one_go() -> None:
    rows, problems = zone_rows(
        [feature(), feature([BOW]), feature(), feature(name="")], GAZETTEER, PEOPLE
    )
    assert len(rows) == 1
    assert [(problem.feature, problem.reason) for problem in problems] == [
        (2, ZoneReason.SELF_CROSSING),
        (3, ZoneReason.NAME_TWICE),
        (4, ZoneReason.NO_NAME),
    ]


@pytest.mark.parametrize(
    "good",
    [
        feature(),
        feature([[[*point, 512.0] for point in SQUARE]]),  # with heights
        feature([[SQUARE]], "MultiPolygon"),
        feature(SQUARE, "LineString"),
        feature(BOW, "LineString"),  # a path may cross itself
        feature([SQUARE, BOW], "MultiLineString", buffer_m=50),
        feature(phones="139 0000 0040", division_code=None),
        feature(phones=[13900000040], division_code=222403101200),
        feature(coordinates="WGS-84", active=False),
    ],
)
def test_a_good_feature_is_taken(good: dict[str, Any]) -> None:
    assert reason(good) is None


def test_a_zone_drawn_on_a_chinese_map_is_moved_to_where_it_is() -> None:
    drawn = [list(wgs84_to_gcj02(lon, lat)) for lon, lat in SQUARE]
    rows, _ = zone_rows(
        [feature([drawn], coordinates="gcj02"), feature(name="二号区", coordinates="wgs84")],
        GAZETTEER,
        PEOPLE,
        gcj02=True,
    )
    for found, wanted in zip(rows[0].lines[0], rows[1].lines[0], strict=True):
        assert distance_m(*found, *wanted) < 0.5
    assert (rows[0].converted, rows[1].converted) == (True, False)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html>502</html>", ZoneFileProblem.NOT_GEOJSON),
        (b"[]", ZoneFileProblem.NOT_GEOJSON),
        (b'{"type":"Feature"}', ZoneFileProblem.NOT_GEOJSON),
        (b"\xff\xfe\x00", ZoneFileProblem.NOT_GEOJSON),
        (b'{"features":{}}', ZoneFileProblem.NO_FEATURES),
        (b'{"features":[]}', ZoneFileProblem.NO_FEATURES),
    ],
)
def test_what_is_no_collection_is_refused(content: bytes, why: ZoneFileProblem) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_collection(content)
    assert caught.value.code is why


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_names_survive_the_encodings_of_chinese_programs(encoding: str) -> None:
    content = json.dumps({"features": [feature()]}, ensure_ascii=False).encode(encoding)
    rows, _ = zone_rows(read_collection(content), GAZETTEER, PEOPLE)
    assert rows[0].name == "一号区"


@given(st.recursive(st.none() | st.floats() | st.text(max_size=3), st.lists, max_leaves=12))
def test_no_nonsense_of_coordinates_gets_through_or_breaks_the_reader(nonsense: Any) -> None:
    drawn = feature()
    drawn["geometry"]["coordinates"] = nonsense
    assert reason(drawn) is not None


# ------------------------------------------------------------------------------------- positions

AREA = Zone(1, "一号区", VILLAGE, ZoneKind.AREA, (tuple((x, y) for x, y in SQUARE),))
HOLE = ((128.04, 43.04), (128.06, 43.04), (128.06, 43.06), (128.04, 43.06), (128.04, 43.04))
RING = Zone(2, "环", VILLAGE, ZoneKind.AREA, (*AREA.lines, HOLE))
ROUTE = Zone(3, "路", VILLAGE, ZoneKind.ROUTE, (((128.0, 43.2), (128.1, 43.2)),), 200.0)


def test_inside_outside_and_in_the_hole() -> None:
    assert outside_m(AREA, 128.05, 43.05) == 0
    # 0.01 degrees of latitude: 1,112 metres.
    assert outside_m(AREA, 128.05, 43.11) == pytest.approx(1112, rel=0.01)
    assert outside_m(RING, 128.05, 43.05) == pytest.approx(
        distance_m(128.05, 43.05, 128.04, 43.05), rel=0.01
    )


def test_a_route_has_a_strip_to_either_side() -> None:
    assert outside_m(ROUTE, 128.05, 43.2015) == 0
    assert outside_m(ROUTE, 128.05, 43.21) == pytest.approx(912, rel=0.01)


def test_the_zone_one_is_in_or_the_nearest_is_named() -> None:
    found = locate([AREA, ROUTE], 128.05, 43.2)
    assert found is not None
    assert (found.inside, found.zone) == (True, ROUTE)
    found = locate([AREA, ROUTE], 128.05, 43.19)
    assert found is not None
    assert (found.inside, found.zone) == (False, ROUTE)
    assert locate([], 128.05, 43.05) is None


def test_nobody_is_called_outside_by_less_than_the_phone_may_be_wrong() -> None:
    found = locate([AREA], 128.05, 43.1005, 100.0)  # 56 metres outside
    assert found is not None
    assert found.inside
    found = locate([AREA], 128.05, 43.1005, 10.0)
    assert found is not None
    assert not found.inside


corner = st.floats(0.01, 0.4)
angles = st.lists(st.floats(0, 2 * math.pi), min_size=3, max_size=12, unique=True)


@given(angles, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), corner)
def test_plain_arithmetic_agrees_with_shapely(
    turns: list[float], east: float, north: float, radius: float
) -> None:
    import shapely

    lon, lat = 128.0 + east, 43.5 + north
    corners = [(128.0 + radius * math.cos(a), 43.5 + radius * math.sin(a)) for a in sorted(turns)]
    ring = [*corners, corners[0]]
    polygon = shapely.Polygon(ring)
    point = shapely.Point(lon, lat)
    if polygon.boundary.distance(point) > 1e-9:
        assert inside([ring], lon, lat) is bool(polygon.contains(point))
    # On a plane around the position, degrees of longitude are shorter than those of latitude.
    scale = math.cos(math.radians(lat))
    plane = shapely.LineString([((x - lon) * scale, y - lat) for x, y in ring])
    wanted = plane.distance(shapely.Point(0, 0)) * 111_195.08
    assert distance_to_m([ring], lon, lat) == pytest.approx(wanted, rel=1e-4, abs=0.1)
