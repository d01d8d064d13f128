"""The report of a warning as a workbook; no cell can run as a formula."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from alerts.report_facts import ReportFacts
from bot.locale import translator
from bot.views.report.evacuated import WIDTHS, evacuation_rows, overview_rows
from bot.views.report.lines import (
    Cell,
    breakdown,
    call_rows,
    department_rows,
    help_rows,
    overview,
    report_rows,
    trail_rows,
)

RISKY = frozenset("=+-@\t\r\n＝＋－＠")
"""What spreadsheet programs take for the beginning of a formula when they read it from a CSV."""


def as_xlsx(facts: ReportFacts, language: str, zone: tzinfo) -> bytes:
    """The report as XLSX, a sheet each: overview, counts by division, every call, the
    trail; every report and who needed help, if there was any."""
    _ = translator(language)
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = _("概要")
    fill(
        first,
        [list(row) for row in overview(facts, language, zone, overview_rows(facts, language))],
        (18, 80),
        header=False,
    )
    wide = (28, *([12] * 12))
    fill(book.create_sheet(_("分级")), breakdown(facts, language), wide)
    widths = (34, 14, 14, 18, 20, 20, 20, 10, 18, 12, 8, 8, 40)
    fill(book.create_sheet(_("名单")), call_rows(facts, language, zone), widths)
    moving = evacuation_rows(facts, language)
    if len(moving) > 1:
        fill(book.create_sheet(_("转移统计")), moving, WIDTHS)
    reported, asked = report_rows(facts, language, zone), help_rows(facts, language, zone)
    if len(reported) > 1:
        fill(book.create_sheet(_("反馈")), reported, (20, 34, 14, 14, 8, 8, 60))
    if facts.departments:
        told = department_rows(facts, language)
        fill(book.create_sheet(_("部门")), told, (28, 14, 12, 20, 8, 8, 10, 8))
    if len(asked) > 1:
        fill(book.create_sheet(_("求助")), asked, (20, 34, 14, 14, 40, 14, 20, 14, 20))
    fill(book.create_sheet(_("留痕")), trail_rows(facts, language, zone), (20, 14, 24, 16, 60))
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def write(cell: XlsxCell, value: Cell) -> None:
    """Put a value into a cell, with the look of its kind."""
    write_value(cell, value)
    if isinstance(value, str):
        cell.quotePrefix = begins_risky(cell)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm:ss"


def write_value(cell: XlsxCell, value: Cell) -> None:
    """Put a value into a cell; a text as text: "=1+1" in a name must never be computed."""
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    elif value is not None:
        cell.value = value


def begins_risky(cell: XlsxCell) -> bool:
    """Whether the text of a cell must bear the mark that keeps it a text."""
    return cell.data_type == "s" and str(cell.value)[:1] in RISKY


def fill(
    sheet: Worksheet,
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[int],
    *,
    header: bool = True,
) -> None:
    """Write rows into a sheet, no text as a formula: what a name begins with is never computed.

    :param widths: of the columns, in characters.
    :param header: the first row names the columns; else the first column names the rows.
    """
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            write(cell, value)
            if (header and number == 1) or (not header and column == 1):
                cell.font = Font(bold=True)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = width
    if header:
        sheet.freeze_panes = "A2"
