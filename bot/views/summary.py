"""What is told when a warning is over: how fast, how many, who did not report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from alerts.report import Speed, Summary
from bot.locale import translator
from bot.views.clock import BEIJING, day_clock, span
from bot.views.progress import counts
from bot.views.screen import Screen, bold, escape, name
from bot.views.vocabulary import report_name, tier_name
from bot.views.warning import state_line, title

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
    """Counts, the median and the slowest answer, by tier and by division."""
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
            line += " · " + _("中位 {median}，最慢 {slowest}").format(
                median=span(speed.median, language), slowest=span(speed.slowest, language)
            )
        lines.append(line)
    if len(order) > SHOWN:
        lines.append(_("……另有 {count} 处").format(count=len(order) - SHOWN))
    return lines


def _speed(what: str, speed: Speed, language: str) -> str:
    _ = translator(language)
    return _("{what}：中位 {median}，最慢 {slowest}").format(
        what=what, median=span(speed.median, language), slowest=span(speed.slowest, language)
    )
