"""A task as a row of a workbook that goes out and comes back: what may be changed there. Pure.

A cell that is written as it went out changes nothing, whatever it says: so a workbook that comes
back untouched is no news. ``VERSION`` tells whether the task was changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo

from alerts.loop.tasks.model import Evidence, Task, TaskEvent, TaskEventKind, TaskList, TaskState
from contacts.organisations import LABELS, organisation_of
from contacts.people import Role
from contacts.roster.columns import ROLE_WORDS

NUMBER, VERSION = "编号", "版本"
EDITABLE = (
    "事项",
    "区划代码",
    "责任岗位",
    "部门或地点",
    "责任人",
    "时限",
    "清单",
    "要求",
)
"""The columns whose cells may be changed, as they are headed."""

SHOWN = (
    "区划名称",
    "状态",
    "逾期",
    "接手人",
    "报完成时间",
    "核查人",
    "销号时间",
    "督办",
    "预警编号",
)
"""Columns that only tell; what is written there is not read."""

HEADINGS = (NUMBER, *EDITABLE, *SHOWN, VERSION)

LIST_NAMES: Mapping[TaskList, str] = {
    TaskList.TASK: "任务",
    TaskList.DUTY: "责任",
    TaskList.PROBLEM: "问题",
    TaskList.MEASURE: "举措",
    TaskList.RECTIFICATION: "整改",
}
STATE_NAMES: Mapping[TaskState, str] = {
    TaskState.OPEN: "待接手",
    TaskState.TAKEN: "已接手",
    TaskState.SUBMITTED: "待核查",
    TaskState.STRUCK_OFF: "已销号",
    TaskState.WITHDRAWN: "已撤销",
}
EVIDENCE_NAMES: Mapping[Evidence, str] = {
    Evidence.PHOTO: "照片",
    Evidence.VIDEO: "视频",
    Evidence.DOCUMENT: "文件",
    Evidence.VOICE: "语音",
    Evidence.POSITION: "位置",
}
_ROLE_NAMES: Mapping[Role, str] = {
    role: next(word for word, one in ROLE_WORDS.items() if one is role and not word.isascii())
    for role in Role
}
_VERSIONS = frozenset(
    {
        TaskEventKind.CREATED,
        TaskEventKind.CHANGED,
        TaskEventKind.EXTENDED,
        TaskEventKind.RETURNED,
        TaskEventKind.HANDED_OVER,
    }
)
"""What changes something that a workbook may change, too."""


def editable_cells(task: Task, names: Mapping[int, str], zone: tzinfo) -> dict[str, str]:
    """What the columns that may be changed hold, by heading.

    :param names: of the persons who were meant by name.
    """
    post = task.responsible
    organisation = organisation_of(post.place_code)
    place = post.place_code if organisation is None else LABELS[organisation]
    cells = (
        task.title,
        post.division_code,
        _ROLE_NAMES[post.role],
        place,
        names.get(post.person_id or 0, ""),
        f"{task.due_at.astimezone(zone):%Y-%m-%d %H:%M}",
        LIST_NAMES[task.in_list],
        task.measure,
    )
    return dict(zip(EDITABLE, cells, strict=True))


def version_of(events: Iterable[TaskEvent]) -> int:
    """The number of the last event that changed what a workbook may change."""
    return max((event.id for event in events if event.kind in _VERSIONS), default=0)
