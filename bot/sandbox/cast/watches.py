"""The watches of the demo's county office, as an office would list them. Pure."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

from bot.sandbox.cast.roster import COUNTY, DemoRoster
from contacts.people import Role

_TURNS = (Role.DUTY_OFFICER, Role.FLOOD_OFFICE_HEAD, Role.DEPUTY_DIRECTOR)
_SINCE, _LEFT = timedelta(hours=12), timedelta(minutes=30)
_WATCH, _DAYS = timedelta(hours=12), 8
"""Half an hour of the first watch is left: its hand-over is asked for. The plan reaches beyond the
week in which gaps are told."""


def watches_csv(roster: DemoRoster, now: datetime) -> str:
    """The duty file, as ``jiaoying import duty`` reads it: three of the office in turns.

    :param now: by the clock on the office's wall.
    """
    numbers = [
        next(
            person.number
            for person in roster.people
            if (person.division_code, person.role) == (COUNTY, role)
        )
        for role in _TURNS
    ]
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(("电话", "区划代码", "开始时间", "结束时间"))
    begins, ends = now - _SINCE, now.replace(second=0) + _LEFT
    for turn in range(1 + _DAYS * (timedelta(days=1) // _WATCH)):
        number = numbers[turn % len(numbers)]
        rows.writerow((number, COUNTY, f"{begins:%Y-%m-%d %H:%M}", f"{ends:%Y-%m-%d %H:%M}"))
        begins, ends = ends, ends + _WATCH
    return written.getvalue()
