"""The files that evacuation cards are imported from: lists and drawings, read but not compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from alerts.loop.evacuation.card_routes import Drawn, Routes, read_routes
from alerts.loop.evacuation.findings import Finding
from alerts.patrol.zones.zone_file import as_dict, read_collection, text_of
from contacts.roster.sheet import Book
from contacts.roster.spreadsheets import book_of
from data.errors import InvalidInput
from data.files import read_file
from data.geo.drawing_files import as_geojson, from_chinese_map
from data.geo.shape_cover import Cover
from data.geo.shapes import Shape, read_shape
from data.geo.zone_geometry import Point


class CardFileProblem(Enum):
    """Why a file as a whole holds nothing of cards."""

    NO_LIST = "evacuation_no_list"  # neither cards nor households
    NO_LINES = "evacuation_no_lines"  # a drawing without a line
    NO_ZONES = "evacuation_no_zones"  # a drawing without an area


@dataclass(frozen=True, slots=True)
class CardFiles:
    """What is imported together: lists and drawings, read but not compared."""

    file: str
    lists: tuple[Book, ...] = ()
    routes: Routes | None = None
    zones: Mapping[str, Shape] = field(default_factory=dict)
    chinese_map: bool = False
    """Drawn with a program whose maps are GCJ-02, and not said to be converted."""


def read_files(
    paths: Sequence[Path], zone_paths: Sequence[Path] = (), *, gcj02: bool = False
) -> CardFiles:
    """Read lists (XLSX, XLS, CSV) and drawings (GeoJSON, KML, KMZ, GPX, zipped shapefiles).

    :param zone_paths: drawings of land that floods.
    :param gcj02: drawings that do not say otherwise were made on a Chinese web map.
    :raises InvalidInput: a file as a whole cannot be used.
    """
    given = ((path.name, read_file(path)) for path in paths)
    read = files_given(given, gcj02=gcj02)
    zones: dict[str, Shape] = {}
    for path in zone_paths:
        zones |= _zones(path, gcj02=gcj02)
    names = [*filter(None, [read.file]), *(path.name for path in zone_paths)]
    return replace(read, file="、".join(names), zones=zones)


def files_given(given: Iterable[tuple[str, bytes]], *, gcj02: bool = False) -> CardFiles:
    """The same of files' names and bytes.

    :raises InvalidInput: a file as a whole cannot be used.
    """
    names: list[str] = []
    books: list[Book] = []
    lines: list[Drawn] = []
    spots: dict[str, Point] = {}
    findings: list[Finding] = []
    drawn = chinese = False
    for name, content in given:
        names.append(name)
        if not _is_drawing(name, content):
            books.append(book_of(content, name))
            continue
        drawn = True
        chinese = chinese or (not gcj02 and from_chinese_map(content))
        routes = read_routes(read_collection(as_geojson(content)), gcj02=gcj02)
        if not routes.lines and not routes.findings and not routes.spots:
            raise InvalidInput(CardFileProblem.NO_LINES, file=name)
        lines += routes.lines
        spots |= routes.spots
        findings += routes.findings
    together = Routes(tuple(lines), spots, tuple(findings)) if drawn else None
    return CardFiles("、".join(names), tuple(books), together, {}, chinese)


def draws_lines(content: bytes) -> bool:
    """Whether a drawing holds lines and no land: routes, and not the area of a warning."""
    try:
        features = read_collection(as_geojson(content))
    except InvalidInput:
        return False
    kinds = {as_dict(as_dict(feature).get("geometry")).get("type") for feature in features}
    return bool(kinds & _LINES) and not kinds & _LAND


_LINES = {"LineString", "MultiLineString"}
_LAND = {"Polygon", "MultiPolygon"}
_DRAWINGS = (".geojson", ".json", ".kml", ".kmz", ".gpx", ".shp", ".zip")


def _is_drawing(name: str, content: bytes) -> bool:
    """Whether a file is a drawing; its name says what its first bytes cannot (a zip is both)."""
    if name.lower().endswith(_DRAWINGS):
        return True
    return content[:512].lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"<"))


def _zones(path: Path, *, gcj02: bool) -> dict[str, Shape]:
    import orjson

    features = read_collection(as_geojson(read_file(path)))
    found: dict[str, Shape] = {}
    for number, feature in enumerate(features, start=1):
        properties = as_dict(as_dict(feature).get("properties"))
        if as_dict(as_dict(feature).get("geometry")).get("type") not in ("Polygon", "MultiPolygon"):
            continue
        name = text_of(properties.get("name")) or text_of(properties.get("名称"))
        name = (name or f"{path.stem} {number}")[:64]
        shape = read_shape(orjson.dumps(feature), gcj02=gcj02)
        found[name] = Cover(shape).shape
    if not found:
        raise InvalidInput(CardFileProblem.NO_ZONES, file=path.name)
    return found
