"""How far tasks have got, as bars: by list, and by division, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw

from alerts.loop.tasks.chart import Bar
from bot.pictures.lettering import SMALLEST, fitting, font, shortened, width
from bot.pictures.marks import BLACK, BLUE, GREEN, GREY, VERMILION, WHITE, Colour

WIDTH = 1080
"""Pixels; as high as its rows need."""

MOST_ROWS = 14
"""Divisions on one picture (ours): more would not be read on a phone."""

FINE = 2
GOING: Colour = (190, 200, 206)
_LEFT, _RIGHT = 300, WIDTH - 170
_ROW, _BAR, _TITLE, _HEAD = 58, 34, 46, 36

_PARTS: tuple[tuple[str, Colour], ...] = (
    ("done", GREEN),
    ("submitted", BLUE),
    ("going", GOING),
    ("late", VERMILION),
)


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One bar with its name."""

    name: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """Everything the picture shows; ``legend``: what the four parts are called, in their order."""

    title: str
    subtitle: str
    legend: tuple[str, str, str, str]
    sections: Sequence[tuple[str, Sequence[DrawnRow]]]
    footer: str = ""


def draw_task_chart(shown: DrawnChart) -> bytes:
    """Draw the chart as PNG, ``WIDTH`` pixels wide."""
    rows = sum(len(drawn) for _, drawn in shown.sections)
    height = 232 + rows * _ROW + len(shown.sections) * 74 + 64
    image = Image.new("RGB", (WIDTH * FINE, height * FINE), WHITE)
    draw = ImageDraw.Draw(image)
    words: list[tuple[float, float, str, Colour, int, str]] = []
    size = fitting(shown.title, _TITLE, WIDTH - 48)
    words.append((24, 46, shortened(shown.title, size, WIDTH - 48), BLACK, size, "lm"))
    words.append((24, 106, shortened(shown.subtitle, 34, WIDTH - 48), BLACK, 34, "lm"))
    _legend(draw, shown, words)
    y = 226.0
    for head, drawn in shown.sections:
        words.append((24, y + 34, shortened(head, _HEAD, WIDTH - 48), BLACK, _HEAD, "lm"))
        y += 74
        most = max((row.bar.every for row in drawn), default=1)
        for row in drawn:
            _row(draw, row, y, most, words)
            y += _ROW
    footer = shortened(shown.footer, SMALLEST, WIDTH - 48)
    words.append((24, height - 34, footer, GREY, SMALLEST, "lm"))
    small = image.reduce(FINE)
    draw = ImageDraw.Draw(small)
    for x, at, text, colour, size, anchor in words:
        draw.text((x, at), text, colour, font(size), anchor)
    out = BytesIO()
    small.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=False, compress_level=9
    )
    return out.getvalue()


_Words = list[tuple[float, float, str, Colour, int, str]]


def _legend(draw: ImageDraw.ImageDraw, shown: DrawnChart, words: _Words) -> None:
    x = 24.0
    for (_, colour), text in zip(_PARTS, shown.legend, strict=True):
        _box(draw, (x, 156, x + 30, 186), colour)
        words.append((x + 40, 171, text, BLACK, 30, "lm"))
        x += 40 + width(text, 30) + 36


def _row(draw: ImageDraw.ImageDraw, row: DrawnRow, y: float, most: int, words: _Words) -> None:
    words.append((_LEFT - 16, y + _ROW / 2, shortened(row.name, 30, _LEFT - 40), BLACK, 30, "rm"))
    scale = (_RIGHT - _LEFT) / max(most, 1)
    top = y + (_ROW - _BAR) / 2
    x = float(_LEFT)
    for name, colour in _PARTS:
        number = getattr(row.bar, name)
        if not number:
            continue
        right = x + number * scale
        _box(draw, (x, top, max(right, x + 3), top + _BAR), colour)
        text = str(number)
        if width(text, SMALLEST) + 10 < right - x:
            ink = BLACK if colour == GOING else WHITE
            words.append(((x + right) / 2, top + _BAR / 2, text, ink, SMALLEST, "mm"))
        x = right
    told = f"{row.bar.done}/{row.bar.every}"
    words.append((_RIGHT + 16, y + _ROW / 2, told, BLACK, 30, "lm"))


def _box(draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], colour: Colour) -> None:
    draw.rectangle(tuple(each * FINE for each in box), fill=colour)
