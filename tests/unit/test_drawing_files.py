"""Drawings of maps and receivers become GeoJSON; other systems of coordinates are refused."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import orjson
import pytest

from data.errors import InvalidInput
from data.geo import drawing_files
from data.geo.drawing_files import DrawingProblem, as_geojson, from_chinese_map

SQUARE = [[129.0, 42.7], [129.0, 42.8], [129.1, 42.8], [129.1, 42.7], [129.0, 42.7]]
HOLE = [[129.02, 42.72], [129.04, 42.72], [129.04, 42.74], [129.02, 42.74], [129.02, 42.72]]
WGS84 = 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137,298.257]]]'


def features(content: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(as_geojson(content))["features"]
    return found


def kml(points: str, more: str = "", kind: str = "Polygon") -> bytes:
    ring = f"<outerBoundaryIs><LinearRing><coordinates>{points}</coordinates></LinearRing>"
    drawn = f"<Polygon>{ring}</outerBoundaryIs></Polygon>"
    if kind == "LineString":
        drawn = f"<LineString><coordinates>{points}</coordinates></LineString>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        "<Document><Folder><name>老头沟镇宝兴村</name><Placemark><name>一号区</name>"
        f"{more}{drawn}</Placemark></Folder></Document></kml>"
    ).encode()


POINTS = " ".join(f"{lon},{lat},0" for lon, lat in SQUARE)


def archive(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, part in parts.items():
            made.writestr(name.replace("_", "."), part)
    return content.getvalue()


def shape(rings: list[list[list[float]]], kind: int = 5) -> bytes:
    points = [number for ring in rings for point in ring for number in point]
    starts, at = [], 0
    for ring in rings:
        starts.append(at)
        at += len(ring)
    record = struct.pack("<i4d2i", kind, 0, 0, 0, 0, len(rings), at)
    record += struct.pack(f"<{len(starts)}i{len(points)}d", *starts, *points)
    head = struct.pack(">i", 9994) + bytes(96)
    return head + struct.pack(">2i", 1, len(record) // 2) + record


def overlapping() -> bytes:
    """A shape whose parts each begin at the first point: as many points as their square."""
    made = bytearray(shape([SQUARE] * 3))
    at = 100 + 8 + 44
    made[at : at + 12] = struct.pack("<3i", 0, 7, 1)
    return bytes(made)


def dbf(name: str) -> bytes:
    written = name.encode("gb18030").ljust(40)
    head = struct.pack("<4xIHH20x", 1, 65, 41)
    field = b"NAME".ljust(11, b"\0") + b"C" + bytes(4) + bytes([40]) + bytes(15)
    return head + field + b"\r" + b" " + written


def test_areas_of_kml() -> None:
    (feature,) = features(kml(POINTS))
    assert feature["properties"] == {"name": "一号区", "folder": "老头沟镇宝兴村"}
    assert feature["geometry"] == {"type": "MultiPolygon", "coordinates": [[SQUARE]]}


def test_lines_and_data_of_kml_in_an_archive() -> None:
    data = '<ExtendedData><Data name="电话"><value>19900000001</value></Data></ExtendedData>'
    (feature,) = features(archive(doc_kml=kml(POINTS, data, "LineString")))
    assert feature["properties"]["电话"] == "19900000001"
    assert feature["geometry"]["type"] == "MultiLineString"


def test_tracks_of_gpx() -> None:
    points = "".join(f'<trkpt lat="{lat}" lon="{lon}"/>' for lon, lat in SQUARE[:3])
    gpx = f"<gpx><trk><name>巡护线</name><trkseg>{points}</trkseg></trk></gpx>".encode()
    (feature,) = features(gpx)
    assert feature["properties"]["name"] == "巡护线"
    assert feature["geometry"]["coordinates"] == [SQUARE[:3]]


def test_a_zipped_shapefile_with_a_hole_and_chinese_names() -> None:
    packed = archive(a_shp=shape([SQUARE, HOLE]), a_dbf=dbf("一号区"), a_prj=WGS84.encode())
    (feature,) = features(packed)
    assert feature["properties"] == {"NAME": "一号区"}
    assert feature["geometry"] == {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE]]}


def test_two_areas_of_one_shape() -> None:
    other = [[lon + 1, lat] for lon, lat in SQUARE]
    (feature,) = features(archive(a_shp=shape([SQUARE, other])))
    assert feature["geometry"]["coordinates"] == [[SQUARE], [other]]


def collection(crs: str) -> bytes:
    system = {"type": "name", "properties": {"name": crs}}
    return orjson.dumps({"type": "FeatureCollection", "crs": system, "features": []})


@pytest.mark.parametrize("crs", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "EPSG:4490"])
def test_lon_lat_is_taken_as_it_is(crs: str) -> None:
    assert as_geojson(collection(crs)) == collection(crs)


@pytest.mark.parametrize(
    "content",
    [
        collection("urn:ogc:def:crs:EPSG::4527"),
        collection("EPSG:3857"),
        archive(a_shp=shape([SQUARE]), a_prj=b'PROJCS["CGCS2000_3_Degree_GK_Zone_43"]'),
    ],
)
def test_other_systems_are_refused_by_name(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        as_geojson(content)
    assert refused.value.code is DrawingProblem.OTHER_SYSTEM
    assert refused.value.facts["name"]


@pytest.mark.parametrize(
    "content",
    [
        b"<kml><Document>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><kml>&b;</kml>",
        b"PK\x03\x04 broken",
        archive(a_txt=b"nothing drawn"),
        archive(a_shp=shape([SQUARE])[:140]),
        archive(a_shp=bytes(200)),
        archive(a_shp=overlapping()),
        b"<kml>" + b"<Folder>" * 20_000 + b"</Folder>" * 20_000 + b"</kml>",
    ],
)
def test_what_is_damaged_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        as_geojson(content)
    assert refused.value.code is DrawingProblem.BROKEN


def test_a_chinese_map_is_noticed() -> None:
    assert from_chinese_map(kml(POINTS).replace(b"<Document>", b"<Document><!-- ovital -->"))
    assert not from_chinese_map(kml(POINTS))


def test_a_table_has_no_more_rows_than_there_are_shapes() -> None:
    """It may say that it has two thousand million, without one of them."""
    table = bytearray(dbf("东沟"))
    table[4:8] = struct.pack("<I", 2**31 - 1)
    [drawn] = features(archive(a_shp=shape([SQUARE]), a_dbf=bytes(table)))
    assert drawn["properties"] == {"NAME": "东沟"}
    table[4:12] = struct.pack("<IHH", 2**31 - 1, 65, 0)
    assert len(features(archive(a_shp=shape([SQUARE]), a_dbf=bytes(table)))) == 1


def test_a_drawing_of_too_many_points_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = b"<gpx><trk><trkseg>" + b"<trkpt lat='43' lon='128'/>" * 30 + b"</trkseg></trk></gpx>"
    assert features(drawn)
    monkeypatch.setattr(drawing_files, "MAX_TAGS", 20)
    with pytest.raises(InvalidInput) as refused:
        as_geojson(drawn)
    assert refused.value.code is DrawingProblem.TOO_MANY


@pytest.mark.parametrize("named", ["[1]", '{"name": [[[1]]]}', "null", '{"name": null}'])
def test_a_system_that_is_named_by_nothing_is_refused(named: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        as_geojson(f'{{"crs": {{"properties": {named}}}, "features": []}}'.encode())
    assert refused.value.code is DrawingProblem.OTHER_SYSTEM
