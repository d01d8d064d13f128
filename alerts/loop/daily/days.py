"""Which time a daily report is about, and when it is due. Pure.

The report of a day is made at a fixed local time (17:00) and is about the twenty-four hours before:
so the reports of all days together are about all time, and nothing is in two of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import Enum
from zoneinfo import ZoneInfo

from contacts.divisions.codes import Tier
from contacts.people import Role

BEIJING = ZoneInfo("Asia/Shanghai")

MOST_MISSED = 31
"""Days that are made afterwards when the process was out for long (ours)."""

LATE = timedelta(minutes=10)
"""A report that is made so long after its time says so (ours)."""


@dataclass(frozen=True, slots=True)
class DailyRules:
    """When a day ends, local time (``None``: no reports are sent), and who reads its report."""

    at: time | None = time(17)
    tiers: frozenset[Tier] = frozenset({Tier.PROVINCE, Tier.CITY, Tier.COUNTY})
    readers: frozenset[Role] = frozenset(
        {
            Role.COMMANDER,
            Role.DIRECTOR,
            Role.FLOOD_OFFICE_HEAD,
            Role.FIRE_OFFICE_HEAD,
            Role.DUTY_OFFICER,
        }
    )
    zone: tzinfo = BEIJING

    @property
    def ends_at(self) -> time:
        """When a day ends, also where no reports are sent: they can still be asked for."""
        return self.at or time(17)


class Period(Enum):
    """How many days are summed."""

    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """The time that figures are about: from ``since`` until before ``until``, UTC."""

    since: datetime
    until: datetime


def span_of(day: date, rules: DailyRules) -> Span:
    """The twenty-four hours that the report of a local day is about."""
    return Span(_end(day - timedelta(days=1), rules), _end(day, rules))


def day_at(now: datetime, rules: DailyRules) -> date:
    """The day in whose report falls what happens now: after 17:00 it is tomorrow's."""
    today = now.astimezone(rules.zone).date()
    return today if now < _end(today, rules) else today + timedelta(days=1)


def last_over(now: datetime, rules: DailyRules) -> date:
    """The newest day that is over."""
    return day_at(now, rules) - timedelta(days=1)


def newest_day(now: datetime, rules: DailyRules) -> date:
    """The day whose report is read when none is named: the day that is over since five, else the
    one that is not over yet."""
    today = now.astimezone(rules.zone).date()
    return today if last_over(now, rules) == today else day_at(now, rules)


def days_of(period: Period, day: date) -> tuple[date, ...]:
    """The days of the week or month around ``day``, the first first."""
    if period is Period.DAY:
        return (day,)
    if period is Period.WEEK:
        first = day - timedelta(days=day.weekday())
        return tuple(first + timedelta(days=n) for n in range(7))
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def to_be_made(now: datetime, rules: DailyRules, newest: date | None) -> tuple[date, ...]:
    """The days whose reports are due and were not made, the earliest first.

    :param newest: the newest day that was made, or from which on reports are made; ``None``: there
        are none yet, and none are due.
    """
    if newest is None:
        return ()
    last = last_over(now, rules)
    first = max(newest + timedelta(days=1), last - timedelta(days=MOST_MISSED))
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def is_told(day: date, now: datetime, rules: DailyRules) -> bool:
    """Whether the report of ``day`` made now is still sent: on its own day only, however late."""
    return rules.at is not None and now.astimezone(rules.zone).date() == day


def _end(day: date, rules: DailyRules) -> datetime:
    return datetime.combine(day, rules.ends_at, rules.zone)
