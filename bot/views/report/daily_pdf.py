"""A daily, weekly or monthly report as a PDF: figures, curves, divisions, remarks; A4."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, PolyLine, String
from reportlab.graphics.shapes import Line as Stroke
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import (
    CondPageBreak,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from alerts.loop.daily.figures import Figure
from bot.locale import N_, translator
from bot.views.daily_figures import trouble_words
from bot.views.report.daily_lines import (
    Chart,
    DailySheets,
    charts,
    remark_rows,
    summary_groups,
    tier_rows,
)
from bot.views.report.lines import Cell
from bot.views.typeface import FONT, markup, typeface

_BODY = ParagraphStyle("body", fontName=FONT, fontSize=8.5, leading=11.5, wordWrap="CJK")
_TITLE = ParagraphStyle("title", parent=_BODY, fontSize=16, leading=22)
_HEAD = ParagraphStyle("head", parent=_BODY, fontSize=12, leading=17, spaceBefore=8)
_LINES = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.3, colors.HexColor("#999999")),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2.5),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2.5),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)
_HEADER = TableStyle([("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eeeeee"))])

_WIDE = 186.0  # millimetres between the margins
_CHART = (90 * mm, 48 * mm)
_COLOURS = ("#0072b2", "#009e73", "#d55e00")  # blue, green, vermilion: told apart by everybody
_PALE, _GREY = colors.HexColor("#dddddd"), colors.HexColor("#555555")


def as_daily_pdf(sheets: DailySheets) -> bytes:
    """The report to be printed and filed."""
    _ = translator(sheets.language)
    typeface()
    content = BytesIO()
    document = SimpleDocTemplate(
        content,
        pagesize=A4,
        leftMargin=12 * mm,
        rightMargin=12 * mm,
        topMargin=12 * mm,
        bottomMargin=14 * mm,
        title=sheets.title,
    )
    story: list[Any] = [
        Paragraph(markup(sheets.title), _TITLE),
        Spacer(1, 4),
        _figures(summary_groups(sheets)),
    ]
    story += _drawn(sheets)
    story += _divisions(sheets)
    remarks = remark_rows(sheets)
    if len(remarks) > 1:
        widths = (18, 38, 22, 14, 56, 18, 20)
        story += [*_headed(_("点评")), _table(remarks, widths)]
    document.build(story, onFirstPage=_numbered, onLaterPages=_numbered)
    return content.getvalue()


def _figures(groups: Sequence[tuple[str, Sequence[tuple[str, Cell]]]]) -> Table:
    """Names and values, three pairs a line, each group of them by itself."""
    lines: list[list[Cell]] = []
    for group, pairs in groups:
        for n in range(0, len(pairs), _PAIRS):
            some = [cell for pair in pairs[n : n + _PAIRS] for cell in pair]
            padding = [""] * (2 * _PAIRS - len(some))
            lines.append(["" if n else group, *some, *padding])
    return _table(lines, (24, *([28, 26] * _PAIRS)), header=False)


_PAIRS = 3


def _headed(words: str) -> list[Any]:
    """A heading that never stands alone at the foot of a page."""
    return [CondPageBreak(35 * mm), Paragraph(words, _HEAD)]


def _drawn(sheets: DailySheets) -> list[Any]:
    """The curves, two beside each other."""
    _ = translator(sheets.language)
    drawings = [_draw(chart) for chart in charts(sheets)]
    if not drawings:
        return []
    rows: list[Any] = []
    for n in range(0, len(drawings), 2):
        table = Table([[*drawings[n : n + 2], ""][:2]], [_WIDE / 2 * mm] * 2)
        table.setStyle(TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 0)]))
        rows.append(table)
    return [KeepTogether([Paragraph(_("曲线"), _HEAD), rows[0]]), *rows[1:]]


def _divisions(sheets: DailySheets) -> list[Any]:
    """Those right below, with what matters most; the workbook has every figure of every one."""
    _ = translator(sheets.language)
    found = tier_rows(sheets)
    if not found:
        return []
    head: list[Cell] = [
        _("单位"),
        *(_(name) for name, _figure in _COLUMNS),
        _("需要关注"),
        _("点评"),
    ]
    rows: list[list[Cell]] = [head]
    for name, figures, mark in found:
        values: list[Cell] = [figures[figure] or "" for _name, figure in _COLUMNS]
        rows.append([name, *values, trouble_words(figures, sheets.language), mark])
    widths = (28, *([13.5] * len(_COLUMNS)), 38, 12)
    return [*_headed(_("各单位")), _table(rows, widths)]


_COLUMNS = (
    (N_("叫应"), Figure.CALLS),
    (N_("回应"), Figure.ANSWERED),
    (N_("未回应"), Figure.WAITING),
    (N_("转移人"), Figure.PERSONS),
    (N_("应转人"), Figure.TARGET_PERSONS),
    (N_("未转人"), Figure.LEFT_PERSONS),
    (N_("销号"), Figure.TASKS_DONE),
    (N_("巡护人"), Figure.PATROLLERS),
)


# -- curves ----------------------------------------------------------------------------------------


def _draw(chart: Chart) -> Drawing:
    """One picture: a grid of round values, the days below, each curve named in its colour."""
    width, height = float(_CHART[0]), float(_CHART[1])
    drawing = Drawing(width, height)
    left, right, bottom, top = 26.0, width - 8, 22.0, height - 30
    values = [value for line in chart.lines for value in line.values if value is not None]
    most, least = max(values), min(0.0, *values)
    step = _nice((most - least) / 4 or 1)
    low, high = math.floor(least / step) * step, max(step, math.ceil(most / step) * step)

    def x(n: int) -> float:
        return left + (right - left) * n / max(1, len(chart.days) - 1)

    def y(value: float) -> float:
        return bottom + (top - bottom) * (value - low) / (high - low)

    drawing.add(_text(left, height - 10, chart.title, 9))
    value = low
    while value <= high + step / 2:
        drawing.add(Stroke(left, y(value), right, y(value), strokeColor=_PALE, strokeWidth=0.5))
        drawing.add(_text(left - 3, y(value) - 2.5, f"{value:g}", 6.5, anchor="end"))
        value += step
    for n in _labelled(len(chart.days)):
        drawing.add(_text(x(n), bottom - 10, _day(chart.days[n]), 6.5, anchor="middle"))
    at = left
    for n_th, (line, colour) in enumerate(zip(chart.lines, _COLOURS, strict=False), start=1):
        # The first the widest: of two that run together both are seen.
        wide = 1.4 + 1.8 * (len(chart.lines) - n_th)
        shade = colors.HexColor(colour)
        for run in _runs(line.values):
            flat = [number for n, value in run for number in (x(n), y(value))]
            drawing.add(PolyLine(flat, strokeColor=shade, strokeWidth=wide))
            for n, value in run:
                drawing.add(Circle(x(n), y(value), wide * 0.9, fillColor=shade, strokeColor=None))
        drawing.add(Stroke(at, height - 20, at + 10, height - 20, strokeColor=shade, strokeWidth=2))
        drawing.add(_text(at + 13, height - 22.5, line.name, 7))
        at += 21 + pdfmetrics.stringWidth(line.name, FONT, 7)
    return drawing


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The values without gaps, each with its place."""
    found: list[list[tuple[int, float]]] = [[]]
    for n, value in enumerate(values):
        if value is not None:
            found[-1].append((n, value))
        elif found[-1]:
            found.append([])
    return [run for run in found if run]


def _text(x: float, y: float, words: str, size: float, *, anchor: str = "start") -> String:
    return String(x, y, words, fontName=FONT, fontSize=size, fillColor=_GREY, textAnchor=anchor)


def _labelled(days: int) -> list[int]:
    """Which days are named below: some seven, the first and the last among them."""
    if days <= 8:
        return list(range(days))
    step = math.ceil((days - 1) / 6)
    found = list(range(0, days, step))
    if found[-1] != days - 1:
        if days - 1 - found[-1] < step / 2:
            found.pop()
        found.append(days - 1)
    return found


def _day(day: date) -> str:
    return f"{day:%m-%d}"


def _nice(rough: float) -> float:
    """The step of a scale: 1, 2 or 5 of its order; counts have no halves."""
    order: float = 10.0 ** math.floor(math.log10(max(rough, 1e-6)))
    step: float = next(order * each for each in (1, 2, 5, 10) if order * each >= rough * 0.999)
    return max(1.0, step)


# -- tables ----------------------------------------------------------------------------------------


def _numbered(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(A4[0] - 12 * mm, 8 * mm, str(document.page))


def _table(
    rows: Sequence[Sequence[Cell]], widths: Sequence[float], *, header: bool = True
) -> Table:
    cells = [
        [Paragraph(markup("" if value is None else _words(value)), _BODY) for value in row]
        for row in rows
    ]
    table = Table(cells, [width * mm for width in widths], repeatRows=1 if header else 0)
    table.setStyle(_LINES)
    if header:
        table.setStyle(_HEADER)
    return table


def _words(value: Cell) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
