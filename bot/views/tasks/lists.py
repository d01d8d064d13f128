"""Lists of tasks: one's own, and those below by what is to be done about them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from alerts.loop.tasks.model import TaskList
from bot.actions.tasks import NewTaskStep, NewTaskTap, TaskAct, TaskListTap, TaskTap, TaskView
from bot.locale import N_, translator
from bot.views.clock import BEIJING
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, escape, shorten
from bot.views.tasks.card import ShownTask, due_line, post_line, title_line
from bot.views.tasks.chart import chart_button
from bot.views.tasks.words import list_name

PAGE_SIZE = 6

_HEADS: Mapping[TaskView, str] = {
    TaskView.MINE: N_("📋 我的清单任务 {count} 项"),
    TaskView.BELOW: N_("📋 {place}清单任务 {count} 项"),
    TaskView.OVERDUE: N_("⏰ {place}逾期 {count} 项"),
    TaskView.CHECK: N_("🔍 {place}待核查 {count} 项"),
    TaskView.WATCHED: N_("🚩 {place}挂牌督办 {count} 项"),
}
_NONE: Mapping[TaskView, str] = {
    TaskView.MINE: N_("您名下没有清单任务。"),
    TaskView.BELOW: N_("{place}没有没办结的清单任务。"),
    TaskView.OVERDUE: N_("{place}没有逾期的任务。"),
    TaskView.CHECK: N_("{place}没有等核查的任务。"),
    TaskView.WATCHED: N_("{place}没有挂牌督办的任务。"),
}
_KEYS: Mapping[TaskView, str] = {
    TaskView.MINE: N_("👤 我的"),
    TaskView.BELOW: N_("📋 下面的"),
    TaskView.OVERDUE: N_("⏰ 逾期"),
    TaskView.CHECK: N_("🔍 待核查"),
    TaskView.WATCHED: N_("🚩 督办"),
}
_OF_OFFICERS = (TaskView.BELOW, TaskView.OVERDUE, TaskView.CHECK, TaskView.WATCHED)


def list_screen(
    view: TaskView,
    shown: Sequence[ShownTask],
    total: int,
    page: int,
    place: str,
    language: str,
    zone: tzinfo = BEIJING,
    *,
    in_list: TaskList | None = None,
    officer: bool = False,
    counts: Mapping[TaskView, int] | None = None,
) -> Screen:
    """A page of tasks; for officers with the keys to the other lists, and to a new one.

    :param counts: how many are on each of the lists of an officer.
    """
    _ = translator(language)
    lines: list[str] = []
    rows: list[tuple[Button, ...]] = []
    if total:
        head = bold(_(_HEADS[view]).format(count=total, place=escape(place)))
        if in_list is not None:
            head += " · " + list_name(in_list, language)
        lines.append(head)
    else:
        lines.append(_(_NONE[view]).format(place=escape(place)))
    for one in shown:
        lines.append(title_line(one))
        if view is not TaskView.MINE:
            lines.append("　" + post_line(one, language))
        lines.append("　" + due_line(one, language, zone))
        text = f"#{one.task.id} {shorten(one.task.title, 24)}"
        rows.append((Button(text, TaskTap(one.task.id, TaskAct.SHOW).encode()),))
    pages = page_buttons(
        page,
        last_page(total, PAGE_SIZE),
        lambda number: TaskListTap(view, number, in_list),
        language,
    )
    if pages:
        rows.append(pages)
    if officer:
        keys = [
            _key(other, counts, language)
            for other in (TaskView.MINE, *_OF_OFFICERS)
            if other is not view
        ]
        rows += [tuple(keys[:2]), tuple(keys[2:])]
        new = Button(_("➕ 新任务"), NewTaskTap(NewTaskStep.START).encode())
        rows.append((new, chart_button(language)))
    return Screen("\n".join(lines), Inline(tuple(rows)) if rows else None)


def _key(view: TaskView, counts: Mapping[TaskView, int] | None, language: str) -> Button:
    text = translator(language)(_KEYS[view])
    number = (counts or {}).get(view, 0)
    return Button(f"{text} {number}" if number else text, TaskListTap(view).encode())
