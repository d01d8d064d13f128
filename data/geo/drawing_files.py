"""Drawings of maps and receivers as GeoJSON: KML, KMZ, GPX and zipped shapefiles. Pure.

Only what is drawn and what is written beside it is taken over: no styles, no heights, no times.
Coordinates stay as they are; a file that says it is not in WGS-84 lon/lat (CGCS2000 is within a
metre of it) is refused.
"""

from __future__ import annotations

import io
import itertools
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from enum import Enum
from typing import Any

import orjson

from data.errors import InvalidInput

MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_TAGS = 1_000_000
"""Of XML (ours): a day of a receiver that notes every second has half as many."""

Feature = dict[str, Any]
Ring = list[list[float]]

_LON_LAT = re.compile(r"(CRS84|4326|4490|WGS_?_?(19)?84|CGCS_?2000|China_Geodetic)", re.IGNORECASE)
_OVITAL = re.compile("ovital|奥维|omap", re.IGNORECASE)


class DrawingProblem(Enum):
    """Why a file of drawings cannot be used."""

    BROKEN = "drawing_broken"
    TOO_LARGE = "drawing_too_large"
    TOO_MANY = "drawing_too_many"  # points and names of XML
    OTHER_SYSTEM = "drawing_other_system"  # not lon/lat in WGS-84; ``name`` says what


def as_geojson(content: bytes) -> bytes:
    """The drawings of a file as GeoJSON; what is GeoJSON already, or unknown, is returned as it is.

    :raises InvalidInput: with a ``DrawingProblem``.
    """
    try:
        found = _features(content)
    except (
        SyntaxError,
        ValueError,
        LookupError,
        TypeError,
        struct.error,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise InvalidInput(DrawingProblem.BROKEN) from error
    if found is None:
        check_system(content)
        return content
    return orjson.dumps({"type": "FeatureCollection", "features": found})


def check_system(geojson: bytes) -> None:
    """Refuse a GeoJSON file whose ``crs`` is not lon/lat in WGS-84.

    :raises InvalidInput: OTHER_SYSTEM of ``DrawingProblem``.
    """
    if b'"crs"' not in geojson:
        return
    try:
        whole = orjson.loads(geojson.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return
    system = whole.get("crs") if isinstance(whole, dict) else None
    if not isinstance(system, dict):
        return
    properties = system.get("properties")
    named = properties.get("name") if isinstance(properties, dict) else None
    name = next((word for word in (named, system.get("type")) if isinstance(word, str)), "")
    if not _LON_LAT.search(name):
        raise InvalidInput(DrawingProblem.OTHER_SYSTEM, name=name[:60])


def from_chinese_map(content: bytes) -> bool:
    """Whether a file was drawn with 奥维, whose maps are GCJ-02 more often than not."""
    return _OVITAL.search(content[:4096].decode("utf-8", "ignore")) is not None


def _features(content: bytes) -> list[Feature] | None:
    if content.startswith(b"PK\x03\x04"):
        return _of_archive(content)
    head = content[:1024].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"<") and (b"<kml" in head or b"<gpx" in head):
        return _of_xml(content)
    return None


def _of_archive(content: bytes) -> list[Feature]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise InvalidInput(DrawingProblem.TOO_LARGE, most=MAX_UNPACKED_BYTES // 1024 // 1024)
        names = {name.lower(): name for name in archive.namelist() if not name.startswith("__")}
        drawn = [name for name in names if name.endswith(".shp")]
        if drawn:
            return [feature for name in drawn for feature in _of_shape(archive, names, name)]
        written = [name for name in names if name.endswith((".kml", ".gpx"))]
        if not written:
            raise ValueError("no drawing in the archive")
        return [feature for name in written for feature in _of_xml(archive.read(names[name]))]


# ------------------------------------------------------------------------------------- KML, GPX


def _of_xml(content: bytes) -> list[Feature]:
    from defusedxml import ElementTree

    if content.count(b"<") > MAX_TAGS:
        raise InvalidInput(DrawingProblem.TOO_MANY)
    root = ElementTree.fromstring(content)
    return list(_of_gpx(root)) if _local(root) == "gpx" else list(_of_kml(root, ()))


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _child_text(element: Any, name: str) -> str:
    for child in element:
        if _local(child) == name:
            return (child.text or "").strip()
    return ""


def _of_kml(element: Any, folders: tuple[str, ...]) -> Iterator[Feature]:
    for child in element:
        kind = _local(child)
        if kind in ("Document", "Folder"):
            name = _child_text(child, "name")
            yield from _of_kml(child, (*folders, name) if kind == "Folder" and name else folders)
        elif kind == "Placemark":
            properties: dict[str, Any] = {"name": _child_text(child, "name")}
            if folders:
                properties["folder"] = folders[-1]
            properties |= _kml_data(child)
            for geometry in _kml_geometries(child):
                yield {"type": "Feature", "properties": properties, "geometry": geometry}


def _kml_data(placemark: Any) -> dict[str, str]:
    found = {}
    for element in placemark.iter():
        if _local(element) == "Data":
            found[str(element.get("name"))] = _child_text(element, "value")
        elif _local(element) == "SimpleData":
            found[str(element.get("name"))] = (element.text or "").strip()
    return found


def _kml_geometries(placemark: Any) -> list[dict[str, Any]]:
    """One geometry of all areas, else one of all lines; points are no drawing."""
    areas, lines = [], []
    for element in placemark.iter():
        kind = _local(element)
        if kind == "Polygon":
            areas.append(
                [
                    _kml_points(ring)
                    for side in ("outerBoundaryIs", "innerBoundaryIs")
                    for boundary in element
                    if _local(boundary) == side
                    for ring in boundary
                    if _local(ring) == "LinearRing"
                ]
            )
        elif kind == "LineString":
            lines.append(_kml_points(element))
        elif kind == "Track":
            lines.append(
                [
                    [float(number) for number in (coordinate.text or "").split()[:2]]
                    for coordinate in element
                    if _local(coordinate) == "coord"
                ]
            )
    if areas:
        return [{"type": "MultiPolygon", "coordinates": areas}]
    return [{"type": "MultiLineString", "coordinates": lines}] if lines else []


def _kml_points(element: Any) -> Ring:
    text = _child_text(element, "coordinates")
    return [[float(number) for number in point.split(",")[:2]] for point in text.split()]


def _of_gpx(root: Any) -> Iterator[Feature]:
    for track in root:
        kind = _local(track)
        if kind == "trk":
            parts = [part for part in track if _local(part) == "trkseg"]
        elif kind == "rte":
            parts = [track]
        else:
            continue
        lines = [
            [
                [float(point.get("lon")), float(point.get("lat"))]
                for point in part
                if _local(point) in ("trkpt", "rtept")
            ]
            for part in parts
        ]
        yield {
            "type": "Feature",
            "properties": {"name": _child_text(track, "name")},
            "geometry": {
                "type": "MultiLineString",
                "coordinates": [line for line in lines if line],
            },
        }


# ------------------------------------------------------------------------------------ shapefiles

_LINES, _AREAS = frozenset({3, 13, 23}), frozenset({5, 15, 25})


def _of_shape(archive: zipfile.ZipFile, names: dict[str, str], shape: str) -> Iterator[Feature]:
    stem = shape.removesuffix(".shp")
    if (projection := names.get(stem + ".prj")) is not None:
        text = archive.read(projection).decode("utf-8", "replace").strip()
        if text.startswith("PROJCS") or (text and not _LON_LAT.search(text)):
            raise InvalidInput(DrawingProblem.OTHER_SYSTEM, name=text[:60])
    encoding = "gb18030"
    if (page := names.get(stem + ".cpg")) is not None:
        written = archive.read(page).decode("ascii", "ignore").strip().lower()
        encoding = "utf-8" if "utf" in written or written == "65001" else "gb18030"
    table = names.get(stem + ".dbf")
    # One for each shape, and no more: a table may say that it has two thousand million.
    rows = _dbf_rows(archive.read(table), encoding) if table else iter(())
    for geometry in _shapes(archive.read(names[shape])):
        properties = next(rows, {})
        if geometry is not None:
            yield {"type": "Feature", "properties": properties, "geometry": geometry}


def _shapes(content: bytes) -> Iterator[dict[str, Any] | None]:
    if struct.unpack(">i", content[:4])[0] != 9994:
        raise ValueError("no shapefile")
    at = 100
    while at + 12 <= len(content):
        length = struct.unpack(">i", content[at + 4 : at + 8])[0] * 2
        yield _shape(content[at + 8 : at + 8 + length])
        at += 8 + length
        if length <= 0:
            raise ValueError("a record without length")


def _shape(record: bytes) -> dict[str, Any] | None:
    kind = struct.unpack("<i", record[:4])[0]
    if kind == 0:
        return None
    if kind not in _LINES | _AREAS:
        raise ValueError(f"shape {kind}")
    parts, points = struct.unpack("<2i", record[36:44])
    if not 0 < parts <= points or len(record) < 44 + 4 * parts + 16 * points:
        raise ValueError("a record that is too short")
    starts = [*struct.unpack(f"<{parts}i", record[44 : 44 + 4 * parts]), points]
    if starts[0] < 0 or sorted(starts) != starts:  # each part would be as long as all of them
        raise ValueError("parts that lie over each other")
    numbers = struct.unpack_from(f"<{2 * points}d", record, 44 + 4 * parts)
    coordinates = [[numbers[2 * n], numbers[2 * n + 1]] for n in range(points)]
    lines = [coordinates[first:last] for first, last in itertools.pairwise(starts)]
    if kind in _LINES:
        return {"type": "MultiLineString", "coordinates": lines}
    return {"type": "MultiPolygon", "coordinates": list(_polygons(lines))}


def _polygons(rings: list[Ring]) -> Iterator[list[Ring]]:
    """Outer rings run clockwise in a shapefile, holes the other way, after their outer ring."""
    polygon: list[Ring] = []
    for ring in rings:
        if polygon and _area(ring) > 0:
            polygon.append(ring)
            continue
        if polygon:
            yield polygon
        polygon = [ring]
    if polygon:
        yield polygon


def _area(ring: Ring) -> float:
    """Twice the area; positive when the ring runs against the clock."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def _dbf_rows(content: bytes, encoding: str) -> Iterator[dict[str, str]]:
    count, header, length = struct.unpack("<IHH", content[4:12])
    fields = []
    at = 32
    while at + 32 <= header and content[at : at + 1] != b"\r":
        name = content[at : at + 11].split(b"\0")[0].decode(encoding, "replace")
        fields.append((name, content[at + 16]))
        at += 32
    for number in range(count):
        record = content[header + number * length : header + (number + 1) * length]
        if not record:
            return
        row, place = {}, 1
        for name, width in fields:
            row[name] = record[place : place + width].decode(encoding, "replace").strip(" \0")
            place += width
        yield row
