"""A person's shifts as a calendar (RFC 5545), and its address in the chat. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.actions.duty import CalendarWish, DutyCalendar
from bot.locale import translator
from bot.views.duty.asking import back_row
from bot.views.screen import Button, Inline, Screen, bold, escape
from contacts.duty_plan import Shift

REFRESH = timedelta(hours=1)
"""So often a program may ask again (ours)."""

ALARM = timedelta(hours=1)
"""So long before a shift its alarm rings (ours)."""


def as_calendar(shifts: Sequence[tuple[Shift, str]], made_at: datetime, language: str) -> bytes:
    """The calendar.

    :param shifts: each with the name of its division.
    :param made_at: when its address was given out.
    """
    from icalendar import Alarm, Calendar, Event  # only where somebody reads one

    _ = translator(language)
    calendar = Calendar()
    calendar.add("prodid", "-//jiaoying//duty//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("值班"))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for shift, place in shifts:
        event = Event()
        event.add("uid", f"shift-{shift.id}-{shift.person_id}@jiaoying")
        event.add("dtstamp", made_at)
        event.add("dtstart", shift.starts_at)
        event.add("dtend", shift.ends_at)
        event.add("summary", _("值班 · {place}").format(place=place))
        event.add("transp", "OPAQUE")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _("{place} 值班将开始").format(place=place))
        alarm.add("trigger", -ALARM)
        event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def address(url: str, language: str) -> Screen:
    """The address, and how it is ended."""
    _ = translator(language)
    lines = [
        bold(_("📆 您的值班日历")),
        f"<code>{escape(url)}</code>",
        _("在手机日历里选「添加订阅日历」，粘贴这个地址。换班后日历自己更新。"),
        _("地址只给自己用：谁有它，谁就能看到您的班次。泄露了按「换新地址」，旧的马上作废。"),
    ]
    rows = (
        (
            Button(_("🔄 换新地址"), DutyCalendar(CalendarWish.NEW).encode()),
            Button(_("🚫 停用"), DutyCalendar(CalendarWish.END).encode()),
        ),
        back_row(language),
    )
    return Screen("\n".join(lines), Inline(rows))


def ended(language: str) -> Screen:
    """The address works no more."""
    _ = translator(language)
    words = _("🚫 日历地址已停用。手机里的订阅可以删掉；要再用，请到 /duty 重新取。")
    return Screen(words, Inline((back_row(language),)))
