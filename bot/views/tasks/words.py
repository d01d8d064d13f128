"""Lists, states, evidence, what happened to a task, in the field's words; and read back. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from alerts.loop.tasks.model import Evidence, Task, TaskEventKind, TaskList, TaskState
from bot.locale import N_, translator

LISTS: Mapping[TaskList, str] = {
    TaskList.TASK: N_("任务清单"),
    TaskList.DUTY: N_("责任清单"),
    TaskList.PROBLEM: N_("问题清单"),
    TaskList.MEASURE: N_("举措清单"),
    TaskList.RECTIFICATION: N_("整改清单"),
}
_STATES: Mapping[TaskState, str] = {
    TaskState.OPEN: N_("待接手"),
    TaskState.TAKEN: N_("办理中"),
    TaskState.SUBMITTED: N_("已报完成，待核查"),
    TaskState.STRUCK_OFF: N_("已销号"),
    TaskState.WITHDRAWN: N_("已撤销"),
}
_EVIDENCE: Mapping[Evidence, str] = {
    Evidence.PHOTO: N_("照片"),
    Evidence.VIDEO: N_("视频"),
    Evidence.DOCUMENT: N_("文件"),
    Evidence.VOICE: N_("语音"),
    Evidence.POSITION: N_("位置"),
}
EVENTS: Mapping[TaskEventKind, str] = {
    TaskEventKind.CREATED: N_("列入清单"),
    TaskEventKind.CHANGED: N_("修改"),
    TaskEventKind.TAKEN: N_("接手"),
    TaskEventKind.HANDED_OVER: N_("责任岗位无人，转告上级"),
    TaskEventKind.PROGRESS: N_("进展"),
    TaskEventKind.SUBMITTED: N_("报完成"),
    TaskEventKind.RETURNED: N_("退回"),
    TaskEventKind.STRUCK_OFF: N_("核查销号"),
    TaskEventKind.EXTENSION_ASKED: N_("申请延期"),
    TaskEventKind.EXTENDED: N_("准予延期"),
    TaskEventKind.EXTENSION_REFUSED: N_("不准延期"),
    TaskEventKind.SUPERVISED: N_("挂牌督办"),
    TaskEventKind.UNSUPERVISED: N_("解除督办"),
    TaskEventKind.WITHDRAWN: N_("撤销"),
    TaskEventKind.REOPENED: N_("重新列入"),
    TaskEventKind.REMINDED: N_("提醒"),
    TaskEventKind.OVERDUE: N_("逾期报上级"),
    TaskEventKind.UNCHECKED: N_("催核查"),
}


def list_name(kind: TaskList, language: str) -> str:
    """A list in words: 问题清单."""
    return translator(language)(LISTS[kind])


def state_name(state: TaskState, language: str) -> str:
    """A state in words: 待接手."""
    return translator(language)(_STATES[state])


def evidence_names(kinds: Collection[Evidence], language: str) -> str:
    """照片、位置."""
    _ = translator(language)
    return _("、").join(_(_EVIDENCE[kind]) for kind in Evidence if kind in kinds)


def event_name(kind: TaskEventKind, language: str) -> str:
    """What happened, in words: 退回."""
    return translator(language)(EVENTS[kind])


def mark(task: Task, *, late: bool) -> str:
    """One sign that says how a task stands before any word is read."""
    if task.state is TaskState.STRUCK_OFF:
        return "✅"
    if task.state is TaskState.WITHDRAWN:
        return "☑️"
    if task.supervised:
        return "🚩"
    if late:
        return "⏰"
    return {"open": "◻️", "taken": "🔧", "submitted": "🔍"}[task.state.value]


def list_word(text: str) -> TaskList | None:
    """The list that a word names: 问题, 问题清单, problem."""
    word = text.strip().casefold().removesuffix("清单")
    for kind, name in LISTS.items():
        if word in (name.removesuffix("清单"), kind.value):
            return kind
    return None
