"""A call for help: to the person in distress, to those called, to whoever takes it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, tzinfo

from alerts.patrol.distress.model import DistressCall, arrived_late
from alerts.patrol.positions.model import Position
from bot.actions.distress import DistressClear, DistressConfirm, DistressTake, DistressUndo
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.patrol.positions import coordinates, who_and_where
from bot.views.screen import (
    LONGEST_NAME,
    Button,
    Inline,
    ReplyKeyboard,
    Screen,
    bold,
    escape,
    name,
    shorten,
)
from contacts.people import Person
from contacts.phones import display


def asked(call: DistressCall, seconds: float, language: str) -> tuple[Screen, Screen]:
    """To the person, after the first tap: send at once or undo, and the key for the position."""
    _ = translator(language)
    lines = [
        bold(_("🆘 {seconds} 秒后自动发出求救").format(seconds=f"{seconds:.0f}")),
        _("不用再按，到时自动发出。按错了请撤销。"),
        _telephones(language),
    ]
    send = Button(_("🆘 立即求救"), DistressConfirm(call.id).encode())
    undo = Button(_("↩️ 误报，撤销"), DistressUndo(call.id).encode())
    share = Button(_("📍 一键报位"), request_location=True)
    ask = Screen(bold(_("👇 请发送位置，再拍一张照片")), ReplyKeyboard(((share,),)))
    return Screen("\n".join(lines), Inline(((send,), (undo,)))), ask


def sent(
    call: DistressCall,
    told: Collection[Person],
    language: str,
    *,
    again: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To the person, once it was sent: who was told, and how to undo it."""
    _ = translator(language)
    lines = [bold(_("🆘 已再次求救") if again else _("🆘 已求救"))]
    if call.sent_at is not None and arrived_late(call.raised_at, call.sent_at) and not again:
        words = _("⏰ 您 {time} 的求救刚刚才收到，已马上发出")
        lines.append(words.format(time=clock(call.raised_at, zone)))
    if told:
        names = _("、").join(f"{name(person.name)} {display(person.phone)}" for person in told)
        lines.append(_("已通知：{names}").format(names=names))
        lines.append(_("没有人接手前，每隔几分钟再呼叫一次。"))
    else:
        lines.append(bold(_("现在没有值班员能收到，请立即打电话！")))
    lines.append(_telephones(language))
    undo = Button(_("↩️ 误报，撤销"), DistressUndo(call.id).encode())
    return Screen("\n".join(lines), Inline(((undo,),)))


def stranger(language: str) -> Screen:
    """To somebody the bot does not know who calls for help."""
    _ = translator(language)
    lines = [
        bold(_("🆘 请立即打电话：森林火警 12119，火警 119，报警 110，急救 120")),
        _("本机器人还不认识您，无法转告值班员。"),
    ]
    return Screen("\n".join(lines))


def kept(language: str) -> Screen:
    """To the person: a picture or words that came before the call left will go with it."""
    _ = translator(language)
    return Screen(_("✅ 已收到，随求救一起发出"))


def passed_on(count: int, language: str) -> Screen:
    """To the person: how many got the picture or words sent after the call."""
    _ = translator(language)
    if count:
        return Screen(_("✅ 已转给 {count} 人").format(count=count))
    return Screen(_("✅ 已保存，但现在没有值班员能收到，请同时打电话。"))


def call_for_help(
    call: DistressCall,
    person: Person,
    place: str,
    position: Position | None,
    language: str,
    now: datetime,
    *,
    spot_place: str = "",
    away: float | None = None,
    taken_by: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """To those called: who, where, phone, last position; and the button that takes it.

    :param spot_place: the name of the place of the position.
    :param away: metres from the reader's own last position.
    """
    _ = translator(language)
    lines = [bold(_("🆘 求救 {time}").format(time=clock(call.raised_at, zone)))]
    if call.sent_at is not None and arrived_late(call.raised_at, call.sent_at):
        words = _("⏰ 求救是 {time} 发出的，{ago}后才收到").format(
            time=clock(call.raised_at, zone),
            ago=ago((call.sent_at - call.raised_at).total_seconds(), language),
        )
        lines.append(bold(words))
    if call.rounds > 1 and call.taken_by is None:
        lines.append(bold(_("第 {number} 次呼叫，还没有人接手").format(number=call.rounds)))
    lines += [who_and_where(person, place, language), bold(display(person.phone))]
    if position is None:
        lines.append(_("没有位置，已请本人发送。"))
    else:
        if spot_place:
            lines.append(_("位置：{place}").format(place=name(spot_place)))
        old = ago((now - position.fix.taken_at).total_seconds(), language)
        lines.append(coordinates(position, language, zone) + " · " + _("{ago}前").format(ago=old))
    if away is not None:
        lines.append(bold(_("离您约 {km} 公里").format(km=f"{away / 1000:.1f}")))
    if call.note:
        lines.append(escape(call.note))
    if call.taken_by is not None:
        lines.append(
            _("🙋 {by} 正在处置 {name} 的求救").format(by=name(taken_by), name=name(person.name))
        )
        return Screen("\n".join(lines), _clear_keys(call, language))
    take = Button(_("🙋 我来处置"), DistressTake(call.id).encode())
    return Screen("\n".join(lines), Inline(((take,),)))


def state(
    call: DistressCall, person: Person, by: str, language: str, *, own: bool = False
) -> Screen:
    """It is taken, cleared or undone: to the person (``own``) and to all who were called."""
    _ = translator(language)
    who, whom = shorten(by, LONGEST_NAME), shorten(person.name, LONGEST_NAME)  # escaped below
    if call.undone:
        return Screen(bold(_("↩️ {name} 撤销了求救（误报）").format(name=whom)))
    if not call.open:
        words = _("✅ {name} 的求救已解除，由 {by} 确认安全").format(name=whom, by=who)
        return Screen(bold(words))
    words = escape(_("🙋 {by} 正在处置 {name} 的求救").format(by=who, name=whom))
    return Screen(words, None if own else _clear_keys(call, language))


def _clear_keys(call: DistressCall, language: str) -> Inline:
    _ = translator(language)
    return Inline(((Button(_("✅ 人已安全，解除"), DistressClear(call.id).encode()),),))


def _telephones(language: str) -> str:
    _ = translator(language)
    return _("也请打电话：森林火警 12119，火警 119，报警 110，急救 120")
