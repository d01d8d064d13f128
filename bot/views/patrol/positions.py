"""Positions of patrollers: asking for one, answering one, and how one is written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import tzinfo

from alerts.patrol.positions.model import Doubt, Position
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock
from bot.views.screen import Button, ReplyKeyboard, Screen, bold, name
from bot.views.vocabulary import held_name
from contacts.people import Person

_DOUBTS = {
    Doubt.NULL_ISLAND: N_("手机没有定到位（0,0）"),
    Doubt.STALE: N_("这是较早的位置"),
    Doubt.OUTSIDE_PROVINCE: N_("不在本省范围内"),
    Doubt.INACCURATE: N_("定位误差超过 1 公里"),
    Doubt.FORWARDED: N_("这是转发的位置"),
}


def ask_position(language: str) -> Screen:
    """How to send a position."""
    _ = translator(language)
    share = Button(_("📍 一键报位"), request_location=True)
    return Screen(_("请按下面的「📍 一键报位」，并允许使用位置。"), ReplyKeyboard(((share,),)))


CLOSE_BY_M = 1_000.0
"""Metres from a village's place within which a position is at the village (ours)."""


def near_village(county: str, village: str, away_m: float | None, language: str) -> str:
    """Where a position is, by the nearest village: 敦化市 黄泥河镇 团北村附近."""
    _ = translator(language)
    if away_m is None or away_m <= CLOSE_BY_M:
        return _("{county} {village}附近").format(county=county, village=village)
    return _("{county}，距{village} {km} 公里").format(
        county=county, village=village, km=f"{away_m / 1000:.1f}"
    )


def of_post(county: str, post: str, language: str) -> str:
    """Where a position is when the map knows no villages: the county, and whose post it is."""
    _ = translator(language)
    return _("{county}（您负责{post}）").format(county=county, post=post)


def position_recorded(
    position: Position,
    place: str,
    language: str,
    *,
    zone: tzinfo = BEIJING,
    more: Collection[str] = (),
) -> Screen:
    """Answer to a position: the name of the place, or what is doubtful and to send it again.

    :param more: lines about zone and shift (``shifts.check_in_lines``).
    """
    _ = translator(language)
    at = clock(position.fix.taken_at, zone)
    if not position.doubts:
        recorded = _("✅ 已记录 {time} {place}").format(time=at, place=name(place))
        return Screen("\n".join([recorded, *more]))
    reasons = _("；").join(
        _(_DOUBTS[doubt]) for doubt in sorted(position.doubts, key=lambda d: d.value)
    )
    lines = [
        bold(_("⚠️ 位置已存，但有疑问：{reasons}").format(reasons=reasons)),
        _("请打开 GPS，到开阔处，再按一次「📍 一键报位」。"),
        *more,
    ]
    return Screen("\n".join(lines))


def ask_field_report(language: str) -> Screen:
    """How to report from the spot."""
    _ = translator(language)
    lines = [bold(_("📷 现场上报")), _("现在直接发照片、视频或语音，可加一句说明。")]
    lines.append(_("发之前先按「📍 一键报位」，值班员就知道在哪里。"))
    return Screen("\n".join(lines))


def who_and_where(person: Person, place: str, language: str) -> str:
    """A person in one line: name, post and place."""
    return f"{bold(person.name)} · {held_name(person, language)} · {name(place)}"


def coordinates(position: Position, language: str, zone: tzinfo) -> str:
    """A position in one line: time, WGS-84 latitude and longitude, accuracy, doubts."""
    _ = translator(language)
    fix = position.fix
    accuracy = "" if fix.accuracy_m is None else f" ±{fix.accuracy_m:.0f} m"
    spot = f"<code>{fix.lat:.5f},{fix.lon:.5f}</code>{accuracy}"
    words = _("📍 {time} {spot}").format(time=clock(fix.taken_at, zone), spot=spot)
    if position.doubts:
        words += " ⚠️ " + _("；").join(
            _(_DOUBTS[doubt]) for doubt in sorted(position.doubts, key=lambda d: d.value)
        )
    return words
