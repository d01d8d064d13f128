"""How a warning ends: cancel or close it, tell that it is over, and sum up how it went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from alerts.model import Alert
from alerts.progress import Progress
from alerts.report import Speed, Summary
from alerts.templates import Urgency, urgency
from bot.actions.warnings import CancelNow, CloseNow, SilentPage, StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING, clock, day_clock, span
from bot.views.screen import Button, ForceReply, Inline, Screen, bold, escape, name
from bot.views.vocabulary import report_name, tier_name
from bot.views.warnings.parts import heading, marked, state_line, title
from bot.views.warnings.progress import counts


def ask_cancel(alert: Alert, language: str, place: str, *, told: int = 0) -> Screen:
    """Ask whether to cancel, and say what that does."""
    _ = translator(language)
    lines = [
        heading(alert, bold(_("确定取消这次预警？")), place, language),
        "",
        _("收到过预警的人会最先收到取消通知，叫应随即停止。"),
    ]
    if told:
        lines.append(_("将通知 {count} 人（群）。").format(count=told))
    yes = Button(_("🚫 确定取消预警"), CancelNow(alert.id).encode())
    return Screen("\n".join(lines), Inline(((yes,), (_back(alert, language),))))


def ask_close(alert: Alert, progress: Progress, language: str, place: str) -> Screen:
    """Ask whether to close, with the number of those who have not answered."""
    _ = translator(language)
    lines = [
        heading(alert, bold(_("确定销号？")), place, language),
        "",
        *counts(progress, language),
        "",
    ]
    if progress.waiting:
        lines.append(_("还有 {count} 人未回应：销号须写明原因。").format(count=progress.waiting))
        look = Button(_("📵 先看未回应"), SilentPage(alert.id).encode())
        yes = Button(_("☑️ 写明原因并销号"), CloseNow(alert.id).encode())
        return Screen("\n".join(lines), Inline(((look,), (yes,), (_back(alert, language),))))
    lines.append(_("全部已回应或已销号。"))
    yes = Button(_("☑️ 确定销号"), CloseNow(alert.id).encode())
    return Screen("\n".join(lines), Inline(((yes,), (_back(alert, language),))))


def ask_close_reason(alert: Alert, still_open: int, language: str) -> Screen:
    """Ask why it is to be closed although some have not answered."""
    _ = translator(language)
    words = _("还有 {count} 人未回应。请写一句销号原因：").format(count=still_open)
    return Screen(
        f"{marked(alert, bold(words), language)}\n" + _("例如：已全部电话核实"), ForceReply()
    )


def cancelled_message(
    alert: Alert,
    language: str,
    place: str,
    *,
    by: str = "",
    group: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The cancellation: to everyone who got the warning, and to their groups."""
    _ = translator(language)
    lines = [
        heading(alert, bold(_("🚫 预警已取消")), place, language),
        "",
        _("不用再执行，也不用再回应。"),
    ]
    if urgency(alert.level, alert.lead_minutes) in (Urgency.MOVE, Urgency.PREPARE):
        # Somebody who was moved away must not read "cancelled" as "go home".
        lines.append(_("已转移的群众先不要返回，等乡镇通知。"))
    if group:
        lines.append(_("请互相转告。"))
    at = clock(alert.cancelled_at, zone)
    lines += ["", _("{time} {by} 取消").format(time=at, by=escape(by)).replace("  ", " ")]
    return Screen("\n".join(lines))


def closed_note(
    alert: Alert, language: str, place: str, *, by: str = "", zone: tzinfo = BEIJING
) -> Screen:
    """What the question becomes once the warning is closed (or over otherwise)."""
    _ = translator(language)
    lines = [title(alert, place, language), state_line(alert, language, zone)]
    if alert.close_reason:
        lines.append(_("原因：{reason}").format(reason=escape(alert.close_reason)))
    if by:
        lines.append(_("由 {name} 销号").format(name=escape(by)))
    return Screen(
        "\n".join(line for line in lines if line),
        Inline(((Button(_("📊 看态势"), StatusOf(alert.id).encode()),),)),
    )


def _back(alert: Alert, language: str) -> Button:
    _ = translator(language)
    return Button(_("⬅️ 不，返回"), StatusOf(alert.id).encode())


SHOWN = 15
"""Divisions shown, the slowest first."""


def summary_message(
    summary: Summary,
    language: str,
    place: str,
    *,
    names: Mapping[str, str] | None = None,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The summary: counts, the median and the slowest answer, by tier and by division."""
    _ = translator(language)
    alert, progress = summary.alert, summary.progress
    lines = [title(alert, place, language), bold(_("📊 叫应总结"))]
    over = state_line(alert, language, zone)
    if over:
        lines.append(over)
    if alert.close_reason:
        lines.append(_("原因：{reason}").format(reason=escape(alert.close_reason)))
    lines += ["", *counts(progress, language)]
    if summary.speed is not None:
        lines += ["", _speed(_("回应用时"), summary.speed, language)]
        lines += [
            _speed("　" + tier_name(tier, language), speed, language)
            for tier, speed in summary.by_tier.items()
        ]
    if summary.reports:
        lines.append("")
        lines += [
            _("{report} {count}").format(report=report_name(what, language), count=count)
            for what, count in summary.reports.items()
        ]
    if summary.not_reported:
        lines.append(_("已回应未报告 {count}").format(count=summary.not_reported))
    lines += _divisions(summary, language, names or {})
    lines += ["", _("发布 {time}").format(time=day_clock(alert.released_at, zone))]
    lines.append(_("编号 {identifier}").format(identifier=escape(alert.identifier)))
    return Screen("\n".join(lines))


def _divisions(summary: Summary, language: str, names: Mapping[str, str]) -> list[str]:
    _ = translator(language)
    if len(summary.by_division) < 2:
        return []
    # Whoever has silence comes first, then the slowest: what is worth talking about afterwards.
    order = sorted(
        summary.by_division.items(),
        key=lambda item: (
            -(item[1][0].calls - item[1][0].answered),
            -(item[1][1].slowest if item[1][1] else 0),
            item[0],
        ),
    )
    lines = ["", bold(_("分区划："))]
    for code, (progress, speed) in order[:SHOWN]:
        line = _("{name}：{done}/{every}").format(
            name=name(names.get(code, code)), done=progress.answered, every=progress.calls
        )
        if speed is not None:
            line += " · " + _("半数在 {median}内，最慢 {slowest}").format(
                median=span(speed.median, language), slowest=span(speed.slowest, language)
            )
        lines.append(line)
    if len(order) > SHOWN:
        lines.append(_("……另有 {count} 处").format(count=len(order) - SHOWN))
    return lines


def _speed(what: str, speed: Speed, language: str) -> str:
    _ = translator(language)
    return _("{what}：半数在 {median}内，最慢 {slowest}").format(
        what=what, median=span(speed.median, language), slowest=span(speed.slowest, language)
    )
