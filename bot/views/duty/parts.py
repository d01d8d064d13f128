"""Spans, shifts and what is open, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from alerts.duty.model import LOOKED_AHEAD
from alerts.duty.open_things_store import KINDS
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day_clock
from contacts.duty_plan import Span

_THINGS: Mapping[str, str] = {
    "warnings": N_("⚠️ 生效中的预警 {count} 个"),
    "silent": N_("📵 还没有回应 {count} 人"),
    "help": N_("🆘 求助未办结 {count} 件"),
    "distress": N_("🆘 求救未解除 {count} 起"),
    "hotspots": N_("🛰 热点待核查 {count} 处"),
    "patrol_silent": N_("🌲 没有按时报位 {count} 人"),
    "tasks": N_("📋 没有办完的清单事项 {count} 项"),
    "tasks_overdue": N_("⏰ 其中超期 {count} 项"),
    "gaps": N_("📅 值班空档 {count} 段"),
}
assert set(_THINGS) == set(KINDS)


def span_words(span: Span, language: str, zone: tzinfo = BEIJING) -> str:
    """From when to when; the day is said once where it is one."""
    _ = translator(language)
    begin, end = day_clock(span.starts_at, zone), day_clock(span.ends_at, zone)
    if begin[:-6] == end[:-6]:
        end = end[-5:]
    return _("{begin} 至 {end}").format(begin=begin, end=end)


def gap_words(span: Span, now: datetime, language: str, zone: tzinfo = BEIJING) -> str:
    """A gap; one as long as the plan is looked ahead has no end yet."""
    _ = translator(language)
    if span.ends_at >= now + LOOKED_AHEAD:
        return _("{begin} 起没有排班").format(begin=day_clock(span.starts_at, zone))
    return span_words(span, language, zone)


def thing_lines(things: Mapping[str, int] | None, language: str) -> list[str]:
    """What is open, a line each; that there is nothing is said too."""
    _ = translator(language)
    found = things or {}
    lines = ["• " + _(_THINGS[kind]).format(count=found[kind]) for kind in KINDS if found.get(kind)]
    return lines or [_("• 没有未办结的事")]
