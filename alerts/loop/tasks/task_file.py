"""A table of tasks, a row each: what, where, whose, until when. Pure.

Rows that are parts of another name it: by 序号, which counts only inside the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from alerts.loop.tasks.lifecycle import FARTHEST
from alerts.loop.tasks.model import (
    LONGEST_TITLE,
    LONGEST_WORDS,
    Evidence,
    NewTask,
    Responsible,
    TaskList,
)
from contacts.divisions.codes import contains
from contacts.divisions.gazetteer import Gazetteer
from contacts.people import Role
from contacts.roster.columns import DIVISION_CODE, ROLE_WORDS, Column, word
from contacts.roster.reading.times import parse_moment
from contacts.roster.rows import Cells, Problems, RowReason, rows_of
from contacts.roster.sheet import Sheet

TASK_COLUMNS = (
    Column("title", ("事项", "任务", "内容", "任务名称", "问题", "工作内容")),
    DIVISION_CODE,
    Column("role", ("责任岗位", "岗位", "职务", "责任角色")),
    Column("due", ("时限", "完成时限", "整改时限", "截止时间", "完成时间", "deadline")),
    Column("list", ("清单", "清单类别", "类别"), required=False),
    Column("measure", ("要求", "举措", "措施", "整改措施", "工作要求"), required=False),
    Column("where", ("地点区划", "地点", "所在地"), required=False),
    Column("name", ("责任人", "姓名"), required=False),
    Column("evidence", ("凭据", "完成凭据", "佐证"), required=False),
    Column("row", ("序号",), required=False),
    Column("part_of", ("上级序号", "属于"), required=False),
)

LIST_WORDS: Mapping[str, TaskList] = {
    **{kind.value: kind for kind in TaskList},
    "任务": TaskList.TASK,
    "责任": TaskList.DUTY,
    "问题": TaskList.PROBLEM,
    "举措": TaskList.MEASURE,
    "措施": TaskList.MEASURE,
    "整改": TaskList.RECTIFICATION,
}
EVIDENCE_WORDS: Mapping[str, Evidence] = {
    **{kind.value: kind for kind in Evidence},
    "照片": Evidence.PHOTO,
    "图片": Evidence.PHOTO,
    "视频": Evidence.VIDEO,
    "文件": Evidence.DOCUMENT,
    "语音": Evidence.VOICE,
    "位置": Evidence.POSITION,
}
END_OF_DAY = timedelta(hours=18)
"""What a day without an hour means (ours)."""

_DAYS = re.compile(r"(\d{1,3})\s*天")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One row as a task; ``name``: who is meant, whom the roster is still asked for."""

    row: int
    new: NewTask
    name: str = ""
    number: str = ""
    part_of: str = ""


def task_rows(
    sheet: Sheet, gazetteer: Gazetteer, now: datetime, zone: tzinfo, problems: Problems
) -> tuple[list[TaskRow], tuple[str, ...]]:
    """The tasks of ``sheet``, what others are part of first; and its columns that are not used."""
    rows, ignored = rows_of(sheet, TASK_COLUMNS, problems)
    found: list[TaskRow] = []
    numbers: set[str] = set()
    for cells in rows:
        row = _row(cells, gazetteer, now, zone)
        if row is None:
            continue
        if row.number and row.number in numbers:
            cells.refuse("row", RowReason.CODE_TWICE, text=row.number[:20])
            continue
        numbers.add(row.number)
        found.append(row)
    return _parents_first(found, problems), ignored


def _row(cells: Cells, gazetteer: Gazetteer, now: datetime, zone: tzinfo) -> TaskRow | None:
    title, measure = cells.name("title"), cells.text("measure")
    for column, text, most in (
        ("title", title, LONGEST_TITLE),
        ("measure", measure, LONGEST_WORDS),
    ):
        if len(text) > most:
            cells.refuse(column, RowReason.TEXT_TOO_LONG, length=len(text), most=most)
    code = cells.division(gazetteer, named=True)
    where = cells.division(gazetteer, "where", named=True) if cells.optional("where") else code
    role: Role | None = cells.word(
        "role", lambda text: word(ROLE_WORDS, text), RowReason.ROLE_UNKNOWN
    )
    in_list = TaskList.TASK
    if cells.optional("list"):
        in_list = cells.word("list", _list_word, RowReason.LIST_UNKNOWN) or in_list
    due_at = _due(cells, now, zone)
    evidence = _evidence(cells)
    if code and where and not (contains(code, where) or contains(where, code)):
        cells.refuse("where", RowReason.DIVISION_OUTSIDE, text=where)
    if not cells.good or role is None or due_at is None:
        return None
    post = Responsible(code, role)
    new = NewTask(title, due_at, post, in_list, measure, where, evidence=evidence)
    return TaskRow(
        cells.row, new, cells.text("name"), cells.optional("row"), cells.optional("part_of")
    )


def _list_word(text: str) -> TaskList | None:
    return LIST_WORDS.get(text.strip().lower().removesuffix("清单"))


def _due(cells: Cells, now: datetime, zone: tzinfo) -> datetime | None:
    text = cells.required("due")
    if not text:
        return None
    local = now.astimezone(zone)
    if days := _DAYS.fullmatch(text):
        at = now + timedelta(days=int(days[1]))
        return at if at > now else _past(cells, text)
    wall = parse_moment(text, local.year)
    if wall is None:
        cells.refuse("due", RowReason.TIME_INVALID, text=text[:40])
        return None
    at = wall.replace(tzinfo=zone)
    if wall.hour == wall.minute == 0:
        at += END_OF_DAY
    if at <= now:
        return _past(cells, text)
    if at - now > FARTHEST:
        cells.refuse("due", RowReason.TIME_INVALID, text=text[:40])
    return at.astimezone(UTC)


def _past(cells: Cells, text: str) -> datetime | None:
    cells.refuse("due", RowReason.DEADLINE_PAST, text=text[:40])
    return None


def _evidence(cells: Cells) -> frozenset[Evidence]:
    found = set()
    for text in re.split(r"[、,，;；/\s]+", cells.text("evidence")):
        if not text:
            continue
        kind = EVIDENCE_WORDS.get(text)
        if kind is None:
            cells.refuse("evidence", RowReason.KIND_UNKNOWN, text=text[:40])
        else:
            found.add(kind)
    return frozenset(found)


def _parents_first(rows: list[TaskRow], problems: Problems) -> list[TaskRow]:
    """In an order in which each comes after the one it is part of."""
    known = {row.number for row in rows if row.number}
    done: list[TaskRow] = []
    made: set[str] = set()
    waiting = []
    for row in rows:
        if row.part_of and row.part_of not in known:
            problems.add(row.row, "part_of", RowReason.PARENT_UNKNOWN, text=row.part_of[:20])
        else:
            waiting.append(row)
    while waiting:
        ready = [row for row in waiting if not row.part_of or row.part_of in made]
        if not ready:
            # Each of these is part of another of them: a circle.
            for row in waiting:
                problems.add(row.row, "part_of", RowReason.PARENT_CIRCLE, text=row.part_of[:20])
            break
        done += ready
        made |= {row.number for row in ready if row.number}
        chosen = {row.row for row in ready}
        waiting = [row for row in waiting if row.row not in chosen]
    return done
