"""The curve of a gauge: its readings, the lines it may reach, and where it goes; rain as bars."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from io import BytesIO

from PIL import Image, ImageDraw

from bot.locale import translator
from bot.pictures.lettering import SMALLEST, font, shortened, width
from bot.pictures.marks import BLACK, BLUE, GREY, WHITE, Colour
from bot.pictures.projection import Frame
from bot.views.clock import BEIJING

WIDTH, HEIGHT = 1080, 960
"""Pixels."""

PLOT = Frame(128, 176, WIDTH - 36, HEIGHT - 148)
FINE = 2
RAIN: Colour = (0, 114, 178)
PALE: Colour = (222, 222, 222)
_TITLE = 44
_ROOM = 40.0  # pixels between two names of lines

_STEPS = (10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)
"""Minutes between two times below the plot."""

Point = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line that the value may reach: 警戒 340.00."""

    name: str
    value: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Bar:
    """Rain of an interval, millimetres."""

    since: datetime
    until: datetime
    mm: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Everything the picture shows. ``goes_to``: where the slope leads, if anywhere.

    Without points it is a picture of rain alone.
    """

    title: str
    subtitle: str
    unit: str
    begins: datetime  # aware, as all times
    ends: datetime
    points: Sequence[Point] = ()
    doubted: Sequence[Point] = ()
    lines: Sequence[DrawnLine] = ()
    bars: Sequence[Bar] = ()
    goes_to: Point | None = None
    footer: str = ""
    language: str = "zh"
    zone: tzinfo = BEIJING


def draw_curve(shown: Curve) -> bytes:
    """Draw a curve as PNG, ``WIDTH`` x ``HEIGHT`` pixels."""
    image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), WHITE)
    draw = ImageDraw.Draw(image)
    plane = _Plane.of(shown)
    _grid(draw, plane)
    most = _bars(draw, plane, shown)
    for line in plane.lines:
        _dashes(draw, plane.y(line.value), PLOT.left, PLOT.right, line.colour)
    _series(draw, plane, shown)
    small = image.reduce(FINE)
    draw = ImageDraw.Draw(small)
    _words(draw, plane, shown, most)
    out = BytesIO()
    small.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=False, compress_level=9
    )
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Plane:
    """Times and values to pixels."""

    begins: datetime
    seconds: float
    low: float
    high: float
    step: float
    lines: tuple[DrawnLine, ...]

    @classmethod
    def of(cls, shown: Curve) -> _Plane:
        seconds = max(1.0, (shown.ends - shown.begins).total_seconds())
        values = [value for _at, value in shown.points]
        if shown.goes_to is not None:
            values.append(shown.goes_to[1])
        lines = _near(shown.lines, values)
        lowest = values or [bar.mm for bar in shown.bars]
        spread = [*lowest, *(line.value for line in lines)] or [0]
        low, high = min(spread), max(spread)
        if not values:
            low = 0.0
        room = max((high - low) * 0.08, 0.1)
        low, high = (low if not values else low - room), high + room
        step = _nice((high - low) / 6)
        return cls(shown.begins, seconds, low, high, step, lines)

    def x(self, at: datetime) -> float:
        share = (at - self.begins).total_seconds() / self.seconds
        return PLOT.left + share * (PLOT.right - PLOT.left)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return PLOT.bottom - share * (PLOT.bottom - PLOT.top)

    def values(self) -> Iterable[float]:
        first = math.ceil(self.low / self.step)
        return [n * self.step for n in range(first, math.floor(self.high / self.step) + 1)]

    def times(self, zone: tzinfo) -> Iterable[datetime]:
        """Round local times, some six of them."""
        minutes = next((each for each in _STEPS if self.seconds / 60 / each <= 8), _STEPS[-1])
        at = self.begins.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        while (at - self.begins).total_seconds() <= self.seconds:
            if at >= self.begins:
                yield at
            at += timedelta(minutes=minutes)


def _near(lines: Sequence[DrawnLine], values: Sequence[float]) -> tuple[DrawnLine, ...]:
    """The lines that belong on the picture: those near the values, and the next above in any case.

    A line ten metres up would make a straight line of the curve.
    """
    if not values:
        return tuple(lines)
    low, high = min(values), max(values)
    reach = max(2.0, 2 * (high - low))
    above = sorted(line.value for line in lines if line.value > high)
    nearest = above[0] if above else None
    return tuple(
        line for line in lines if low - reach <= line.value <= high + reach or line.value == nearest
    )


def _nice(rough: float) -> float:
    """The step of a scale: 1, 2 or 5 of its order."""
    order = 10.0 ** math.floor(math.log10(max(rough, 1e-6)))
    return next(order * each for each in (1, 2, 5, 10) if order * each >= rough * 0.999)


def _grid(draw: ImageDraw.ImageDraw, plane: _Plane) -> None:
    for value in plane.values():
        y = plane.y(value) * FINE
        draw.line((PLOT.left * FINE, y, PLOT.right * FINE, y), fill=PALE, width=FINE)
    box = (PLOT.left * FINE, PLOT.top * FINE, PLOT.right * FINE, PLOT.bottom * FINE)
    draw.rectangle(box, outline=GREY, width=FINE)


def _bars(draw: ImageDraw.ImageDraw, plane: _Plane, shown: Curve) -> float:
    """Rain as bars: alone from below, beside a level hanging from above, as hydrologists draw it.

    :returns: the most rain of one bar, for its scale.
    """
    most = max((bar.mm for bar in shown.bars), default=0.0)
    if not most:
        return 0.0
    high = (PLOT.bottom - PLOT.top) * 0.28
    for bar in shown.bars:
        left, right = plane.x(max(bar.since, shown.begins)), plane.x(min(bar.until, shown.ends))
        if right <= left or bar.mm <= 0:
            continue
        if shown.points:
            box = (left, PLOT.top + 1, right - 1, PLOT.top + max(2.0, high * bar.mm / most))
        else:
            box = (left, plane.y(bar.mm), right - 1, PLOT.bottom - 1)
        fill = (170, 205, 232) if shown.points else RAIN
        draw.rectangle(tuple(each * FINE for each in box), fill=fill)
    return most


def _dashes(draw: ImageDraw.ImageDraw, y: float, left: float, right: float, colour: Colour) -> None:
    x = left
    while x < right:
        draw.line((x * FINE, y * FINE, min(x + 18, right) * FINE, y * FINE), colour, 3 * FINE)
        x += 28


def _series(draw: ImageDraw.ImageDraw, plane: _Plane, shown: Curve) -> None:
    spots = [(plane.x(at) * FINE, plane.y(value) * FINE) for at, value in shown.points]
    if len(spots) > 1:
        draw.line(spots, fill=BLACK, width=4 * FINE, joint="curve")
    r = (4 if len(spots) < 120 else 2) * FINE
    for x, y in spots:
        draw.ellipse((x - r, y - r, x + r, y + r), fill=BLACK)
    for at, value in shown.doubted:
        if plane.low <= value <= plane.high:
            x, y, d = plane.x(at) * FINE, plane.y(value) * FINE, 8 * FINE
            draw.line((x - d, y - d, x + d, y + d), fill=GREY, width=2 * FINE)
            draw.line((x - d, y + d, x + d, y - d), fill=GREY, width=2 * FINE)
    if shown.goes_to is not None and spots:
        last, (at, value) = spots[-1], shown.goes_to
        end = plane.x(min(at, shown.ends)), plane.y(value)
        _dotted(draw, last, (end[0] * FINE, end[1] * FINE))


def _dotted(
    draw: ImageDraw.ImageDraw, start: tuple[float, float], end: tuple[float, float]
) -> None:
    long = math.dist(start, end)
    for n in range(1, int(long / (14 * FINE)) + 1):
        share = min(1.0, n * 14 * FINE / long)
        x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
        r = 3 * FINE
        draw.ellipse((x - r, y - r, x + r, y + r), fill=BLUE)


def _words(draw: ImageDraw.ImageDraw, plane: _Plane, shown: Curve, most: float) -> None:
    room = WIDTH - 48
    draw.text((24, 46), shortened(shown.title, _TITLE, room), BLACK, font(_TITLE), "lm")
    draw.text((24, 104), shortened(shown.subtitle, 34, room), BLACK, font(34), "lm")
    draw.text((24, 152), shown.unit, GREY, font(SMALLEST), "lm")
    decimals = 0 if plane.step >= 1 else (1 if plane.step >= 0.1 else 2)
    for value in plane.values():
        draw.text(
            (PLOT.left - 10, plane.y(value)), f"{value:.{decimals}f}", GREY, font(SMALLEST), "rm"
        )
    day = None
    for at in plane.times(shown.zone):
        x = plane.x(at)
        draw.line((x, PLOT.bottom, x, PLOT.bottom + 8), fill=GREY, width=2)
        middle = min(x, WIDTH - 44)
        draw.text((middle, PLOT.bottom + 28), f"{at:%H:%M}", GREY, font(SMALLEST), "mm")
        if at.date() != day:
            day = at.date()
            draw.text((middle, PLOT.bottom + 64), f"{at:%m-%d}", GREY, font(SMALLEST), "mm")
    # Beside where the curve is not: on its way up that is the left.
    rising = not shown.points or shown.points[0][1] <= shown.points[-1][1]
    beside = (PLOT.left + 10, "lm") if rising else (PLOT.right - 10, "rm")
    other = (PLOT.right - 10, "rm") if rising else (PLOT.left + 10, "lm")
    taken: list[float] = []
    for line in sorted(plane.lines, key=lambda each: each.value, reverse=True):
        y = plane.y(line.value) - 20
        while any(abs(y - each) < _ROOM for each in taken):
            y += 4
        taken.append(y)
        draw.text(
            (beside[0], y),
            line.name,
            line.colour,
            font(SMALLEST + 2),
            beside[1],
            stroke_width=4,
            stroke_fill=WHITE,
        )
    if shown.points:
        _last(draw, plane, shown)
    if most and shown.points:
        words = translator(shown.language)("雨量，最大一柱 {mm:.1f} mm").format(mm=most)
        draw.text(
            (other[0], PLOT.top + 22),
            words,
            RAIN,
            font(SMALLEST),
            other[1],
            stroke_width=4,
            stroke_fill=WHITE,
        )
    footer = shortened(shown.footer, SMALLEST, room)
    draw.text((24, HEIGHT - 30), footer, GREY, font(SMALLEST), "lm")


def _last(draw: ImageDraw.ImageDraw, plane: _Plane, shown: Curve) -> None:
    """The newest value beside its point."""
    at, value = shown.points[-1]
    x, y = plane.x(at), plane.y(value)
    text = f"{value:.2f}"
    wide = width(text, 36)
    left = min(max(x - wide - 14, PLOT.left + 8), PLOT.right - wide - 8)
    above = y - 30 if y - 60 > PLOT.top else y + 34
    draw.text((left, above), text, BLACK, font(36), "lm", stroke_width=5, stroke_fill=WHITE)
