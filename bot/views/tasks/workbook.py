"""Tasks as a workbook that goes out and may come back; beside it everything that happened to them.

No cell can run as a formula. What may be changed is white, the rest grey.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from alerts.loop.tasks.model import Task, TaskEvent
from alerts.loop.tasks.task_sheet import (
    EDITABLE,
    HEADINGS,
    LIST_NAMES,
    NUMBER,
    STATE_NAMES,
    VERSION,
    editable_cells,
    version_of,
)
from bot.views.clock import dated_clock
from bot.views.report.lines import Cell, local_time
from bot.views.report.xlsx import fill
from bot.views.tasks.words import event_name

_WIDTHS = {
    NUMBER: 8,
    "事项": 36,
    "区划代码": 15,
    "责任岗位": 14,
    "部门或地点": 14,
    "责任人": 12,
    "时限": 18,
    "清单": 8,
    "要求": 44,
    "区划名称": 28,
    "状态": 10,
    "逾期": 8,
    "接手人": 12,
    "报完成时间": 20,
    "核查人": 12,
    "销号时间": 20,
    "督办": 8,
    "预警编号": 10,
    VERSION: 10,
}
_GREY = PatternFill("solid", fgColor="EEEEEE")
_MORE_ROWS = 300
"""Rows below that are ready for new tasks."""

_GUIDE = (
    "白色的列可以改：事项、区划代码、责任岗位、部门或地点、责任人、时限、清单、要求。灰色的只给看，改了也不读。",
    "改好后（300 行以内）直接发给机器人，看清楚再按「✅ 导入」；"
    "或在服务器上：jiaoying import tasks 文件.xlsx --dry-run，看清楚了再去掉 --dry-run。",
    "新任务写在下面，“编号”“版本”空着；不想改的行照原样留着，或删掉整行（删行不会撤销任务）。",
    "导出以后别人改过的，您的改动不写入，会逐行说明：重新导出再改。待核查、已销号、已撤销的不改。",
    "时限写 2026-07-01 18:00；部门写 水利、气象……，别的地点写编号或名称。",
)


@dataclass(frozen=True, slots=True)
class TaskBook:
    """What a workbook holds. ``names``: of persons; ``place``: a division's path by its code."""

    tasks: Sequence[Task]
    events: Sequence[TaskEvent]
    names: Mapping[int, str]
    place: Callable[[str], str]
    now: datetime
    zone: tzinfo
    language: str = "zh"


def task_workbook(book: TaskBook) -> bytes:
    """The workbook as XLSX: 清单, 经过, 说明."""
    written = Workbook()
    first = written.active
    assert isinstance(first, Worksheet)
    first.title = "清单"
    by_task: dict[int, list[TaskEvent]] = {}
    for event in book.events:
        by_task.setdefault(event.task_id, []).append(event)
    rows: list[list[Cell]] = [list(HEADINGS)]
    rows += [_row(task, by_task.get(task.id, []), book) for task in book.tasks]
    fill(first, rows, [_WIDTHS[heading] for heading in HEADINGS])
    _colour(first, len(rows))
    first.freeze_panes = "C2"
    fill(written.create_sheet("经过"), _history(book), (8, 36, 20, 14, 18, 60))
    guide = written.create_sheet("说明")
    for number, line in enumerate(_GUIDE, start=1):
        guide.cell(number, 1, line)
    guide.column_dimensions["A"].width = 110
    content = BytesIO()
    written.save(content)
    return content.getvalue()


def _row(task: Task, events: Sequence[TaskEvent], book: TaskBook) -> list[Cell]:
    cells = editable_cells(task, book.names, book.zone)
    told: dict[str, Cell] = {
        NUMBER: task.id,
        **cells,
        "区划名称": book.place(task.responsible.division_code),
        "状态": STATE_NAMES[task.state],
        "逾期": "逾期" if task.overdue(book.now) else None,
        "接手人": book.names.get(task.taken_by or 0),
        "报完成时间": local_time(task.submitted_at, book.zone),
        "核查人": book.names.get(task.ended_by or 0),
        "销号时间": local_time(task.ended_at, book.zone),
        "督办": "挂牌" if task.supervised else None,
        "预警编号": task.alert_id,
        VERSION: version_of(events),
    }
    return [told[heading] for heading in HEADINGS]


def _history(book: TaskBook) -> list[list[Cell]]:
    titles = {task.id: task.title for task in book.tasks}
    rows: list[list[Cell]] = [["编号", "事项", "时间", "谁", "经过", "说明"]]
    for event in book.events:
        rows.append(
            [
                event.task_id,
                titles.get(event.task_id, ""),
                local_time(event.at, book.zone),
                book.names.get(event.by or 0, ""),
                event_name(event.kind, book.language),
                _told(event, book),
            ]
        )
    return rows


def _told(event: TaskEvent, book: TaskBook) -> str:
    """Words, a new deadline, what was changed from what to what."""
    parts = [event.note.words] if event.note.words else []
    if event.until is not None:
        parts.append(f"至 {dated_clock(event.until, book.zone)}")
    for name, values in (event.detail or {}).items():
        if name in _FIELDS and isinstance(values, list) and len(values) == 2:
            parts.append(f"{_FIELDS[name]}：{_value(values[0], book)} → {_value(values[1], book)}")
    if event.note.lon is not None and event.note.lat is not None:
        parts.append(f"{event.note.lat:.5f},{event.note.lon:.5f}")
    return "；".join(parts)


_FIELDS = {
    "title": "事项",
    "measure": "要求",
    "in_list": "清单",
    "due_at": "时限",
    "responsible": "责任",
    "parent_id": "属于",
}


def _value(value: object, book: TaskBook) -> str:
    text = "" if value is None else str(value)
    names = {one.value: name for one, name in LIST_NAMES.items()}
    if text in names:
        return names[text]
    try:
        return dated_clock(datetime.fromisoformat(text), book.zone)
    except ValueError:
        return text


def _colour(sheet: Worksheet, rows: int) -> None:
    """Grey for what is not read; texts stay texts; the five lists are offered."""
    last = rows + _MORE_ROWS
    for at, heading in enumerate(HEADINGS, start=1):
        letter = get_column_letter(at)
        sheet.cell(1, at).font = Font(bold=True)
        if heading in EDITABLE:
            for row in range(2, last + 1):
                sheet[f"{letter}{row}"].number_format = "@"
        else:
            for row in range(1, rows + 1):
                cell = sheet[f"{letter}{row}"]
                cell.fill = _GREY
                if row > 1:
                    cell.alignment = Alignment(vertical="top")
    offered = DataValidation("list", '"' + ",".join(LIST_NAMES.values()) + '"', allow_blank=True)
    letter = get_column_letter(HEADINGS.index("清单") + 1)
    offered.add(f"{letter}2:{letter}{last}")
    sheet.add_data_validation(offered)
