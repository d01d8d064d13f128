"""What a patroller reads about hotspots: will you go, what to do there, what was recorded."""

from __future__ import annotations

from datetime import datetime, tzinfo

from alerts.patrol.hotspots.model import Verdict
from bot.actions.hotspots import HotspotAccept, HotspotDecline, HotspotShow
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.hotspot_facts import (
    Shown,
    evidence_lines,
    verdict_keys,
    verdict_name,
    where_and_when,
)
from bot.views.patrol_shifts import distance
from bot.views.screen import Button, Inline, Screen, bold, name


def task_asked(
    shown: Shown, away_m: float, minutes: float, language: str, *, zone: tzinfo = BEIJING
) -> Screen:
    """To the nearest patroller: will you go and look?"""
    _ = translator(language)
    task = shown.task
    lines = [
        bold(_("🛰 热点核查 #{number}").format(number=task.id)),
        *where_and_when(shown, language, zone),
    ]
    lines.append(_("离您最近的位置约 {away}").format(away=distance(away_m, language)))
    lines.append("")
    words = _("您能去看吗？请在 {minutes} 分钟内答复。")
    lines.append(bold(words.format(minutes=f"{minutes:g}")))
    keys = (
        (Button(_("✅ 我去"), HotspotAccept(task.id).encode()),),
        (Button(_("❌ 去不了"), HotspotDecline(task.id).encode()),),
    )
    return Screen("\n".join(lines), Inline(keys))


def task_accepted(shown: Shown, language: str, *, zone: tzinfo = BEIJING) -> Screen:
    """To who goes: what to do there, and the verdicts to choose from."""
    _ = translator(language)
    task = shown.task
    lines = [
        bold(_("✅ 已接受 热点核查 #{number}").format(number=task.id)),
        *where_and_when(shown, language, zone),
        "",
        bold(_("请在 {time} 前给出结果：").format(time=clock(task.due_at, zone))),
        _("1. 到现场，按「📍 一键报位」"),
        _("2. 拍一张照片或视频发来"),
        _("3. 按下面的结果"),
        _("先顾自己安全；火大不要靠近，报 12119。"),
    ]
    return Screen("\n".join(lines), verdict_keys(task, language, decline=True))


def task_declined(number: int, language: str) -> Screen:
    """To who cannot go."""
    _ = translator(language)
    return Screen(_("好的，热点 #{number} 改派别人。").format(number=number))


def verdict_recorded(shown: Shown, language: str, *, learned: bool = False) -> Screen:
    """To who gave the verdict: recorded, and what is still missing."""
    _ = translator(language)
    task = shown.task
    assert task.verdict is not None
    head = _("✅ 已记录 #{number}：{verdict}")
    verdict = verdict_name(task.verdict, language)
    lines = [bold(head.format(number=task.id, verdict=verdict))]
    sent = task.accepted_by is not None and task.accepted_by == task.verdict_by
    lines.extend(evidence_lines(task, language, asking=sent))
    if task.verdict is Verdict.FOREST_FIRE:
        lines.append(bold(_("已报县值班员和指挥员。请撤到安全处，等人到。")))
    if learned:
        lines.append(_("这里多次核查为其他热源，以后不再派人。"))
    change = Button(_("✏️ 改结果"), HotspotShow(task.id).encode())
    return Screen("\n".join(lines), Inline(((change,),)))


def task_taken(shown: Shown, language: str) -> Screen:
    """To somebody asked before: no need to go."""
    _ = translator(language)
    task = shown.task
    if task.verdict is not None:
        words = _("热点 #{number} 已有结果：{verdict}，您不用去了。")
        verdict = verdict_name(task.verdict, language)
        return Screen(words.format(number=task.id, verdict=verdict))
    by = shown.responsible
    words = _("热点 #{number} 由 {name} 去看，您不用去了。")
    return Screen(words.format(number=task.id, name=name("" if by is None else by.name)))


def task_due(shown: Shown, language: str, now: datetime, *, zone: tzinfo = BEIJING) -> Screen:
    """To who accepted: the verdict is overdue."""
    _ = translator(language)
    task = shown.task
    late = ago((now - task.opened_at).total_seconds(), language)
    lines = [
        bold(_("⏰ 热点 #{number} 已过 {time}，还没有结果").format(number=task.id, time=late)),
        *where_and_when(shown, language, zone),
        _("请马上按结果；到不了请按「去不了」。遇到危险请按「🆘 求救」。"),
    ]
    return Screen("\n".join(lines), verdict_keys(task, language, decline=True))
