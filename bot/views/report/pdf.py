"""The report of a warning as a PDF: A4, Chinese glyphs, repeated headers, numbered pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from alerts.report_facts import ReportFacts
from bot.locale import translator
from bot.views.report.evacuated import evacuation_rows, overview_rows
from bot.views.report.lines import (
    Cell,
    breakdown,
    call_rows,
    help_rows,
    overview,
    report_rows,
    trail_rows,
)
from bot.views.typeface import FONT, lacking, markup, typeface

_BODY = ParagraphStyle("body", fontName=FONT, fontSize=8, leading=10.5, wordWrap="CJK")
_HEAD = ParagraphStyle("head", parent=_BODY, fontSize=13, leading=18, spaceBefore=8)
_LINES = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.3, colors.HexColor("#999999")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
)
_HEADER = TableStyle([("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eeeeee"))])


def as_pdf(facts: ReportFacts, language: str, zone: tzinfo) -> bytes:
    """The report as PDF: overview, counts by division, every call and report, the trail."""
    _ = translator(language)
    typeface()
    content = BytesIO()
    document = SimpleDocTemplate(
        content,
        pagesize=landscape(A4),
        leftMargin=12 * mm,
        rightMargin=12 * mm,
        topMargin=12 * mm,
        bottomMargin=14 * mm,
        title=facts.alert.headline,
    )
    first_rows = [
        list(row) for row in overview(facts, language, zone, overview_rows(facts, language))
    ]
    story: list[Any] = [
        Paragraph(markup(facts.alert.headline), _HEAD),
        _table(first_rows, (40, 230), header=False),
        Spacer(1, 6),
        Paragraph(_("分级"), _HEAD),
        _table(breakdown(facts, language), (70, 22, 22, 22, 22, 22, 22, 22, 24, 24)),
        Paragraph(_("名单"), _HEAD),
        _table(
            call_rows(facts, language, zone),
            (42, 18, 22, 26, 22, 22, 22, 14, 22, 16, 9, 9, 29),
        ),
        *_reported(facts, language, zone),
        Paragraph(_("留痕"), _HEAD),
        _table(trail_rows(facts, language, zone), (32, 28, 44, 28, 140)),
    ]
    document.build(story, onFirstPage=_numbered, onLaterPages=_numbered)
    return content.getvalue()


def unprintable(facts: ReportFacts, language: str, zone: tzinfo) -> list[tuple[str, str]]:
    """The texts with characters that no font holds, which are printed 〓; and these characters."""
    tables = (overview, call_rows, report_rows, help_rows, trail_rows)
    texts = dict.fromkeys(
        _words(cell) for table in tables for row in table(facts, language, zone) for cell in row
    )
    return [(text, marks) for text in texts if (marks := lacking(text))]


def _reported(facts: ReportFacts, language: str, zone: tzinfo) -> list[Any]:
    """Who was moved, every report, and who needed help, if there was any."""
    _ = translator(language)
    story: list[Any] = []
    for title, rows, widths in (
        (_("转移统计"), evacuation_rows(facts, language), (80, *([19] * 8), 40)),
        (_("反馈"), report_rows(facts, language, zone), (26, 60, 22, 24, 12, 12, 116)),
        (_("求助"), help_rows(facts, language, zone), (24, 50, 20, 22, 72, 20, 22, 20, 22)),
    ):
        if len(rows) > 1:
            story += [Paragraph(title, _HEAD), _table(rows, widths)]
    return story


def _numbered(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(landscape(A4)[0] - 12 * mm, 8 * mm, str(document.page))


def _table(rows: Sequence[Sequence[Cell]], widths: Sequence[int], *, header: bool = True) -> Table:
    cells = [[Paragraph(markup(_words(value)), _BODY) for value in row] for row in rows]
    table = Table(cells, [width * mm for width in widths], repeatRows=1 if header else 0)
    table.setStyle(_LINES)
    if header:
        table.setStyle(_HEADER)
    return table


def _words(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%m-%d %H:%M:%S}"
    return str(value)
