"""The files that evacuation cards are imported from: lists and drawings, read but not compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from alerts.loop.evacuation.card_routes import Drawn, Routes, read_routes
from alerts.loop.evacuation.findings import Finding
from alerts.patrol.zones.zone_file import as_dict, read_collection, text_of
from contacts.roster.sheet import Book
from contacts.roster.spreadsheets import read_book
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
    books: list[Book] = []
    lines: list[Drawn] = []
    spots: dict[str, Point] = {}
    findings: list[Finding] = []
    drawn = chinese = False
    for path in paths:
        if not _is_drawing(path):
            books.append(read_book(path))
            continue
        drawn = True
        content = read_file(path)
        chinese = chinese or (not gcj02 and from_chinese_map(content))
        routes = read_routes(read_collection(as_geojson(content)), gcj02=gcj02)
        if not routes.lines and not routes.findings and not routes.spots:
            raise InvalidInput(CardFileProblem.NO_LINES, file=path.name)
        lines += routes.lines
        spots |= routes.spots
        findings += routes.findings
    zones: dict[str, Shape] = {}
    for path in zone_paths:
        zones |= _zones(path, gcj02=gcj02)
    names = "、".join(path.name for path in (*paths, *zone_paths))
    together = Routes(tuple(lines), spots, tuple(findings)) if drawn else None
    return CardFiles(names, tuple(books), together, zones, chinese)


def _is_drawing(path: Path) -> bool:
    """Whether a file is a drawing; its name says what its first bytes cannot (a zip is both)."""
    ending = path.suffix.lower()
    if ending in (".geojson", ".json", ".kml", ".kmz", ".gpx", ".shp", ".zip"):
        return True
    head = read_file(path)[:512].lstrip(b"\xef\xbb\xbf \r\n\t")
    return head.startswith((b"{", b"<"))


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
