"""What patrols come to as a workbook: each person a row; no cell can run as a formula.

Rows are written as they come: a month of 20,000 persons is never in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from alerts.patrol.results.model import PatrolSum
from alerts.patrol.results.reading import Line
from bot.locale import translator
from bot.views.patrol.results import month_name
from bot.views.report.lines import Cell
from bot.views.report.xlsx import write_value

_WIDTHS = (36, 14, 8, 10, 12, 10, 10, 10, 10)


def as_workbook(
    pieces: Iterable[list[Line]],
    place: str,
    month: date,
    path_of: Callable[[str], str],
    language: str,
) -> bytes:
    """The workbook; the persons come a piece at a time, by division.

    :param path_of: where a division is, in words.
    """
    _ = translator(language)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("巡护成果"))
    for column, width in zip("ABCDEFGHI", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A3"

    def row(values: Iterable[Cell], *, bold: bool = False) -> None:
        cells = []
        for value in values:
            cell = WriteOnlyCell(sheet)
            write_value(cell, value)
            if bold:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)

    title = _("{place} {month} 巡护成果").format(place=place, month=month_name(month, language))
    row([title], bold=True)
    row(headings(language), bold=True)
    total, persons = PatrolSum(), 0
    for piece in pieces:
        for line in piece:
            row(values_of(line, path_of(line.code)))
            total += line.sum
            persons += 1
    row([_("合计 {count} 人").format(count=persons), "", *_figures(total)], bold=True)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def headings(language: str) -> list[Cell]:
    """The names of the columns."""
    _ = translator(language)
    return [
        _("所在区划"),
        _("姓名"),
        _("天数"),
        _("时长（小时）"),
        _("距离（公里）"),
        _("路线（片区）走到"),
        _("位置"),
        _("不可信"),
        _("上报"),
    ]


def values_of(line: Line, where: str) -> list[Cell]:
    """A person's row."""
    person = "" if line.person is None else line.person.name
    return [where, person, *_figures(line.sum)]


def _figures(summed: PatrolSum) -> list[Cell]:
    share = None if summed.share is None else round(summed.share, 3)
    return [
        summed.days,
        round(summed.hours, 1),
        round(summed.km, 1),
        share,
        summed.positions,
        summed.doubtful,
        summed.reports,
    ]


def sheet_name(place: str, month: date, language: str) -> str:
    """The file's name."""
    _ = translator(language)
    return _("巡护成果_{place}_{month}.xlsx").format(place=place, month=f"{month:%Y-%m}")
