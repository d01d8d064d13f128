"""What is said about tasks unasked: given, due, overdue, sent back; to be checked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from alerts.outbox.task_messages import TaskWord
from bot.actions.tasks import TaskAct, TaskListTap, TaskTap, TaskView
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day_clock
from bot.views.screen import Button, Inline, Screen, bold, escape, shorten
from bot.views.tasks.card import ShownTask, due_line, post_line, task_screen, title_line

_ONE: Mapping[TaskWord, str] = {
    TaskWord.NEW: N_("📌 交给您一项任务"),
    TaskWord.AGAIN: N_("📌 预警又有变化，撤销了的这项任务重新要办"),
    TaskWord.TAKE: N_("📌 还没有人接手这项任务，请按「接手」"),
    TaskWord.REMIND: N_("⏰ 任务时限快到了"),
    TaskWord.DUE: N_("⏰ 任务到期了，请报完成，或申请延期"),
    TaskWord.OVERDUE: N_("🔴 任务已逾期，已报上一级"),
    TaskWord.RETURNED: N_("↩️ 核查没有通过，任务退回"),
    TaskWord.EXTENDED: N_("👌 已准予延期"),
    TaskWord.EXTENSION_REFUSED: N_("✋ 没有准予延期，请按原时限办"),
    TaskWord.SUPERVISED: N_("🚩 这项任务已挂牌督办"),
    TaskWord.CHANGED: N_("✏️ 任务有修改，请看"),
    TaskWord.STRUCK_OFF: N_("✅ 核查通过，任务已销号"),
    TaskWord.WITHDRAWN: N_("☑️ 任务已撤销，不用再办"),
}
_MANY: Mapping[TaskWord, str] = {
    TaskWord.NEW: N_("📌 交给您 {count} 项任务"),
    TaskWord.AGAIN: N_("📌 预警又有变化，撤销了的 {count} 项任务重新要办"),
    TaskWord.TAKE: N_("📌 有 {count} 项任务还没有人接手"),
    TaskWord.REMIND: N_("⏰ 有 {count} 项任务时限快到了"),
    TaskWord.DUE: N_("⏰ 有 {count} 项任务到期了"),
    TaskWord.OVERDUE: N_("🔴 有 {count} 项任务已逾期，已报上一级"),
    TaskWord.RETURNED: N_("↩️ 有 {count} 项任务核查没有通过，退回"),
    TaskWord.EXTENDED: N_("👌 有 {count} 项任务已准予延期"),
    TaskWord.EXTENSION_REFUSED: N_("✋ 有 {count} 项任务没有准予延期"),
    TaskWord.SUPERVISED: N_("🚩 有 {count} 项任务已挂牌督办"),
    TaskWord.CHANGED: N_("✏️ 有 {count} 项任务有修改"),
    TaskWord.STRUCK_OFF: N_("✅ 有 {count} 项任务已销号"),
    TaskWord.WITHDRAWN: N_("☑️ 有 {count} 项任务已撤销，不用再办"),
}


def news_screen(
    why: TaskWord,
    shown: Sequence[ShownTask],
    total: int,
    language: str,
    zone: tzinfo = BEIJING,
    *,
    vacant: bool = False,
    out_of_reach: bool = False,
) -> Screen:
    """To whoever has them: one task whole, several as a list."""
    _ = translator(language)
    instead = ""
    if vacant:
        instead = _("责任岗位空缺，所以发给您：请指定人办，或先接手。")
    elif out_of_reach:
        instead = _(
            "责任人联系不上，所以发给您：请先接手，或打电话交办（号码发 /handbook 姓名 查）。"
        )
    if total == 1:
        head = bold(_(_ONE[why])) + (f"\n{instead}" if instead else "")
        return task_screen(shown[0], language, zone, head=head)
    lines = [bold(_(_MANY[why]).format(count=total)), *([instead] if instead else [])]
    return _listed(lines, shown, total, TaskView.MINE, language, zone)


def above_screen(
    shown: Sequence[ShownTask],
    total: int,
    language: str,
    zone: tzinfo = BEIJING,
    *,
    unchecked: bool,
) -> Screen:
    """To the tier above: what is overdue below, or was not checked."""
    _ = translator(language)
    if unchecked:
        words = _("🔍 有 {count} 项任务报了完成，下面一直没有核查").format(count=total)
    else:
        words = _("🔴 下面有 {count} 项任务逾期没有完成").format(count=total)
    view = TaskView.CHECK if unchecked else TaskView.OVERDUE
    if total == 1:
        return task_screen(shown[0], language, zone, head=bold(words))
    return _listed([bold(words)], shown, total, view, language, zone)


def check_screen(
    shown: ShownTask, language: str, zone: tzinfo = BEIJING, *, again: bool, why: str = ""
) -> Screen:
    """To whoever may check it: submitted, or to be prolonged, and ``why``."""
    _ = translator(language)
    if shown.task.asked_until is not None:
        until = day_clock(shown.task.asked_until, zone)
        head = _("⏳ 申请延期到 {until}，请决定").format(until=until)
        if why:
            head += "\n" + _("理由：{reason}").format(reason=escape(why))
    elif again:
        head = _("🔍 这项任务还等着您核查：属实请销号，不合格请退回")
    else:
        head = _("🔍 报了完成，请核查：属实请销号，不合格请退回")
    return task_screen(shown, language, zone, head=bold(head))


def evidence_caption(shown: ShownTask, name: str, words: str, language: str) -> str:
    """What stands under a file that came with a task (HTML)."""
    _ = translator(language)
    line = _("📎 {task} · {name}").format(task=title_line(shown), name=escape(name))
    return f"{line}\n{escape(words)}" if words else line


def _listed(
    lines: list[str],
    shown: Sequence[ShownTask],
    total: int,
    view: TaskView,
    language: str,
    zone: tzinfo,
) -> Screen:
    _ = translator(language)
    rows = []
    for one in shown:
        lines.append(f"{title_line(one)}\n　{post_line(one, language)}")
        lines.append("　" + due_line(one, language, zone))
        text = f"#{one.task.id} {shorten(one.task.title, 24)}"
        rows.append((Button(text, TaskTap(one.task.id, TaskAct.SHOW).encode()),))
    if total > len(shown):
        lines.append(_("……还有 {count} 项").format(count=total - len(shown)))
    rows.append((Button(_("📋 看全部"), TaskListTap(view).encode()),))
    return Screen("\n".join(lines), Inline(tuple(rows)))
