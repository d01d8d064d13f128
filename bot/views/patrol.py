"""What patrollers and their officers read: positions, field reports, calls for help."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, tzinfo

from alerts.patrol.checkins import Doubt
from alerts.patrol.store import DistressCall, FieldReport, Position
from bot.callbacks import DistressClear, DistressTake, DistressUndo
from bot.locale import N_, translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.screen import Button, Inline, Reply, Screen, bold, escape, name
from bot.views.vocabulary import role_name
from contacts.people import Person
from contacts.phones import display

_DOUBTS = {
    Doubt.NULL_ISLAND: N_("手机没有定到位（0,0）"),
    Doubt.STALE: N_("这是较早的位置"),
    Doubt.OUTSIDE_PROVINCE: N_("不在本省范围内"),
    Doubt.INACCURATE: N_("定位误差超过 1 公里"),
    Doubt.FORWARDED: N_("这是转发的位置"),
}


def ask_position(language: str) -> Screen:
    """How to send one's position."""
    _ = translator(language)
    share = Button(_("📍 一键报位"), request_location=True)
    return Screen(_("请按下面的「📍 一键报位」，并允许使用位置。"), Reply(((share,),)))


def position_recorded(
    position: Position, place: str, language: str, *, zone: tzinfo = BEIJING
) -> Screen:
    """The place's name, or what is wrong and that it is asked for again."""
    _ = translator(language)
    at = clock(position.fix.taken_at, zone)
    if not position.doubts:
        return Screen(_("✅ 已记录 {time} {place}").format(time=at, place=name(place)))
    reasons = _("；").join(
        _(_DOUBTS[doubt]) for doubt in sorted(position.doubts, key=lambda d: d.value)
    )
    lines = [
        bold(_("⚠️ 位置已存，但有疑问：{reasons}").format(reasons=reasons)),
        _("请打开 GPS，到开阔处，再按一次「📍 一键报位」。"),
    ]
    return Screen("\n".join(lines))


def ask_field_report(language: str) -> Screen:
    """How to report from the spot."""
    _ = translator(language)
    lines = [bold(_("📷 现场上报")), _("现在直接发照片、视频或语音，可加一句说明。")]
    lines.append(_("发之前先按「📍 一键报位」，值班员就知道在哪里。"))
    return Screen("\n".join(lines))


def field_report_recorded(told: int, language: str) -> Screen:
    """It was kept and passed on."""
    _ = translator(language)
    if told:
        return Screen(_("✅ 已上报，已转给值班员 {count} 人").format(count=told))
    return Screen(_("✅ 已保存，但现在没有值班员能收到，请同时打电话。"))


def field_report(
    report: FieldReport,
    person: Person,
    place: str,
    position: Position | None,
    language: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """A report from the spot, to the officer: who, where, when, what."""
    _ = translator(language)
    lines = [
        bold(_("📷 现场上报 {time}").format(time=clock(report.at, zone))),
        _who(person, place, language),
        display(person.phone),
    ]
    if position is not None:
        lines.append(_coordinates(position, language, zone))
    if report.caption:
        lines.append(escape(report.caption))
    return Screen("\n".join(lines))


def distress_raised(
    call: DistressCall, officers: Collection[Person], language: str, *, again: bool = False
) -> tuple[Screen, Screen]:
    """To the person: who was told and how to undo it; and the key that sends the position."""
    _ = translator(language)
    head = _("🆘 已再次求救") if again else _("🆘 已求救")
    lines = [bold(head)]
    if officers:
        names = _("、").join(f"{name(one.name)} {display(one.phone)}" for one in officers)
        lines.append(_("已通知：{names}").format(names=names))
    else:
        lines.append(bold(_("现在没有值班员能收到，请立即打电话！")))
    lines.append(_("也请打电话：森林火警 12119，火警 119，报警 110，急救 120"))
    undo = Button(_("↩️ 误报，撤销"), DistressUndo(call.id).encode())
    share = Button(_("📍 一键报位"), request_location=True)
    keys = Reply(((share,),))
    ask = Screen(bold(_("👇 请发送位置，再拍一张照片")), keys)
    return Screen("\n".join(lines), Inline(((undo,),))), ask


def distress_stranger(language: str) -> Screen:
    """Somebody nobody knows calls for help."""
    _ = translator(language)
    lines = [
        bold(_("🆘 请立即打电话：森林火警 12119，火警 119，报警 110，急救 120")),
        _("本机器人还不认识您，无法转告值班员。"),
    ]
    return Screen("\n".join(lines))


def distress(
    call: DistressCall,
    person: Person,
    place: str,
    position: Position | None,
    language: str,
    now: datetime,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To the officer: who, where, phone, last position; and the button that takes it."""
    _ = translator(language)
    lines = [
        bold(_("🆘 求救 {time}").format(time=clock(call.raised_at, zone))),
        _who(person, place, language),
        bold(display(person.phone)),
    ]
    if position is None:
        lines.append(_("没有位置，已请本人发送。"))
    else:
        old = ago((now - position.fix.taken_at).total_seconds(), language)
        lines.append(_coordinates(position, language, zone) + " · " + _("{ago}前").format(ago=old))
    if call.note:
        lines.append(escape(call.note))
    take = Button(_("🙋 我来处置"), DistressTake(call.id).encode())
    return Screen("\n".join(lines), Inline(((take,),)))


def distress_state(
    call: DistressCall, person: Person, by: str, language: str, *, zone: tzinfo = BEIJING
) -> Screen:
    """Taken, cleared or undone: to the person and the officers."""
    _ = translator(language)
    who = name(person.name)
    if call.cleared_at is not None:
        words = (
            _("↩️ {name} 撤销了求救（误报）").format(name=who)
            if call.cleared_by == call.person_id
            else _("✅ {name} 的求救已解除，由 {by} 确认安全").format(name=who, by=name(by))
        )
        return Screen(bold(words))
    words = _("🙋 {by} 正在处置 {name} 的求救").format(by=name(by), name=who)
    clear = Button(_("✅ 人已安全，解除"), DistressClear(call.id).encode())
    return Screen(words, Inline(((clear,),)))


def _who(person: Person, place: str, language: str) -> str:
    return f"{bold(person.name)} · {role_name(person.role, language)} · {name(place)}"


def _coordinates(position: Position, language: str, zone: tzinfo) -> str:
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
