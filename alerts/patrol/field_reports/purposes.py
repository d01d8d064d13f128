"""Which command a report outside any warning is for: that of the sender's work, or the season's.

Pure. A ranger reports of the forest all year; a reservoir's watchman of water. Whoever does both,
as a village's responsible person does, reports of what the season brings.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from contacts.groups import Purpose
from contacts.people import PATROLLING, Role

BEIJING = ZoneInfo("Asia/Shanghai")

FLOOD_SEASON = range(6, 10)
"""Months of Jilin's flood season, 1 June to 30 September."""

_OF_FIRE = PATROLLING | {Role.FIRE_OFFICE_HEAD}

_OF_FLOOD = frozenset(
    {
        Role.FLOOD_OFFICE_HEAD,
        Role.MONITORING,
        Role.HAZARD_OBSERVER,
        Role.RESERVOIR_HEAD,
        Role.RESERVOIR_ENGINEER,
        Role.RESERVOIR_INSPECTOR,
        Role.DYKE_RESPONSIBLE,
        Role.HAZARD_POINT_RESPONSIBLE,
    }
)


def purpose_of(roles: Iterable[Role], now: datetime) -> Purpose:
    """For flood or for fire: by the posts if all are of one, else by the day."""
    held = frozenset(roles)
    if held and held <= _OF_FIRE:
        return Purpose.FIRE
    if held and held <= _OF_FLOOD:
        return Purpose.FLOOD
    floods = now.astimezone(BEIJING).month in FLOOD_SEASON
    return Purpose.FLOOD if floods else Purpose.FIRE
