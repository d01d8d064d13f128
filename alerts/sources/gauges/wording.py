"""The text of a warning that a gauge proposes: figures first, then what is to be done. Pure.

Chinese, as a commander would write it: it is the warning's own text, which villages read, and the
lines for whoever decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo

from alerts.model import Hazard, Level
from alerts.sources.gauges.facts import Figures
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.rising import STEADY
from alerts.sources.gauges.station import Line, LineKind
from alerts.templates import texts

LINE_NAMES: Mapping[LineKind, str] = {
    LineKind.DEFENCE: "设防",
    LineKind.WARNING: "警戒",
    LineKind.GUARANTEE: "保证",
    LineKind.HIGHEST: "历史最高",
    LineKind.LIMIT: "汛限",
    LineKind.DESIGN: "设计洪水",
    LineKind.CHECK: "校核洪水",
    LineKind.READY: "准备转移",
    LineKind.MOVE: "立即转移",
}
_NOUNS = {Quantity.LEVEL: "水位", Quantity.FLOW: "流量", Quantity.RAIN: "雨量"}
_UNITS = {Quantity.LEVEL: "米", Quantity.FLOW: "立方米每秒", Quantity.RAIN: "毫米"}
_MENTIONED = 0.1
"""A share of a window without readings that is worth saying (ours)."""


def hazard_of(known: Figures) -> Hazard:
    """What is warned of: rain beside a river means flash floods, not the river's flood."""
    hazard = known.station.hazard
    if known.quantity is Quantity.RAIN and hazard is Hazard.RIVER_FLOOD:
        return Hazard.FLASH_FLOOD
    return hazard


def warning_text(known: Figures, level: Level, zone: tzinfo) -> str:
    """The text of the warning: what the gauge says, and what is to be done."""
    order = texts(hazard_of(known), level)[2]
    return f"{sentence(known, zone)}\n{order}"


def sentence(known: Figures, zone: tzinfo) -> str:
    """What the gauge says, in one sentence with its figures."""
    when = _clock(known.at, zone)
    where = _where(known)
    if known.quantity is Quantity.RAIN:
        said = f"{where}{when}前{_hours(known)}小时降雨{known.value:.1f}毫米"
        if known.line is not None:
            said += f"，达到{_line(known.line)}"
        if (missing := _missing(known)) is not None:
            said += f"，其中{missing}没有数据，实际可能更多"
        return said + "。"
    noun, unit = _NOUNS[known.quantity], _UNITS[known.quantity]
    said = f"{where}{when}{noun}{_value(known.quantity, known.value)}{unit}"
    if known.line is not None:
        passed = "超过" if known.over > 0 else "达到"
        by = f"{_value(known.quantity, known.over)}{unit}" if known.over > 0 else ""
        said += f"，{passed}{_line(known.line)}{by}"
    if known.slope is not None and known.slope > STEADY:
        said += f"，每小时涨{known.slope:.2f}{unit}"
    if known.until_next is not None and known.next is not None:
        said += f"，照此约{_span(known.until_next)}后到{_line(known.next)}"
    return said + "。"


def lifting_text(known: Figures, calm: timedelta, zone: tzinfo) -> str:
    """What the gauge says when it is long below."""
    when, hours = _clock(known.at, zone), max(1, round(calm.total_seconds() / 3600))
    if known.quantity is Quantity.RAIN:
        return (
            f"{_where(known)}雨量已低于预警雨量{hours}小时以上，"
            f"{when}前{_hours(known)}小时降雨{known.value:.1f}毫米。"
        )
    noun, unit = _NOUNS[known.quantity], _UNITS[known.quantity]
    lowest = min((line.value for line in known.station.lines_of(known.quantity)), default=None)
    below = "" if lowest is None else f"，低于最低一条线{_value(known.quantity, lowest)}{unit}"
    value = _value(known.quantity, known.value)
    return f"{_where(known)}{noun}已回落{hours}小时以上，{when}为{value}{unit}{below}。"


def notes(known: Figures, zone: tzinfo, others: Iterator[Figures] | None = None) -> tuple[str, ...]:
    """Lines for whoever decides: the station, and what else it says."""
    station, unit = known.station, _UNITS[known.quantity]
    lines = [f"{_where(known)}（{station.code}）{_clock(known.at, zone)}"]
    if known.quantity is not Quantity.RAIN:
        known_lines = "，".join(
            f"{LINE_NAMES[line.kind]}{_value(known.quantity, line.value)}"
            for line in station.lines_of(known.quantity)
        )
        lines.append(f"各线（{unit}）：{known_lines}")
        lines.append(_trend(known))
    elif known.rain is not None and _missing(known) is not None:
        lines.append(f"{_hours(known)}小时里有{_missing(known)}没有数据，合计是下限")
    for other in others or ():
        if other.quantity is Quantity.RAIN:
            lines.append(f"近{_hours(other)}小时雨量{other.value:.1f}毫米")
        else:
            value = _value(other.quantity, other.value)
            lines.append(f"{_NOUNS[other.quantity]}{value}{_UNITS[other.quantity]}")
    return tuple(lines)


def _trend(known: Figures) -> str:
    unit = _UNITS[known.quantity]
    if known.slope is None:
        return "涨落：读数太少，看不出"
    if abs(known.slope) <= STEADY:
        return "涨落：持平"
    word = "涨" if known.slope > 0 else "落"
    said = f"涨落：每小时{word}{abs(known.slope):.2f}{unit}"
    if known.until_next is not None and known.next is not None:
        said += f"，约{_span(known.until_next)}后到{LINE_NAMES[known.next.kind]}"
    return said


def _where(known: Figures) -> str:
    station = known.station
    name = station.name if station.name.endswith("站") else f"{station.name}站"
    return f"{station.river}{name}" if station.river and station.river not in name else name


def _line(line: Line) -> str:
    name, unit = LINE_NAMES[line.kind], _UNITS[line.quantity]
    noun = "位" if name.endswith("洪水") else _NOUNS[line.quantity]
    return f"{name}{noun}（{_value(line.quantity, line.value)}{unit}）"


def _value(quantity: Quantity, value: float) -> str:
    if quantity is Quantity.LEVEL:
        return f"{value:.2f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}"


def _hours(known: Figures) -> int:
    return 1 if known.rain is None else max(1, known.rain.minutes // 60)


def _missing(known: Figures) -> str | None:
    if known.rain is None or known.rain.missing < known.rain.minutes * _MENTIONED:
        return None
    return _span(timedelta(minutes=known.rain.missing))


def _span(left: timedelta) -> str:
    minutes = max(1, round(left.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes}分钟"
    hours, rest = divmod(5 * round(minutes / 5), 60)
    return f"{hours}小时{rest}分" if rest else f"{hours}小时"


def _clock(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local.month}月{local.day}日{local:%H:%M}"
