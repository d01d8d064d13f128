"""An evacuation card for the wall: one page A4, the map above, what is to be done below.

Who is frail and where is not on it: it hangs where everybody reads it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

from alerts.loop.evacuation.model import Card
from alerts.template_files.frames import CardFrame
from bot.views.evacuation.card import card_lines, foot, no_return, wall_title
from bot.views.typeface import FONT, lacking, markup, typeface

_MARGIN = 12 * mm
_TITLE = ParagraphStyle(
    "title", fontName=FONT, fontSize=26, leading=32, alignment=1, wordWrap="CJK"
)
_PLACE = ParagraphStyle("place", parent=_TITLE, fontSize=13, leading=18)
_WARNING = ParagraphStyle(
    "warning", parent=_TITLE, fontSize=20, leading=26, textColor=colors.HexColor("#c00000")
)
_FOOT = ParagraphStyle(
    "foot", fontName=FONT, fontSize=8.5, leading=11, textColor=colors.HexColor("#555555")
)
_SIZES = (22, 18, 15, 13.5, 12, 10.5, 9)
"""Points of the words, the largest with which all is on one page."""

_LINES = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.8, colors.HexColor("#444444")),
        ("BACKGROUND", (0, 0), (0, -1), colors.HexColor("#f0f0f0")),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 6),
        ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
)
_LEAST_MAP = 90 * mm
_SMALLEST_MAP = 40 * mm


def wall_sheet(
    card: Card,
    frame: CardFrame,
    place: str,
    picture: bytes | None,
    changed_on: date,
    language: str,
) -> bytes:
    """The page as PDF.

    :param place: the path of the village.
    :param picture: the card's map without a title, as PNG; ``None`` where no place is known.
    :param changed_on: the local day of this version.
    """
    typeface()
    content = BytesIO()
    canvas = Canvas(content, pagesize=A4)
    title = wall_title(card, frame, language)
    canvas.setTitle(title)
    width, top = A4[0] - 2 * _MARGIN, A4[1] - _MARGIN
    top = _put(canvas, Paragraph(markup(title), _TITLE), width, top)
    top = _put(canvas, Paragraph(markup(place), _PLACE), width, top) - 2 * mm
    small = Paragraph(markup(foot(card, frame, changed_on, language)), _FOOT)
    _width, high = small.wrap(width, top)
    small.drawOn(canvas, _MARGIN, _MARGIN)
    bottom = _MARGIN + high + 2 * mm
    warning = Paragraph(markup(no_return(frame, language)), _WARNING)
    _width, high = warning.wrap(width, top)
    warning.drawOn(canvas, _MARGIN, bottom)
    bottom += high + 3 * mm
    # What nobody said is left to be written by hand.
    lines = card_lines(card, frame, language, numbers=True, printed=True)
    room = top - bottom - (_LEAST_MAP if picture is not None else 0)
    table, high = _fitting(lines, width, room)
    if picture is None:
        table.drawOn(canvas, _MARGIN, top - high)
    else:
        table.drawOn(canvas, _MARGIN, bottom)
        _draw_map(canvas, picture, width, top, bottom + high + 3 * mm)
    canvas.showPage()
    canvas.save()
    return content.getvalue()


def unprintable(card: Card, frame: CardFrame) -> list[tuple[str, str]]:
    """The texts with characters that no font holds, which are printed 〓; and these characters."""
    lines = card_lines(card, frame, "zh", numbers=True, printed=True)
    fixed = (frame.no_return, frame.foot)
    texts = [wall_title(card, frame, "zh"), *itertools.chain(*lines), *fixed]
    return [(text, marks) for text in texts if (marks := lacking(text))]


def _put(canvas: Any, paragraph: Paragraph, width: float, top: float) -> float:
    """Draw a paragraph below ``top``; where it ends."""
    _width, high = paragraph.wrap(width, top)
    below: float = top - high
    paragraph.drawOn(canvas, _MARGIN, below)
    return below


def _fitting(lines: Sequence[tuple[str, str]], width: float, room: float) -> tuple[Table, float]:
    """The table in the largest letters with which it takes no more than ``room``."""
    for size in _SIZES:
        style = ParagraphStyle("cell", fontName=FONT, fontSize=size, leading=size * 1.3)
        style.wordWrap = "CJK"
        heads = size * 5.5 + 12
        rows = [[Paragraph(markup(cell), style) for cell in line] for line in lines]
        table = Table(rows, [heads, width - heads])
        table.setStyle(_LINES)
        _width, high = table.wrap(width, room)
        if high <= room:
            break
    return table, high


def _draw_map(canvas: Any, picture: bytes, width: float, top: float, bottom: float) -> None:
    """The map, as large as there is room; none where the lines take it all."""
    if top - bottom < _SMALLEST_MAP:
        return
    image = ImageReader(BytesIO(picture))
    pixels_wide, pixels_high = image.getSize()
    scale = min(width / pixels_wide, (top - bottom) / pixels_high)
    wide, high = pixels_wide * scale, pixels_high * scale
    canvas.drawImage(image, (A4[0] - wide) / 2, top - high, wide, high)
