"""One task: what, by whom, until when, how it stands; its buttons and its history. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.loop.tasks.model import Evidence, Task, TaskEvent, TaskState
from bot.actions.tasks import AssignTap, ExtendTap, TaskAct, TaskTap
from bot.locale import translator
from bot.views.clock import BEIJING, LONGEST_IN_HOURS, ago, clock, day_clock
from bot.views.questions import confirm_words
from bot.views.screen import Button, Inline, Rows, Screen, bold, escape, quote, shorten
from bot.views.tasks.words import event_name, evidence_names, list_name, mark, state_name
from bot.views.vocabulary import office_name

MOST_EVENTS = 20
"""Lines of a history in one message, the newest (ours)."""

MOST_CHILDREN = 8

_IN_DAYS = (LONGEST_IN_HOURS - 1) * 3600
"""Seconds from which what is left is said in days and hours: then to the hour."""


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task with the names of what it is about (plain), and what its reader may do with it.

    ``holder``: who took it, or whom it is told to now. ``theirs``: it is the reader's to do;
    ``checks``: they may strike it off, send it back, decide; ``charge``: they may watch over it;
    ``own``: they have it or did it, so that they can neither withdraw it nor end its supervision.
    """

    task: Task
    place: str
    post_place: str
    now: datetime
    holder: str = ""
    giver: str = ""
    alert: str = ""
    asked_by: str = ""
    ended_by: str = ""
    submitted_by: str = ""
    reason: str = ""  # why it was sent back, or withdrawn
    done_words: str = ""  # what was said with 完成
    files: int = 0
    parts: tuple[tuple[int, str, bool], ...] = ()  # number, title, ended
    vacant: bool = False
    out_of_reach: bool = False
    theirs: bool = False
    checks: bool = False
    charge: bool = False
    own: bool = False

    @property
    def late(self) -> bool:
        """Whether it is overdue."""
        return self.task.overdue(self.now)


def title_line(shown: ShownTask) -> str:
    """The task in one line (HTML): 🔧 #17 修涵洞."""
    task = shown.task
    return f"{mark(task, late=shown.late)} #{task.id} {escape(task.title)}"


def post_line(shown: ShownTask, language: str) -> str:
    """Whose it is (HTML): 黄泥河镇主任 · 张三."""
    _ = translator(language)
    where = shown.post_place or shown.place
    line = escape(office_name(where, shown.task.responsible.role, language))
    if shown.vacant:
        return line + _("（岗位空缺）")
    if shown.out_of_reach:
        line += _("（联系不上）")
    return f"{line} · {escape(shown.holder)}" if shown.holder else line


def due_line(shown: ShownTask, language: str, zone: tzinfo = BEIJING) -> str:
    """Until when, and how long that is (HTML)."""
    _ = translator(language)
    task = shown.task
    due = day_clock(task.due_at, zone)
    if task.state.ended or task.state is TaskState.SUBMITTED:
        return _("时限：{due}").format(due=due)
    seconds = (task.due_at - shown.now).total_seconds()
    if seconds > 0:
        # Rounded: a minute after 3 天 was said it is not 2 天 23 小时.
        seconds += 1800 if seconds >= _IN_DAYS else 30
        return _("时限：{due}（还有 {left}）").format(due=due, left=ago(seconds, language))
    late = _("时限：{due}（已逾期 {late}）").format(due=due, late=ago(-seconds, language))
    return bold(late)


def task_screen(
    shown: ShownTask, language: str, zone: tzinfo = BEIJING, *, head: str = ""
) -> Screen:
    """Everything of one task, with the buttons its reader may press.

    :param head: a line above it (HTML): why it is shown.
    """
    lines = [head] if head else []
    lines += [title_line(shown), *_about(shown, language, zone), *_standing(shown, language, zone)]
    rows = buttons(shown, language)
    return Screen("\n".join(lines), Inline(rows) if rows else None)


def _about(shown: ShownTask, language: str, zone: tzinfo) -> list[str]:
    _ = translator(language)
    task = shown.task
    lines = [list_name(task.in_list, language)]
    if task.supervised:
        lines[0] += " · " + bold(_("🚩 挂牌督办"))
    if task.measure:
        lines.append(_("要求：{measure}").format(measure=escape(task.measure)))
    if shown.place and shown.place != shown.post_place:
        lines.append(_("地点：{place}").format(place=escape(shown.place)))
    lines.append(_("责任：{post}").format(post=post_line(shown, language)))
    lines.append(due_line(shown, language, zone))
    if task.evidence:
        kinds = evidence_names(task.evidence, language)
        lines.append(_("完成时要附：{kinds}").format(kinds=kinds))
    if shown.alert:
        lines.append(_("所属：{alert}").format(alert=escape(shown.alert)))
    if shown.giver:
        lines.append(_("交办：{name}").format(name=escape(shown.giver)))
    if task.parent_id is not None:
        lines.append(_("属于：#{number}").format(number=task.parent_id))
    for number, title, ended in shown.parts[:MOST_CHILDREN]:
        lines.append(f"　{'✅' if ended else '◻️'} #{number} {escape(shorten(title, 30))}")
    return lines


def _standing(shown: ShownTask, language: str, zone: tzinfo) -> list[str]:
    _ = translator(language)
    task = shown.task
    state = bold(state_name(task.state, language))
    if task.state is TaskState.SUBMITTED:
        at = clock(task.submitted_at, zone)
        lines = [
            _("{state}：{name} {time} 报").format(
                state=state, name=escape(shown.submitted_by), time=at
            )
        ]
        if shown.done_words:
            lines.append(quote(shown.done_words))
    elif task.state.ended:
        lines = [f"{state} {escape(shown.ended_by)} {clock(task.ended_at, zone)}"]
    elif task.state is TaskState.TAKEN:
        lines = [_("{state}：{time} 接手").format(state=state, time=clock(task.taken_at, zone))]
    else:
        lines = [state]
    if shown.reason:
        word = _("撤销原因：") if task.state is TaskState.WITHDRAWN else _("退回原因：")
        lines.append(word + escape(shown.reason))
    if task.asked_until is not None:
        until = day_clock(task.asked_until, zone)
        lines.append(
            _("⏳ {name} 申请延到 {until}，待决定").format(name=escape(shown.asked_by), until=until)
        )
    if shown.files:
        lines.append(_("📎 附件 {count} 份").format(count=shown.files))
    return lines


def buttons(shown: ShownTask, language: str) -> Rows:
    """What the reader may do next, the usual first."""
    _ = translator(language)
    task = shown.task
    rows: list[tuple[Button, ...]] = []

    def button(text: str, act: TaskAct) -> Button:
        return Button(text, TaskTap(task.id, act).encode())

    if shown.theirs and task.state is TaskState.OPEN:
        rows.append((button(_("✋ 接手"), TaskAct.TAKE),))
    if shown.theirs and task.state in (TaskState.OPEN, TaskState.TAKEN):
        rows.append((button(_("📝 进展"), TaskAct.PROGRESS), button(_("✅ 完成"), TaskAct.DONE)))
        rows.append((button(_("⏳ 延期申请"), TaskAct.EXTEND),))
    if shown.checks and task.state is TaskState.SUBMITTED:
        rows.append((button(_("✅ 核实，销号"), TaskAct.STRIKE), button(_("↩️ 退回"), TaskAct.BACK)))
    if shown.checks and task.asked_until is not None:
        rows.append((button(_("👌 准予延期"), TaskAct.GRANT), button(_("✋ 不准"), TaskAct.REFUSE)))
    if shown.charge and not task.state.ended:
        rows += _of_charge(shown, button, language)
    more = [button(_("🕘 经过"), TaskAct.HISTORY)]
    if shown.files:
        more.append(button(_("📎 看附件"), TaskAct.FILES))
    rows.append(tuple(more))
    return tuple(rows)


def _of_charge(
    shown: ShownTask, button: Callable[[str, TaskAct], Button], language: str
) -> list[tuple[Button, ...]]:
    """What whoever has charge of it may do; a task of one's own is not withdrawn by oneself."""
    _, task = translator(language), shown.task
    rows: list[tuple[Button, ...]] = []
    watch = button(_("🚩 挂牌督办"), TaskAct.WATCH)
    if task.supervised:
        watch = button(_("🚩 解除督办"), TaskAct.UNWATCH)
    if not shown.own:
        rows.append((watch, button(_("☑️ 撤销"), TaskAct.WITHDRAW)))
    elif not task.supervised:
        rows.append((watch,))
    if task.state is not TaskState.SUBMITTED:
        rows.append((button(_("👤 改派"), TaskAct.ASSIGN),))
    return rows


def history_screen(
    shown: ShownTask,
    events: Sequence[tuple[TaskEvent, str]],
    language: str,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Everything that happened to it, the newest last; each with the name of who did it."""
    _ = translator(language)
    lines = [title_line(shown)]
    if len(events) > MOST_EVENTS:
        lines.append(_("（更早的 {count} 条略）").format(count=len(events) - MOST_EVENTS))
    for event, name in events[-MOST_EVENTS:]:
        line = f"{day_clock(event.at, zone)} {event_name(event.kind, language)}"
        if name:
            line += f" {escape(name)}"
        if event.until is not None:
            line += " → " + day_clock(event.until, zone)
        shows = evidence_names(event.note.shows, language)
        if shows:
            line += _("（附{kinds}）").format(kinds=shows)
        lines.append(line)
        if event.note.words:
            lines.append("　" + escape(shorten(event.note.words, 120)))
    back = Button(_("⬅️ 返回"), TaskTap(shown.task.id, TaskAct.SHOW).encode())
    return Screen("\n".join(lines), Inline(((back,),)))


def _named(shown: ShownTask) -> str:
    """Which task a question or a receipt is about (HTML): 17 修涵洞."""
    return f"{shown.task.id} {escape(shorten(shown.task.title, 30))}"


def ask_progress(shown: ShownTask, language: str) -> Screen:
    """What has come of it so far?"""
    _ = translator(language)
    words = _("📝 #{number} 进展如何？请发一句话、照片、文件、语音或位置。").format(
        number=_named(shown)
    )
    return Screen(words, Inline(((_back(shown, language),),)))


def ask_done(shown: ShownTask, missing: frozenset[Evidence], language: str) -> Screen:
    """What shows that it is done? Without anything asked for it can be submitted as it is."""
    _ = translator(language)
    task, rows = shown.task, []
    if missing:
        kinds = evidence_names(missing, language)
        words = _("✅ #{number} 完成了？请发来：{kinds}。发完按「报完成」。").format(
            number=_named(shown), kinds=kinds
        )
    else:
        words = _(
            "✅ #{number} 完成了？发一句话就报完成；照片、文件、位置发完按「报完成」。"
        ).format(number=_named(shown))
    submit = Button(_("✅ 报完成"), TaskTap(task.id, TaskAct.SUBMIT).encode())
    rows.append((submit, _back(shown, language)))
    return Screen(words, Inline(tuple(rows)))


OFFERED_HOURS = (24, 72, 168)
"""By how much a task is prolonged by one tap: a day, three, a week (ours)."""


def ask_extension(shown: ShownTask, language: str) -> Screen:
    """Until when, and why?"""
    _ = translator(language)
    words = _("⏳ #{number} 要延到什么时候，为什么？请写，例如：3天 涵管没到货").format(
        number=_named(shown)
    )
    offered = tuple(
        Button(_("{days} 天").format(days=hours // 24), ExtendTap(shown.task.id, hours).encode())
        for hours in OFFERED_HOURS
    )
    return Screen(words, Inline((offered, (_back(shown, language),))))


def ask_assign(
    shown: ShownTask, people: Sequence[tuple[int, str]], language: str, unknown: str = ""
) -> Screen:
    """To whom of the division is it given?

    :param people: number and words of each.
    :param unknown: who was written, whom nobody there is called.
    """
    _ = translator(language)
    place, lines = shown.post_place, []
    if unknown:
        lines.append(_("{place}没有「{who}」。").format(place=escape(place), who=escape(unknown)))
    lines.append(
        _("👤 #{number} 改派给{place}谁？请选，或写姓名、职务。").format(
            number=_named(shown), place=escape(place)
        )
    )
    rows = [(Button(words, AssignTap(shown.task.id, number).encode()),) for number, words in people]
    return Screen("\n".join(lines), Inline((*rows, (_back(shown, language),))))


def ask_reason(shown: ShownTask, act: TaskAct, language: str) -> Screen:
    """Why is it sent back, refused or withdrawn?"""
    _ = translator(language)
    number = _named(shown)
    words = {
        TaskAct.BACK: _("↩️ #{number} 哪里不合格？请写一句退回的原因，责任人会看到。"),
        TaskAct.WITHDRAW: _("☑️ #{number} 为什么撤销？请写一句，会留在经过里。"),
        TaskAct.EXTEND: _("⏳ #{number} 为什么要延期？请写一句，核查人会看到。"),
    }[act]
    return Screen(words.format(number=number), Inline(((_back(shown, language),),)))


def confirm_reason(shown: ShownTask, act: TaskAct, words: str, nonce: str, language: str) -> Screen:
    """The reason is as it was typed: is the task sent back, or withdrawn, with it?"""
    _ = translator(language)
    task = shown.task
    title = shorten(task.title, 30)
    if act is TaskAct.BACK:
        head, label = _("退回 #{number} {title}？"), _("↩️ 退回")
    else:
        head, label = _("撤销 #{number} {title}？责任人不用再办"), _("☑️ 撤销")
    head = head.format(number=task.id, title=title)
    return confirm_words(head, words, label, nonce, TaskTap(task.id, act), language)


def _back(shown: ShownTask, language: str) -> Button:
    _ = translator(language)
    return Button(_("⬅️ 返回"), TaskTap(shown.task.id, TaskAct.SHOW).encode())


def look_button(task: Task, language: str) -> Inline:
    """Shows the task, with what can be done with it."""
    _ = translator(language)
    words = _("📌 看 #{number}").format(number=task.id)
    return Inline(((Button(words, TaskTap(task.id, TaskAct.SHOW).encode()),),))


def kept(shown: ShownTask, missing: frozenset[Evidence], language: str, *, done: bool) -> Screen:
    """A file or a position came with it; when it is being reported done, what is still missing."""
    _ = translator(language)
    lines = [_("📎 已收下，记在 #{number}。").format(number=_named(shown))]
    if done and missing:
        lines.append(_("还要：{kinds}").format(kinds=evidence_names(missing, language)))
    elif done:
        lines.append(_("都齐了，请按「报完成」。"))
    else:
        lines.append(_("可以接着发。"))
    submit = Button(_("✅ 报完成"), TaskTap(shown.task.id, TaskAct.SUBMIT).encode())
    return Screen("\n".join(lines), Inline(((submit, _back(shown, language)),)))


def told(shown: ShownTask, act: TaskAct, language: str, zone: tzinfo = BEIJING) -> Screen:
    """What was done just now stands above the task."""
    _ = translator(language)
    words = {
        TaskAct.TAKE: _("✋ 已接手"),
        TaskAct.PROGRESS: _("📝 进展已记下"),
        TaskAct.SUBMIT: _("✅ 已报完成，等第二人核查"),
        TaskAct.EXTEND: _("⏳ 已申请延期，等核查人决定；没有批准前按原时限"),
        TaskAct.STRIKE: _("✅ 已销号"),
        TaskAct.BACK: _("↩️ 已退回，责任人会收到原因"),
        TaskAct.GRANT: _("👌 已准予延期"),
        TaskAct.REFUSE: _("✋ 没有准予延期"),
        TaskAct.WATCH: _("🚩 已挂牌督办"),
        TaskAct.UNWATCH: _("🚩 已解除督办"),
        TaskAct.WITHDRAW: _("☑️ 已撤销"),
        TaskAct.ASSIGN: _("👤 已改派"),
    }.get(act, "")
    if shown.task.state.ended and act in (TaskAct.PROGRESS, TaskAct.SUBMIT):
        words = _("📝 已记进经过；任务在您发出以后已经结束，不用再办")
    return task_screen(shown, language, zone, head=bold(words) if words else "")


def listed_words(task: Task, language: str) -> str:
    """It was put on its list, and whoever has it was told."""
    _ = translator(language)
    return _("📌 已列入{list}，已发给责任人").format(list=list_name(task.in_list, language))


def already(shown: ShownTask, language: str, zone: tzinfo = BEIJING) -> Screen:
    """What was to be put on a list is there already."""
    _ = translator(language)
    return task_screen(shown, language, zone, head=bold(_("📌 已经列入清单")))
