"""What is wrong with something that a source says, one clear line each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.sources.gauges.model import Quantity, ReadingFlaw
from bot.locale import N_, translator
from bot.views.screen import shorten
from bot.views.warning_findings import warning_line

_QUANTITIES: Mapping[str, str] = {
    Quantity.LEVEL.value: N_("水位"),
    Quantity.FLOW.value: N_("流量"),
    Quantity.RAIN.value: N_("雨量"),
}
_LINES: Mapping[str, str] = {
    "gauge_unit": N_("{station}：{quantity} {value} 像是单位不对（换算后 {meant}），没有采用"),
    "gauge_datum": N_("{station}：{quantity} {value} 离各线太远，像是基准面或站号不对，没有采用"),
    "gauge_jump": N_("{station}：{quantity}一下跳到 {value}，等下一个读数证实"),
    "gauge_stuck": N_("{station}：{quantity}一直是 {value}，可能卡住了，请派人看一眼"),
    "unknown_stations": N_("{count} 个站不在站表里：{names}。请管理员补进站表"),
    "bad_values": N_("{count} 个数读不出，如第 {row} 行{station}：{flaw} {text}"),
}
"""By the words of ``alerts.sources.gauges.taking_in`` and of its ``Doubt``."""

_FLAWS: Mapping[str, str] = {
    ReadingFlaw.NOT_A_ROW.value: N_("不成一行"),
    ReadingFlaw.NO_STATION.value: N_("没有站码"),
    ReadingFlaw.BAD_TIME.value: N_("时间读不出"),
    ReadingFlaw.FUTURE.value: N_("时间在将来"),
    ReadingFlaw.NOT_A_NUMBER.value: N_("不是数字"),
    ReadingFlaw.OUT_OF_RANGE.value: N_("数值不可能"),
    ReadingFlaw.UNIT_UNKNOWN.value: N_("单位不认识"),
    ReadingFlaw.QUANTITY_UNKNOWN.value: N_("不知道测的是什么"),
    ReadingFlaw.MORE_PAGES.value: N_("对方分页了，没有给全"),
}

LONGEST_LINE = 200
"""Characters of a line (ours)."""


def finding_line(
    feed: str, subject: str, kind: str, facts: Mapping[str, Any], language: str
) -> str:
    """One line about one thing, plain."""
    _ = translator(language)
    if kind.startswith("cap_"):
        return shorten(f"{feed} · {warning_line(subject, kind, facts, language)}", LONGEST_LINE)
    said = _LINES.get(kind)
    if said is None:
        return shorten(f"{feed} {subject} {kind}", LONGEST_LINE)
    value = facts.get("value")
    scale = facts.get("scale")
    station = str(facts.get("name") or facts.get("station") or "")
    if subject and station:
        station = f"{station}（{subject}）"
    words = _(said).format(
        station=station,
        quantity=_(_QUANTITIES.get(str(facts.get("quantity")), "")),
        value="" if value is None else f"{value:g}",
        meant="?" if value is None or scale is None else f"{value * scale:g}",
        count=facts.get("count", 1),
        names=_("、").join(map(str, facts.get("names", ()))),
        row=facts.get("row", "?"),
        flaw=_(_FLAWS.get(str(facts.get("flaw")), "")),
        text=facts.get("text", ""),
    )
    return shorten(f"{feed} · {words.strip()}", LONGEST_LINE)
