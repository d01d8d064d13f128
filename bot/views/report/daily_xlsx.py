"""A daily, weekly or monthly report as a workbook."""

from __future__ import annotations

from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from bot.locale import translator
from bot.views.report.daily_lines import (
    DailySheets,
    below_rows,
    day_rows,
    remark_rows,
    summary_rows,
)
from bot.views.report.lines import Cell
from bot.views.report.xlsx import fill


def as_daily_xlsx(sheets: DailySheets) -> bytes:
    """A sheet each: the whole, every division below, every day, the remarks if there are any."""
    _ = translator(sheets.language)
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = _("汇总")
    rows: list[list[Cell]] = [[sheets.title], *summary_rows(sheets)]
    fill(first, rows, (16, 22, 44), header=False)
    below = below_rows(sheets)
    sheet = book.create_sheet(_("各单位"))
    fill(sheet, below, (30, 15, *([11] * (len(below[0]) - 2))))
    sheet.freeze_panes = "B2"
    days = day_rows(sheets)
    if len(days) > 2:
        fill(book.create_sheet(_("逐日")), days, (14, *([11] * (len(days[0]) - 1))))
    remarks = remark_rows(sheets)
    if len(remarks) > 1:
        fill(book.create_sheet(_("点评")), remarks, (12, 34, 16, 8, 60, 14, 14))
    content = BytesIO()
    book.save(content)
    return content.getvalue()
