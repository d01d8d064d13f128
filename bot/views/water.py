"""Gauges in words: their list for officers on duty, and what is said of a curve. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from alerts.model import Level
from alerts.sources.gauges.facts import Figures
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.rising import STEADY
from alerts.sources.gauges.shown import Row, token_of
from alerts.sources.gauges.station import LineKind, Station
from bot.actions.water import GaugeCurve, GaugeList
from bot.locale import N_, translator
from bot.views.clock import BEIJING, ago, clock, day_clock
from bot.views.paging import last_page, page_buttons
from bot.views.screen import LONGEST_CAPTION, Button, Inline, Screen, bold, cut, name, shorten
from bot.views.vocabulary import level_mark

ON_A_PAGE = 10
"""Gauges on one page: what a phone shows without scrolling far (ours)."""

LINES: Mapping[LineKind, str] = {
    LineKind.DEFENCE: N_("设防"),
    LineKind.WARNING: N_("警戒"),
    LineKind.GUARANTEE: N_("保证"),
    LineKind.HIGHEST: N_("历史最高"),
    LineKind.LIMIT: N_("汛限"),
    LineKind.DESIGN: N_("设计"),
    LineKind.CHECK: N_("校核"),
    LineKind.READY: N_("准备转移"),
    LineKind.MOVE: N_("立即转移"),
}
UNITS: Mapping[Quantity, str] = {
    Quantity.LEVEL: N_("米"),
    Quantity.FLOW: N_("立方米每秒"),
    Quantity.RAIN: N_("毫米"),
}
_CURVES: Mapping[Quantity, str] = {
    Quantity.LEVEL: N_("{station} 水位过程线"),
    Quantity.FLOW: N_("{station} 流量过程线"),
    Quantity.RAIN: N_("{station} 雨量"),
}


def water_list(
    rows: Sequence[tuple[Row, Figures | None, Level | None]],
    total: int,
    page: int,
    place: str,
    now: datetime,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The gauges of a division, one line each, the worst first; a button each for its curve.

    :param rows: those of this page.
    """
    _ = translator(language)
    if not total:
        return Screen(_("这里没有水文站、雨量站。请管理员导入站表。"))
    head = _("💧 {place}水情 · {time}").format(place=place, time=day_clock(now, zone))
    lines = [bold(head)]
    keys = []
    for row, known, level in rows:
        lines.append(_line(row, known, level, now, language, zone))
        data = GaugeCurve(token_of(row.station.code), row.quantity).encode()
        sign = "🌧" if row.quantity is Quantity.RAIN else "📈"
        keys.append(Button(f"{sign} {shorten(row.station.name, 12)}", data))
    pairs = [tuple(keys[at : at + 2]) for at in range(0, len(keys), 2)]
    last = last_page(total, ON_A_PAGE)
    if last:
        pairs.append(page_buttons(page, last, GaugeList, language))
    return Screen("\n".join(lines), Inline(tuple(pairs)))


def gone(language: str) -> str:
    """To whoever presses the button of a gauge that is not, or no more, in their list."""
    return translator(language)("您的名单里没有这个站。发 /water 看全部。")


def not_one(found: Sequence[Station], words: str, language: str) -> Screen:
    """That several stations, or none, are meant."""
    _ = translator(language)
    if not found:
        return Screen(_("没有叫「{words}」的站。发 /water 看全部。").format(words=name(words)))
    keys = [
        Button(
            f"📈 {shorten(one.river + one.name, 24)}",
            GaugeCurve(token_of(one.code), one.quantities()[0]).encode(),
        )
        for one in found[:ON_A_PAGE]
        if one.quantities()
    ]
    head = _("「{words}」有 {count} 个站，是哪一个？").format(words=name(words), count=len(found))
    return Screen(head, Inline(tuple((key,) for key in keys)))


def curve_title(station: Station, quantity: Quantity, language: str) -> str:
    """The title of a curve: 黄泥河站 水位过程线."""
    return translator(language)(_CURVES[quantity]).format(station=station_name(station))


def station_name(station: Station) -> str:
    """The name of a station with its river: 黄泥河站, 布尔哈通河 延吉站."""
    named = station.name if station.name.endswith("站") else f"{station.name}站"
    return f"{station.river} {named}" if station.river and station.river not in named else named


def curve_subtitle(known: Figures | None, language: str) -> str:
    """What the curve comes to, in a line: value, line, trend."""
    _ = translator(language)
    if known is None:
        return _("还没有读数")
    unit = "" if known.quantity is Quantity.RAIN else f" {_(UNITS[known.quantity])}"
    parts = [f"{_value(known, language)}{unit}", _to_line(known, language)]
    if known.quantity is not Quantity.RAIN:
        parts.append(_trend_words(known, language))
    return _("，").join(part for part in parts if part)


def curve_caption(
    station: Station,
    known: Figures | None,
    now: datetime,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The caption of a curve."""
    _ = translator(language)
    title = station_name(station)
    if known is None:
        return Screen(f"{bold(title)}\n{_('还没有读数')}")
    lines = [
        bold(title) + f" · {day_clock(known.at, zone)}",
        curve_subtitle(known, language),
    ]
    if known.until_next is not None and known.next is not None:
        words = _("照此约 {time}后到{line}（{value}）")
        lines.append(
            words.format(
                time=ago(known.until_next.total_seconds(), language),
                line=_(LINES[known.next.kind]),
                value=f"{known.next.value:.2f}",
            )
        )
    age = now - known.at
    if age > timedelta(hours=1):
        old = ago(age.total_seconds(), language)
        lines.append(_("⚠️ 这是 {time}前的读数").format(time=old))
    return Screen(cut("\n".join(lines), LONGEST_CAPTION))


def _line(
    row: Row,
    known: Figures | None,
    level: Level | None,
    now: datetime,
    language: str,
    zone: tzinfo,
) -> str:
    _ = translator(language)
    mark = "⚪" if level is None else level_mark(level)
    called = name(shorten(row.station.name, 12))
    if known is None:
        return _("⚫ {station} 还没有读数").format(station=called)
    said = [f"{mark} {called} {bold(_value(known, language))}", _to_line(known, language)]
    if known.quantity is not Quantity.RAIN:
        said.append(_trend(known, language))
    last = row.watch.trace.last_at if row.watch else None
    line = " ".join(part for part in said if part)
    if row.silent(now) and last is not None:
        return line + _("｜⚫ 断了 {time}").format(time=ago((now - last).total_seconds(), language))
    return f"{line}｜{clock(known.at, zone)}"


def _value(known: Figures, language: str) -> str:
    if known.quantity is Quantity.LEVEL:
        return f"{known.value:.2f}"
    if known.quantity is Quantity.FLOW:
        return f"{known.value:.0f}" if abs(known.value) >= 100 else f"{known.value:.1f}"
    hours = 1 if known.rain is None else max(1, known.rain.minutes // 60)
    words = translator(language)("{hours}小时 {mm}毫米")
    return words.format(hours=hours, mm=f"{known.value:.1f}")


def _to_line(known: Figures, language: str) -> str:
    """Above its line by so much, or so much below its next."""
    _ = translator(language)
    if known.line is not None and known.over >= 0:
        if known.quantity is Quantity.RAIN:
            line, value = _(LINES[known.line.kind]), f"{known.line.value:g}"
            return _("达到{line}（{value}）").format(line=line, value=value)
        words = _("超{line} {metres}")
        return words.format(line=_(LINES[known.line.kind]), metres=f"{known.over:.2f}")
    lines = known.station.lines_of(known.quantity)
    if known.quantity is Quantity.RAIN:
        minutes = 60 if known.rain is None else known.rain.minutes
        lines = tuple(line for line in lines if line.minutes == minutes)
    above = min(
        (line for line in lines if line.value > known.value),
        key=lambda line: line.value,
        default=None,
    )
    if above is None:
        return ""
    left = above.value - known.value
    decimals = f"{left:.2f}" if known.quantity is Quantity.LEVEL else f"{left:.0f}"
    return _("距{line} {metres}").format(line=_(LINES[above.kind]), metres=decimals)


def _trend(known: Figures, language: str) -> str:
    if known.slope is None:
        return ""
    if abs(known.slope) <= STEADY:
        return "→"
    words = translator(language)("{arrow}{metres}/时")
    return words.format(arrow="↑" if known.slope > 0 else "↓", metres=f"{abs(known.slope):.2f}")


def _trend_words(known: Figures, language: str) -> str:
    _ = translator(language)
    if known.slope is None:
        return ""
    if abs(known.slope) <= STEADY:
        return _("持平")
    words = _("每小时涨 {metres}") if known.slope > 0 else _("每小时落 {metres}")
    return words.format(metres=f"{abs(known.slope):.2f}")
