"""The sheet around a map: title, time, legend, scale bar, north arrow, source."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from io import BytesIO

from PIL import Image, ImageDraw

from bot.locale import translator
from bot.pictures.labels import Box, LabelSpace
from bot.pictures.lettering import SMALLEST, fitting, font, shortened, width
from bot.pictures.marks import BLACK, GREY, VERMILION, WHITE, Colour, MapMark, stamp
from bot.pictures.projection import Frame, Place, Projection, Spot
from bot.pictures.scale_bar import scale_bar

WIDTH, HEIGHT = 1080, 1350
"""Pixels: four to five, what a phone shows without cropping."""

MAP = Frame(24, 166, WIDTH - 24, 1_186)
FINE = 2
"""The map is drawn so many times as large and made smaller: Pillow's own edges are jagged."""

LAND: Colour = (226, 232, 222)
"""Around the area; inside it is paper."""

PAPER: Colour = (255, 255, 255)
_TITLE, _LEGEND_TOP, _ROW = 46, 1_192, 50
_BAR_LONGEST = 260.0
_ARROW_EVERY = 150


@dataclass(frozen=True, slots=True)
class LegendRow:
    """A row of the legend: a sign and what it stands for, Chinese first."""

    mark: MapMark
    text: str


def both(chinese: str, **facts: object) -> str:
    """A string of the catalogue in Chinese and then in English."""
    english = translator("en")(chinese)
    words = chinese if english == chinese else f"{chinese} {english}"
    return words.format(**facts)


class MapSheet:
    """One picture being drawn: the map first, in layers, then ``finished``."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self._image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), PAPER)
        self.draw = ImageDraw.Draw(self._image)
        self.draw.rectangle(_fine((MAP.left, MAP.top, MAP.right, MAP.bottom)), fill=LAND)
        self._labels: list[tuple[Box, str, Colour, int]] = []
        self.places = LabelSpace(MAP)
        bar = scale_bar(projection.metres_per_pixel, _BAR_LONGEST)
        self._bar = bar
        label = width(bar.label, SMALLEST)
        self._bar_box: Box = (
            MAP.left + 12,
            MAP.bottom - 76,
            MAP.left + 12 + max(bar.pixels, label) + 36,
            MAP.bottom - 12,
        )
        self._north_box: Box = (MAP.right - 84, MAP.top + 12, MAP.right - 12, MAP.top + 124)
        self.places.reserve([self._bar_box, self._north_box])

    # -- the map ----------------------------------------------------------------------------------

    def outlines(self, rings: Sequence[Sequence[Place]]) -> None:
        """Draw the boundaries of the area, its inside the colour of paper."""
        drawn = [[_point(self.projection.spot(place)) for place in ring] for ring in rings]
        for points in drawn:
            if len(points) > 2:
                self.draw.polygon(points, fill=PAPER)
        for points in drawn:
            if len(points) > 1:
                self.draw.line(points, fill=GREY, width=2 * FINE, joint="curve")

    def kept(self, spot: Spot) -> Spot:
        """The spot, or the nearest on the map: not beyond its edge, not under arrow or bar."""
        x, y = MAP.nearest(spot, 20)
        for left, top, right, bottom in (self._bar_box, self._north_box):
            if left - 20 < x < right + 20 and top - 20 < y < bottom + 20:
                y = top - 20 if bottom > (MAP.top + MAP.bottom) / 2 else bottom + 20
        return x, y

    def mark(self, mark: MapMark, spot: Spot) -> None:
        """Draw a sign at a spot of the picture."""
        stamp(self.draw, mark, spot, FINE)

    def land(self, rings: Sequence[Sequence[Place]], fill: Colour, edge: Colour) -> None:
        """Fill a piece of land; of a drawing with holes, each ring is filled."""
        for ring in rings:
            points = [_point(self.projection.spot(place)) for place in ring]
            if len(points) > 2:
                self.draw.polygon(points, fill=fill)
                self.draw.line(points, fill=edge, width=2 * FINE, joint="curve")

    def way(self, line: Sequence[Place], colour: Colour) -> None:
        """Draw a way to go, with arrows in its direction."""
        points = [_point(self.projection.spot(place)) for place in line]
        for paint, wide in ((WHITE, 18), (colour, 11)):
            self.draw.line(points, fill=paint, width=wide * FINE, joint="curve")
            for x, y in (points[0], points[-1]):
                r = wide * FINE / 2
                self.draw.ellipse((x - r, y - r, x + r, y + r), fill=paint)
        for (x, y), turn in _along(points, _ARROW_EVERY * FINE):
            corners = [
                (x + r * FINE * math.cos(turn + a), y + r * FINE * math.sin(turn + a))
                for r, a in ((20, 0.0), (20, 2.5), (7, math.pi), (20, -2.5))
            ]
            self.draw.polygon(corners, fill=colour, outline=WHITE, width=2 * FINE)

    def label(
        self,
        spot: Spot,
        text: str,
        colour: Colour,
        gap: float,
        size: int = SMALLEST,
        longest: float | None = None,
    ) -> bool:
        """Write beside a spot if there is room.

        :param longest: pixels that the words may take; fifteen characters without.
        :returns: whether there was.
        """
        line = shortened(text, size, longest or 15 * size)
        box = self.places.find(spot, (width(line, size) + 6, size + 8), gap)
        if box is not None:
            self._labels.append((box, line, colour, size))
        return box is not None

    # -- the sheet --------------------------------------------------------------------------------

    def finished(
        self,
        title: str,
        subtitle: str,
        at: datetime,
        legend: Sequence[LegendRow],
        source: str,
        language: str,
        zone: tzinfo,
        *,
        stamped: str = "",
        urgent: bool = False,
    ) -> bytes:
        """Draw everything around the map.

        :param stamped: what stands in the place of the time.
        :param urgent: what stands below is an order, not a source.
        :returns: the picture as PNG.
        """
        _ = translator(language)
        self._mask_margins()
        small = self._image.reduce(FINE)
        draw = ImageDraw.Draw(small)
        for box, text, colour, size in self._labels:
            draw.text(
                (box[0] + 3, (box[1] + box[3]) / 2),
                text,
                fill=colour,
                font=font(size),
                anchor="lm",
                stroke_width=size // 9,
                stroke_fill=WHITE,
            )
        draw.rectangle((MAP.left, MAP.top, MAP.right, MAP.bottom), outline=GREY, width=2)
        self._scale(draw)
        self._north(draw)
        room = MAP.right - MAP.left
        size = fitting(title, _TITLE, room)
        draw.text((MAP.left, 50), shortened(title, size, room), BLACK, font(size), "lm")
        time = _("{time} 北京时间").format(time=f"{at.astimezone(zone):%Y-%m-%d %H:%M}")
        time = stamped or time
        draw.text((MAP.right, 124), time, BLACK, font(32), "rm")
        left = room - width(time, 32) - 24
        size = fitting(subtitle, 32, left)
        draw.text((MAP.left, 124), shortened(subtitle, size, left), BLACK, font(size), "lm")
        self._legend(draw, legend)
        colour, size = (VERMILION, 36) if urgent else (GREY, SMALLEST)
        draw.text((MAP.left, HEIGHT - 30), shortened(source, size, room), colour, font(size), "lm")
        out = BytesIO()
        # A palette makes the file a third; the colours of the signs keep their own entries.
        small.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            out, "PNG", optimize=False, compress_level=9
        )
        return out.getvalue()

    def _mask_margins(self) -> None:
        """Paint over what was drawn beyond the map."""
        for box in (
            (0, 0, WIDTH, MAP.top),
            (0, MAP.bottom, WIDTH, HEIGHT),
            (0, 0, MAP.left, HEIGHT),
            (MAP.right, 0, WIDTH, HEIGHT),
        ):
            self.draw.rectangle(_fine(box), fill=PAPER)

    def _scale(self, draw: ImageDraw.ImageDraw) -> None:
        left, top, right, bottom = self._bar_box
        draw.rectangle((left, top, right, bottom), fill=WHITE, outline=GREY, width=1)
        x, y, long = left + 16, bottom - 16, self._bar.pixels
        draw.line((x, y, x + long, y), fill=BLACK, width=4)
        for end in (x, x + long):
            draw.line((end, y - 10, end, y + 2), fill=BLACK, width=4)
        draw.text((x, top + 22), self._bar.label, BLACK, font(SMALLEST), "lm")

    def _north(self, draw: ImageDraw.ImageDraw) -> None:
        left, top, right, bottom = self._north_box
        draw.rectangle((left, top, right, bottom), fill=WHITE, outline=GREY, width=1)
        x = (left + right) / 2
        draw.polygon([(x, top + 8), (x - 18, top + 64), (x, top + 52)], fill=BLACK)
        draw.polygon([(x, top + 8), (x + 18, top + 64), (x, top + 52)], fill=WHITE, outline=BLACK)
        draw.text((x, bottom - 24), "北 N", BLACK, font(SMALLEST), "mm")

    def _legend(self, draw: ImageDraw.ImageDraw, legend: Sequence[LegendRow]) -> None:
        half = (MAP.right - MAP.left) / 2
        for number, row in enumerate(legend[:4]):
            x = MAP.left + (number % 2) * half
            y = _LEGEND_TOP + _ROW / 2 + (number // 2) * _ROW
            stamp(draw, row.mark, (x + 20, y), 1)
            text = shortened(row.text, SMALLEST, half - 52)
            draw.text((x + 46, y), text, BLACK, font(SMALLEST), "lm")


def _point(spot: Spot) -> Spot:
    return spot[0] * FINE, spot[1] * FINE


def _fine(box: Box) -> Box:
    return box[0] * FINE, box[1] * FINE, box[2] * FINE, box[3] * FINE


def _along(points: Sequence[Spot], every: float) -> Iterator[tuple[Spot, float]]:
    """Spots on a line, so far from each other, and the direction there (radians, from the right).

    One in the middle of a line that is shorter.
    """
    lengths = [math.dist(a, b) for a, b in itertools.pairwise(points)]
    whole = sum(lengths)
    count = max(1, int(whole // every))
    wanted = [whole * (n + 0.5) / count for n in range(count)]
    gone = 0.0
    for (a, b), length in zip(itertools.pairwise(points), lengths, strict=True):
        while wanted and wanted[0] <= gone + length and length > 0:
            part = (wanted.pop(0) - gone) / length
            spot = a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
            yield spot, math.atan2(b[1] - a[1], b[0] - a[0])
        gone += length
