"""A call for help: to the person in distress, to those called, to whoever takes it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, tzinfo

from alerts.patrol.distress.model import DistressCall, Press, arrived_late
from alerts.patrol.positions.model import Position
from bot.actions.distress import (
    DistressClear,
    DistressCleared,
    DistressConfirm,
    DistressGoesOn,
    DistressTake,
    DistressUndo,
)
from bot.locale import translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.menu import menu_with_position
from bot.views.patrol.positions import coordinates, who_and_where
from bot.views.screen import (
    LONGEST_NAME,
    Button,
    Inline,
    Screen,
    bold,
    escape,
    name,
    shorten,
)
from bot.views.telephones import FIRE_LINE, nobody_told
from contacts.people import Person

FRESH_SECONDS = 1800.0
"""A position this old is still where whoever calls for help is (ours)."""


def asked(call: DistressCall, seconds: float, language: str) -> Screen:
    """To the person, after the first tap: send at once or undo."""
    _ = translator(language)
    lines = [
        bold(_("🆘 {seconds} 秒后自动发出求救").format(seconds=f"{seconds:.0f}")),
        _("不用再按，到时自动发出。按错了请撤销。"),
        _telephones(language),
    ]
    send = Button(_("🆘 立即求救"), DistressConfirm(call.id).encode())
    undo = Button(_("↩️ 误报，撤销"), DistressUndo(call.id).encode())
    return Screen("\n".join(lines), Inline(((send,), (undo,))))


def ask_position(
    position: Position | None,
    role: str,
    language: str,
    now: datetime,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To the person, once: what is known of where they are, and the key that sends it."""
    _ = translator(language)
    if position is None:
        known = bold(_("❗ 没有您的位置，别人不知道您在哪里。"))
    else:
        age = (now - position.fix.taken_at).total_seconds()
        words = (
            _("您 {time} 的位置会一起发出，走动了请再发。")
            if age <= FRESH_SECONDS and position.on_a_map and not position.doubts
            else _("❗ 您最后一次报位是 {ago}前的，可能不对。")
        )
        at = clock(position.fix.taken_at, zone)
        known = bold(words.format(time=at, ago=ago(age, language)))
    lines = [known, bold(_("👇 请发送位置，再拍一张照片"))]
    return Screen("\n".join(lines), menu_with_position(role, language))


def sent(
    call: DistressCall,
    told: Collection[Person],
    language: str,
    *,
    press: Press = Press.SENT,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To the person, once it was sent: who was told, and how to undo it.

    :param press: what came of the press it answers.
    """
    _ = translator(language)
    heads = {
        Press.SENT: _("🆘 已求救"),
        Press.AGAIN: _("🆘 已再次求救"),
        Press.HELD: _("🆘 求救 {time} 已发出，不用再按"),
    }
    lines = [bold(heads[press].format(time=clock(call.rung_at or call.sent_at, zone)))]
    late = call.sent_at is not None and arrived_late(call.raised_at, call.sent_at)
    if late and press is Press.SENT:
        words = _("⏰ 您 {time} 的求救刚刚才收到，已马上发出")
        lines.append(words.format(time=clock(call.raised_at, zone)))
    if told:
        names = _("、").join(f"{name(person.name)} {person.phone}" for person in told)
        lines.append(_("已通知：{names}").format(names=names))
    else:
        lines.append(bold(_("现在没有值班员能收到，请立即打电话！")))
    if told and call.taken_by is None:
        lines.append(_("没有人接手前，每隔几分钟再呼叫一次。"))
    if call.position_id is None:
        lines.append(_("⚠️ 通知里没有您的位置。"))
    lines.append(_telephones(language))
    undo = Button(_("↩️ 误报，撤销"), DistressUndo(call.id).encode())
    return Screen("\n".join(lines), Inline(((undo,),)))


def prompt_over(call: DistressCall, language: str, *, zone: tzinfo = BEIJING) -> Screen:
    """In the place of an earlier message to the person: there is nothing to press there now."""
    _ = translator(language)
    if call.open:
        at = clock(call.sent_at, zone)
        return Screen(bold(_("🆘 求救已于 {time} 发出").format(time=at)))
    if call.undone:
        return Screen(bold(_("↩️ 求救已撤销（误报）")))
    return Screen(bold(_("✅ 求救已解除")))


def undone(told: Collection[Person], language: str) -> Screen:
    """To the person who called it off: whether anybody had been told, and is told of that too."""
    _ = translator(language)
    lines = [bold(_("↩️ 求救已撤销"))]
    if told:
        names = _("、").join(name(person.name) for person in told)
        words = _("此前已通知：{names}。已告诉他们是误报。")
        lines.append(words.format(names=names))
    else:
        lines.append(_("没有通知任何人。"))
    return Screen("\n".join(lines))


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


def passed_on(count: int, language: str, duty: str = FIRE_LINE) -> Screen:
    """To the person: how many got the picture or words sent after the call."""
    _ = translator(language)
    if count:
        return Screen(_("✅ 已转给 {count} 人").format(count=count))
    return Screen(nobody_told(duty, language))


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
    may_clear: bool = False,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To those called: who, where, phone, last position; and the button that takes it.

    :param may_clear: whether the reader may say that the person is safe.
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
    # As it is dialled, and plain: Telegram makes such a number one to tap.
    lines += [who_and_where(person, place, language), f"☎️ {' / '.join(person.numbers)}"]
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
        return Screen("\n".join(lines), _clear_keys(call, language) if may_clear else None)
    take = Button(_("🙋 我来处置"), DistressTake(call.id).encode())
    return Screen("\n".join(lines), Inline(((take,),)))


def state(
    call: DistressCall,
    person: Person,
    by: str,
    language: str,
    *,
    numbers: Sequence[str] = (),
    may_clear: bool = False,
) -> Screen:
    """It is taken, cleared or undone: to the person and to all who were called.

    :param numbers: of whoever has taken it: for the person in distress.
    :param may_clear: whether the reader may say that the person is safe.
    """
    _ = translator(language)
    who, whom = shorten(by, LONGEST_NAME), shorten(person.name, LONGEST_NAME)  # escaped below
    if call.undone:
        return Screen(bold(_("↩️ {name} 撤销了求救（误报）").format(name=whom)))
    if not call.open:
        words = _("✅ {name} 的求救已解除，由 {by} 确认安全").format(name=whom, by=who)
        return Screen(bold(words))
    words = escape(_("🙋 {by} 正在处置 {name} 的求救").format(by=who, name=whom))
    if numbers:
        words += "\n" + f"☎️ {' / '.join(numbers)}" + "\n" + _("请保持手机畅通。")
    return Screen(words, _clear_keys(call, language) if may_clear else None)


def clear_asked(call: DistressCall, person: Person, language: str) -> Screen:
    """The question before a call for help is ended: is the person safe?"""
    _ = translator(language)
    whom = shorten(person.name, LONGEST_NAME)
    lines = [
        bold(_("{name} 确实安全了吗？").format(name=whom)),
        f"☎️ {' / '.join(person.numbers)}",
        _("解除后不再有人处置，也不再呼叫。"),
    ]
    sure = Button(_("✅ 确认安全，解除"), DistressCleared(call.id).encode())
    not_yet = Button(_("↩️ 还没有，继续处置"), DistressGoesOn(call.id).encode())
    return Screen("\n".join(lines), Inline(((sure,), (not_yet,))))


def goes_on(person: Person, language: str) -> Screen:
    """In the place of that question: not safe yet, nothing was changed."""
    _ = translator(language)
    return Screen(_("没有解除，{name} 的求救继续处置。").format(name=name(person.name)))


def _clear_keys(call: DistressCall, language: str) -> Inline:
    _ = translator(language)
    return Inline(((Button(_("✅ 人已安全，解除"), DistressClear(call.id).encode()),),))


def _telephones(language: str) -> str:
    _ = translator(language)
    return _("也请打电话：森林火警 12119，火警 119，报警 110，急救 120")
