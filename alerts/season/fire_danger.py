"""Setting the day's forest-fire danger (火险等级): by a commander, for their division or below."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from alerts.accounts import note_use
from alerts.season.model import Danger, DangerLevel, DangerScale, SeasonProblem
from alerts.season.store import danger_on, save_dangers
from contacts.access import may_release, require
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import InvalidInput

AHEAD = timedelta(days=10)
"""How far ahead a level is taken: no forecast reaches farther (ours)."""


def permit_danger(person: Person, division_code: str, day: date, *, today: date) -> None:
    """Go on only when ``person`` may set the level of a division for this day. Pure.

    :param today: the local day of now.
    :raises NotAllowed: who may not release a warning there may not set its danger either.
    :raises InvalidInput: a day gone by, or too far ahead.
    """
    require(may_release(person, [division_code]), danger=division_code)
    if not today <= day <= today + AHEAD:
        raise InvalidInput(
            SeasonProblem.DAY_TOO_FAR,
            day=day.isoformat(),
            days=AHEAD.days,
            danger=division_code,
        )


def in_scale(scale: DangerScale | None, level: DangerLevel) -> None:
    """Go on only when the scale has the level. Pure.

    :raises InvalidInput: NOT_IN_SCALE: the weather service has no blue, say.
    """
    if scale is not None and level not in scale.levels:
        raise InvalidInput(SeasonProblem.NOT_IN_SCALE, scale=scale.value)


def set_danger(
    connection: Connection,
    person: Person,
    division_code: str,
    day: date,
    level: DangerLevel,
    now: datetime,
    *,
    today: date,
    scale: DangerScale | None = None,
) -> Danger:
    """Set the level of a division, and of all below it that have none of their own that day.

    :param today: the local day of ``now``.
    :param scale: whose colours the level is of.
    :raises NotAllowed: see ``permit_danger``.
    :raises InvalidInput: see ``permit_danger``; or the scale has no such level (NOT_IN_SCALE).
    """
    permit_danger(person, division_code, day, today=today)
    in_scale(scale, level)
    before = danger_on(connection, division_code, day)
    own = before.level if before.decided_for == division_code else None
    if own is not level or before.scale is not scale:
        note_use(connection, person, now)
        save_dangers(connection, [(division_code, day, level)], now, person.id, scale)
        detail = {
            "day": day.isoformat(),
            "level": level.name.lower(),
            "scale": None if scale is None else scale.value,
            "was": None if own is None else own.name.lower(),
        }
        entry = Entry("danger.set", f"division:{division_code}", person.id, detail)
        append(connection, now, [entry])
    return danger_on(connection, division_code, day)
