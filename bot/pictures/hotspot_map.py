"""The map of a hotspot: the satellite's pixels in true size, and what is around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.locale import N_, translator
from bot.pictures.marks import HOT, PALE_RED, PATROLLER, REACH, VERMILION, VILLAGE
from bot.pictures.projection import MapBounds, Place, Projection
from bot.pictures.sheet import FINE, MAP, LegendRow, MapSheet, both
from bot.views.clock import BEIJING

REACH_M = 2_000.0
"""The ring around the middle: a verdict from further away is marked."""

_LEAST_M, _MOST_M = 3_000.0, 12_000.0  # shown to each side of the middle


@dataclass(frozen=True, slots=True)
class HotPixel:
    """One pixel the satellite saw hot: its middle, and its side in metres (375 or 1,000)."""

    lon: float
    lat: float
    side_m: float


@dataclass(frozen=True, slots=True)
class HotspotMap:
    """Everything the picture shows. Positions are WGS-84 lon/lat."""

    number: int
    county: str
    outlines: Sequence[Sequence[Place]]
    pixels: Sequence[HotPixel]
    lon: float
    lat: float
    satellites: str
    seen_at: datetime  # aware
    at: datetime  # aware
    village: tuple[float, float, str] | None = None
    patrollers: Sequence[tuple[float, float, str]] = ()  # only for those in charge
    language: str = "zh"
    zone: tzinfo = BEIJING


def draw_hotspot(shown: HotspotMap) -> bytes:
    """Draw the map of a hotspot as PNG, ``sheet.WIDTH`` x ``sheet.HEIGHT`` pixels."""
    _ = translator(shown.language)
    projection = Projection.fit(_bounds(shown), MAP, min_extent_m=2 * _LEAST_M)
    sheet = MapSheet(projection)
    sheet.outlines(shown.outlines)
    for pixel in shown.pixels:
        _ground(sheet, pixel, PALE_RED)
    for pixel in shown.pixels:
        _ground(sheet, pixel, None)
    middle = projection.spot((shown.lon, shown.lat))
    reach = projection.pixels(REACH_M)
    x, y = middle[0] * FINE, middle[1] * FINE
    box = (x - reach * FINE, y - reach * FINE, x + reach * FINE, y + reach * FINE)
    sheet.draw.ellipse(box, outline=REACH.colour, width=3 * FINE)
    named = [(VILLAGE, shown.village)] if shown.village else []
    named += [(PATROLLER, place) for place in shown.patrollers]
    spots = [sheet.kept(projection.spot((place[0], place[1]))) for _mark, place in named]
    for (mark, _one), spot in zip(named, spots, strict=True):
        sheet.mark(mark, spot)
        r = mark.radius + 4
        sheet.places.reserve([(spot[0] - r, spot[1] - r, spot[0] + r, spot[1] + r)])
    for (mark, place), spot in zip(named, spots, strict=True):
        sheet.label(spot, place[2], mark.colour, mark.radius + 6)
    coordinates = f"{shown.lat:.5f}, {shown.lon:.5f}"
    return sheet.finished(
        _("热点核查 #{number} · {county}").format(number=shown.number, county=shown.county),
        coordinates,
        shown.at,
        _legend(shown),
        _("卫星 {satellites} {time} 看到；坐标 WGS-84").format(
            satellites=shown.satellites, time=f"{shown.seen_at.astimezone(shown.zone):%m-%d %H:%M}"
        ),
        shown.language,
        shown.zone,
    )


def _bounds(shown: HotspotMap) -> MapBounds:
    """The area to show: the pixels, the ring, and what is around them unless it is too far."""
    least = MapBounds.square(shown.lon, shown.lat, _LEAST_M)
    most = MapBounds.square(shown.lon, shown.lat, _MOST_M)
    around = [shown.village] if shown.village else []
    near = [(place[0], place[1]) for place in (*around, *shown.patrollers)]
    pixels = [(pixel.lon, pixel.lat) for pixel in shown.pixels]
    return least.with_places([*pixels, *(place for place in near if most.has(place))])


def _ground(sheet: MapSheet, pixel: HotPixel, fill: tuple[int, int, int] | None) -> None:
    """Draw a satellite pixel in true size: the fire may be anywhere in it."""
    x, y = sheet.projection.spot((pixel.lon, pixel.lat))
    half = sheet.projection.pixels(pixel.side_m) / 2
    box = ((x - half) * FINE, (y - half) * FINE, (x + half) * FINE, (y + half) * FINE)
    if fill is None:
        sheet.draw.rectangle(box, outline=VERMILION, width=2 * FINE)
    else:
        sheet.draw.rectangle(box, fill=fill)


def _legend(shown: HotspotMap) -> list[LegendRow]:
    sides = sorted({pixel.side_m for pixel in shown.pixels})
    sizes = " / ".join(f"{side:g} m" if side < 1000 else f"{side / 1000:g} km" for side in sides)
    rows = [
        LegendRow(HOT, f"{both(N_('高温范围'))} {sizes}"),
        LegendRow(REACH, both(N_("离热点 {km} 公里"), km=f"{REACH_M / 1000:g}")),
    ]
    if shown.village:
        rows.append(LegendRow(VILLAGE, both(N_("最近的村"))))
    if shown.patrollers:
        rows.append(LegendRow(PATROLLER, both(N_("巡护人员"))))
    return rows
