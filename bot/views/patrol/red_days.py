"""Days of extreme fire danger: the orders, the evening's report of no fire, who is silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from alerts.patrol.red_days.model import AskAnswer, AskKind
from alerts.patrol.red_days.store import Ask
from alerts.season.model import Danger
from bot.actions.red_days import RedDayAnswer
from bot.locale import translator
from bot.views.clock import BEIJING, clock
from bot.views.patrol.fire_danger import danger_words, scale_name
from bot.views.screen import Button, Inline, Screen, bold, name
from bot.views.vocabulary import held_name
from contacts.people import Person
from contacts.phones import display


def asked(
    ask: Ask, place: str, language: str, *, again: bool = False, danger: Danger | None = None
) -> Screen:
    """The orders of the day with 收到, or the question whether there was fire.

    :param danger: that of the day; it is not red where the time is closed (禁火期).
    """
    _ = translator(language)
    scale = None if danger is None or not danger.red else danger.scale
    whose = [] if scale is None else [_("（{scale}）").format(scale=scale_name(scale, language))]
    lines = [bold(_("⏰ 还没有收到您的回应"))] if again else []
    if ask.kind == AskKind.ORDERS.value:
        lines += [
            bold(_("🔴 今日极高火险 · {place}").format(place=place) + "".join(whose)),
            _("禁止一切野外用火。加密巡护，守住路口，按时报位。"),
            _("发现烟火立即报告：森林火警 12119。"),
        ]
        rows = ((Button(_("✅ 收到"), RedDayAnswer(ask.id, AskAnswer.RECEIVED).encode()),),)
        return Screen("\n".join(lines), Inline(rows))
    red = danger is None or danger.red
    head = _("🔴 零报告 · {place}") if red else _("🚫 禁火期零报告 · {place}")
    lines += [
        bold(head.format(place=place) + "".join(whose)),
        _("今天您负责的地方有没有火情？没有也要报。"),
    ]
    none = Button(_("✅ 无火情"), RedDayAnswer(ask.id, AskAnswer.NO_FIRE).encode())
    fire = Button(_("🔥 有火情"), RedDayAnswer(ask.id, AskAnswer.FIRE).encode())
    return Screen("\n".join(lines), Inline(((none,), (fire,))))


def recalled(
    ask: Ask, place: str, danger: Danger, language: str, *, closed: bool = False
) -> Screen:
    """The orders hold no longer: to those who got them.

    :param closed: the time is closed (禁火期), and the evening's report is still owed.
    """
    _ = translator(language)
    lines = [bold(_("🟢 今日极高火险要求已撤回 · {place}").format(place=place))]
    if danger.level is not None:
        level = danger_words(danger, language)
        lines.append(_("{day} 火险等级改为：{level}").format(day=f"{ask.day:%m-%d}", level=level))
    if closed:
        lines.append(_("不用再回应。禁火期的零报告照报，禁火要求照旧。"))
    else:
        lines.append(_("不用再回应，也不用再报零报告。平时的防火要求照旧。"))
    return Screen("\n".join(lines))


def answered(ask: Ask, told: Sequence[Person], language: str, *, zone: tzinfo = BEIJING) -> Screen:
    """What was recorded; for a fire also who was told and whom to telephone."""
    _ = translator(language)
    at = clock(ask.answered_at, zone)
    if ask.answer == AskAnswer.RECEIVED.value:
        return Screen(bold(_("✅ 已记录收到 {time}").format(time=at)))
    if ask.answer == AskAnswer.NO_FIRE.value:
        return Screen(bold(_("✅ 已记录 {time} 无火情").format(time=at)))
    lines = [bold(_("🔥 已记录 {time} 有火情").format(time=at))]
    if told:
        names = _("、").join(f"{name(person.name)} {display(person.phone)}" for person in told)
        lines.append(_("已通知：{names}").format(names=names))
    lines.append(_("请马上打 12119，再发位置和照片。"))
    return Screen("\n".join(lines))


def fire(person: Person, place: str, language: str) -> Screen:
    """To the duty officer: somebody reports a fire."""
    _ = translator(language)
    who = f"{bold(person.name)} · {held_name(person, language)} · {name(place)}"
    return Screen("\n".join([bold(_("🔥 零报告：有火情")), who, bold(display(person.phone))]))


def silent(kind: AskKind, rows: Sequence[tuple[Person, str]], total: int, language: str) -> Screen:
    """To the duty officer: who has not answered, with places and telephone numbers."""
    _ = translator(language)
    if kind is AskKind.ORDERS:
        head = _("📵 今日极高火险要求：{count} 人未回应").format(count=total)
    else:
        head = _("📵 零报告：{count} 人未报").format(count=total)
    lines = [bold(head)]
    lines += [
        f"{name(place)} {name(person.name)} {display(person.phone)}" for person, place in rows
    ]
    if total > len(rows):
        lines.append(_("另有 {count} 人").format(count=total - len(rows)))
    return Screen("\n".join(lines))
