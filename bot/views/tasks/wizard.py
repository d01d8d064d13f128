"""Making a task in the chat: what is asked, and the preview. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.loop.tasks.model import Evidence, TaskList
from bot.actions.tasks import NewTaskStep, NewTaskTap
from bot.locale import N_, translator
from bot.views.clock import BEIJING, ago, day_clock
from bot.views.screen import Button, Inline, Screen, bold, escape, shorten
from bot.views.tasks.words import LISTS, evidence_names, list_name

OFFERED_HOURS = (24, 72, 168, 720)
"""Terms by one tap: a day, three, a week, thirty days (ours)."""

OFFERED_SOON = (2, 6, 24, 72)
"""The same for what a warning brought up: it is in force for hours (ours)."""

EXAMPLE = "/task 敦化市黄泥河镇 修涵洞 3天 张三"


@dataclass(frozen=True, slots=True)
class Offered:
    """Somebody, or a post, that may answer for it: the words of a button, and its value."""

    words: str
    value: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """What is known of a task that is being made, in words (plain)."""

    title: str
    place: str
    post: str
    due_at: datetime
    in_list: TaskList
    evidence: frozenset[Evidence]
    told: str = ""  # who hears of it
    vacant: bool = False
    out_of_reach: bool = False


def ask_title(language: str) -> Screen:
    """What is to be done?"""
    _ = translator(language)
    return Screen(
        _("📌 新任务：要做什么？请写一句。也可一行写全：\n<code>{example}</code>").format(
            example=EXAMPLE
        ),
        Inline((_stop(language),)),
    )


def ask_place(title: str, language: str, unclear: Sequence[str] = ()) -> Screen:
    """Where, that is of which division is the post that answers for it?"""
    _ = translator(language)
    lines = [_("📌 {title}").format(title=escape(title))]
    if unclear:
        lines.append(
            _("有几个同名的地方：{places}").format(places=escape(_("、").join(unclear[:6])))
        )
        lines.append(_("请写全，例如：敦化市黄泥河镇"))
    else:
        lines.append(_("由哪里办？请写区划，例如：敦化市黄泥河镇"))
    return Screen("\n".join(lines), Inline((_stop(language),)))


def ask_post(
    title: str,
    place: str,
    offered: Sequence[Offered],
    language: str,
    unknown: str = "",
    above: str = "",
) -> Screen:
    """Who of them?

    :param unknown: who was written, whom nobody there is called.
    :param above: the division above, where the reader may give it to somebody as well.
    """
    _ = translator(language)
    lines = [_("📌 {title}").format(title=escape(title))]
    if unknown:
        lines.append(_("{place}没有「{who}」。").format(place=escape(place), who=escape(unknown)))
    lines.append(_("由{place}谁办？请选，或写姓名、职务。").format(place=escape(place)))
    rows = [
        (Button(one.words, NewTaskTap(NewTaskStep.POST, one.value).encode()),) for one in offered
    ]
    if above:
        words = _("⬆️ 由{place}办").format(place=shorten(above, 14))
        rows.append((Button(words, NewTaskTap(NewTaskStep.ASK, "above").encode()),))
    rows.append((Button(_("📍 换个地方"), NewTaskTap(NewTaskStep.ASK, "where").encode()),))
    return Screen("\n".join(lines), Inline((*rows, _stop(language))))


def ask_deadline(
    title: str,
    language: str,
    *,
    past: datetime | None = None,
    soon: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """Until when?

    :param past: what was written, and has passed.
    :param soon: it is of a warning, and hours are offered.
    """
    _ = translator(language)
    lines = [_("📌 {title}").format(title=escape(title))]
    if past is not None:
        lines.append(_("{due} 已经过了。").format(due=day_clock(past, zone)))
    lines.append(_("什么时候办完？请选，或写：3天、明天18点、7月15日"))
    offered = tuple(
        Button(
            _("{hours} 小时").format(hours=hours)
            if hours < 24
            else _("{days} 天").format(days=hours // 24),
            NewTaskTap(NewTaskStep.HOURS, str(hours)).encode(),
        )
        for hours in (OFFERED_SOON if soon else OFFERED_HOURS)
    )
    return Screen("\n".join(lines), Inline((offered, _stop(language))))


_ASKED: Collection[Evidence] = (Evidence.PHOTO, Evidence.POSITION, Evidence.DOCUMENT)


def preview(
    drafted: Drafted, nonce: str, now: datetime, language: str, zone: tzinfo = BEIJING
) -> Screen:
    """All of it, before it is put on the list."""
    _ = translator(language)
    left = ago((drafted.due_at - now).total_seconds(), language)
    lines = [
        bold(_("📌 列入{list}？").format(list=list_name(drafted.in_list, language))),
        escape(drafted.title),
        _("责任：{post}").format(post=escape(drafted.post)),
        _("时限：{due}（还有 {left}）").format(due=day_clock(drafted.due_at, zone), left=left),
    ]
    if drafted.evidence:
        kinds = evidence_names(drafted.evidence, language)
        lines.append(_("完成时要附：{kinds}").format(kinds=kinds))
    if drafted.vacant:
        lines.append(_("⚠️ 这个岗位空缺，先发给：{told}").format(told=escape(drafted.told or "—")))
    elif drafted.out_of_reach:
        lines.append(_("⚠️ 责任人联系不上，先发给：{told}").format(told=escape(drafted.told or "—")))
    else:
        lines.append(_("发给：{told}").format(told=escape(drafted.told)))
    kinds_row = tuple(
        Button(
            ("☑️ " if kind in drafted.evidence else "◻️ ") + evidence_names({kind}, language),
            NewTaskTap(NewTaskStep.EVIDENCE, kind.value).encode(),
        )
        for kind in _ASKED
    )
    lists = [
        Button(
            ("• " if kind is drafted.in_list else "") + _(_SHORT[kind]),
            NewTaskTap(NewTaskStep.LIST, kind.value).encode(),
        )
        for kind in LISTS
    ]
    change = tuple(
        Button(_(words), NewTaskTap(NewTaskStep.ASK, what).encode())
        for words, what in (
            (N_("✏️ 改事项"), "title"),
            (N_("👤 改责任"), "who"),
            (N_("⏱ 改时限"), "when"),
        )
    )
    confirm = Button(_("✅ 列入清单"), NewTaskTap(NewTaskStep.CONFIRM, nonce).encode())
    rows = ((confirm,), tuple(lists), kinds_row, change, _stop(language))
    return Screen("\n".join(lines), Inline(rows))


_SHORT = {
    TaskList.TASK: N_("任务"),
    TaskList.DUTY: N_("责任"),
    TaskList.PROBLEM: N_("问题"),
    TaskList.MEASURE: N_("举措"),
    TaskList.RECTIFICATION: N_("整改"),
}


def lost(language: str) -> Screen:
    """The buttons of a task that is not being made any more."""
    _ = translator(language)
    return Screen(_("这份草稿已过期，没有列入清单。重新开始：/task"))


def stopped(language: str) -> Screen:
    """It was given up."""
    _ = translator(language)
    return Screen(_("✖️ 没有列入清单。"))


def _stop(language: str) -> tuple[Button, ...]:
    _ = translator(language)
    return (Button(_("✖️ 取消"), NewTaskTap(NewTaskStep.STOP).encode()),)
