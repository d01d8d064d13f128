"""What is said to whoever stands in for somebody silent: besides a call of their own, and after."""

from __future__ import annotations

from datetime import tzinfo

from alerts.calls import Call, CallState
from alerts.model import Alert
from bot.locale import translator
from bot.views.clock import BEIJING, clock
from bot.views.screen import Screen, bold, escape, name
from bot.views.vocabulary import called_name, thing_name, with_thing
from bot.views.warnings.parts import body, heading
from contacts.people import Person


def stood_down_message(
    alert: Alert,
    cause: Call,
    person: str,
    language: str,
    place: str,
    *,
    by: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """To a stand-in: the person stood in for is there, or was struck off.

    :param cause: the call of ``person``.
    :param by: the officer who recorded that ``person`` was reached.
    """
    _ = translator(language)
    shout = bold(there_now(person, cause, language, by, zone))
    done = _("您不用再顶上，也不用回应。")
    return Screen(f"{heading(alert, shout, place, language)}\n\n{done}")


def stand_in_too(
    alert: Alert,
    silent: Call,
    person: Person,
    language: str,
    place: str,
    *,
    where: str,
    own_goes_on: bool = True,
) -> Screen:
    """To somebody called for a post of their own: the one they stand in for is silent.

    :param silent: the call of ``person``.
    :param where: the path of the division whose post is silent.
    :param own_goes_on: else the warning is no more for their own place, and still for that one.
    """
    _ = translator(language)
    role = called_name(silent, person, language)
    words = _("❗ {where} {role} {name} 没有回应，请您也顶上。")
    shout = bold(words.format(where=name(where), role=role, name=name(person.name)))
    rest = _("您自己的叫应照旧；那里的人和事请一并负责，做了什么照常报告。")
    if not own_goes_on:
        rest = _("{thing}已不包括您这里；那里仍然有效，请继续顶上。")
        rest = with_thing(rest, alert.hazard, language)
    return Screen(f"{heading(alert, shout, place, language)}\n\n{rest}\n\n{body(alert, language)}")


def no_stand_in_too(
    alert: Alert,
    silent: Call,
    person: str,
    language: str,
    place: str,
    *,
    where: str,
    by: str = "",
    own_goes_on: bool = True,
    zone: tzinfo = BEIJING,
) -> Screen:
    """To the same: the other is there, or struck off, or the warning is no more for there."""
    _ = translator(language)
    there = there_now(person, silent, language, by, zone)
    if silent.left_out:
        there = _("➖ {thing}范围缩小，不再包括{where}").format(
            thing=thing_name(alert.hazard, language), where=name(where)
        )
        if alert.hazard.response:  # lowered perhaps: of the same area, with a shorter list
            there = _("➖ 应急响应已调整，不再叫应{name}").format(name=name(person))
    shout = bold(there)
    done = _("{where}不用您再顶上。").format(where=name(where))
    if own_goes_on:
        done = _("{where}不用您再顶上；您自己的叫应照旧。").format(where=name(where))
    return Screen(f"{heading(alert, shout, place, language)}\n\n{done}")


def there_now(person: str, cause: Call, language: str, by: str, zone: tzinfo) -> str:
    """What became of the person whom somebody stood in for (HTML)."""
    _ = translator(language)
    who = name(person)
    if cause.state is CallState.PROXIED:
        return _("📞 {name} 已由 {by} 叫应到").format(name=who, by=escape(by) or _("值班员"))
    if cause.answered:
        at = clock(cause.answered_at, zone)
        return _("✅ {name} 已在 {time} 本人回应").format(name=who, time=at)
    reason = escape(cause.discharge_reason or "")
    shout = _("☑️ {name} 已从名单中销号").format(name=who)
    return shout + (_("：{reason}").format(reason=reason) if reason else "")
