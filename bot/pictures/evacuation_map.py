"""The map of an evacuation card: from the village by the route to the shelter."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from io import BytesIO

from PIL import Image

from bot.locale import N_, translator
from bot.pictures.labels import Box
from bot.pictures.lettering import fitting
from bot.pictures.marks import (
    BLACK,
    BLUE,
    FLOODED,
    GREEN,
    PALE_BLUE,
    REFUGE,
    START,
    VERMILION,
    WAY,
    Colour,
    MapMark,
)
from bot.pictures.projection import MapBounds, Place, Projection, Spot
from bot.pictures.sheet import HEIGHT, MAP, WIDTH, LegendRow, MapSheet, both
from bot.views.clock import BEIJING

NAME = 42
"""Pixels of the names on the map: a phone shows them a third as large, at night."""

_LONGEST = 15.0 * NAME
"""Pixels of a name; a longer one is written smaller, down to what a phone still shows."""

_LEAST_M = 500.0
"""Metres that the map shows at least: a way across the road is no map."""

_MAP_AND_LEGEND = (0, int(MAP.top) - 4, WIDTH, HEIGHT - 54)


@dataclass(frozen=True, slots=True)
class EvacuationMap:
    """Everything the picture shows. Positions are WGS-84 lon/lat."""

    title: str
    subtitle: str
    at: datetime  # aware: when the card was last changed
    route: Sequence[Place] = ()
    start: Place | None = None
    start_name: str = ""
    shelter: Place | None = None
    shelter_name: str = ""
    outlines: Sequence[Sequence[Place]] = ()
    flooded: Sequence[Sequence[Place]] = ()
    version: int = 1
    language: str = "zh"
    zone: tzinfo = BEIJING
    exercise: bool = False


def draw_evacuation(shown: EvacuationMap) -> bytes:
    """Draw the map of a card as PNG, ``sheet.WIDTH`` x ``sheet.HEIGHT`` pixels."""
    _ = translator(shown.language)
    marks = [place for place in (shown.start, shown.shelter) if place is not None]
    bounds = MapBounds.around([*shown.route, *marks])
    assert bounds is not None, "a card without a place has no picture"
    # Room for the names beside the ends.
    projection = Projection.fit(bounds, MAP, padding=150, min_extent_m=_LEAST_M)
    sheet = MapSheet(projection)
    sheet.outlines(shown.outlines)
    sheet.land(shown.flooded, PALE_BLUE, BLUE)
    if len(shown.route) > 1:
        sheet.way(shown.route, VERMILION)
    way = _boxes([projection.spot(place) for place in shown.route])
    for place, mark in ((shown.start, START), (shown.shelter, REFUGE)):
        if place is not None:
            spot = projection.spot(place)
            sheet.mark(mark, spot)
            r = mark.radius + 4
            sheet.places.reserve([(spot[0] - r, spot[1] - r, spot[0] + r, spot[1] + r)])
    for place, name, mark in (
        (shown.shelter, shown.shelter_name, REFUGE),
        (shown.start, shown.start_name, START),
    ):
        if place is not None:
            colour = GREEN if mark is REFUGE else BLACK
            _write(sheet, projection.spot(place), name, colour, mark.radius + 8, way)
    title = _("【演练】") + shown.title if shown.exercise else shown.title
    return sheet.finished(
        title,
        shown.subtitle,
        shown.at,
        list(_legend(shown)),
        _("未接到返回通知，任何人不得返回"),
        shown.language,
        shown.zone,
        stamped=_("{day} 第 {version} 版").format(
            day=f"{shown.at.astimezone(shown.zone):%Y-%m-%d}", version=shown.version
        ),
        urgent=True,
    )


def map_alone(picture: bytes) -> bytes:
    """The map and its legend of such a picture, as PNG: for a sheet with a title of its own."""
    out = BytesIO()
    whole = Image.open(BytesIO(picture)).convert("RGB")
    whole.crop(_MAP_AND_LEGEND).save(out, "PNG")
    return out.getvalue()


def _write(
    sheet: MapSheet, spot: Spot, name: str, colour: Colour, gap: float, way: list[Box]
) -> None:
    """Write a name beside the way; on it, or smaller, where there is no other room."""
    free = list(sheet.places.taken)
    sheet.places.reserve(way)
    size = fitting(name, NAME, _LONGEST)
    written = sheet.label(spot, name, colour, gap, size, _LONGEST)
    sheet.places.taken[:] = [*free, *sheet.places.taken[len(free) + len(way) :]]
    if not written and not sheet.label(spot, name, colour, gap, size, _LONGEST):
        sheet.label(spot, name, colour, gap)


def _boxes(spots: Sequence[Spot]) -> list[Box]:
    """What the line takes: names are written beside it."""
    found = []
    for (x1, y1), (x2, y2) in itertools.pairwise(spots):
        steps = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) // 24))
        for step in range(steps + 1):
            x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
            found.append((x - 10, y - 10, x + 10, y + 10))
    return found


def _legend(shown: EvacuationMap) -> list[LegendRow]:
    def row(mark: MapMark, chinese: str) -> LegendRow:
        return LegendRow(MapMark(mark.shape, mark.colour, min(mark.radius, 18)), both(chinese))

    rows = []
    if shown.start is not None:
        rows.append(row(START, N_("村屯")))
    if shown.shelter is not None:
        rows.append(row(REFUGE, N_("安置点")))
    if len(shown.route) > 1:
        rows.append(row(WAY, N_("转移路线")))
    if shown.flooded:
        rows.append(row(FLOODED, N_("淹没区、危险区")))
    return rows
