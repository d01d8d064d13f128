"""The order in which messages leave when there are more than the pace allows. Pure.

The numbers are stored in the outbox (``deliveries.lane``): never renumber, only append.
"""

from __future__ import annotations

from enum import IntEnum


class Lane(IntEnum):
    """A level of priority; the lower number leaves first (DESIGN, Pace)."""

    DISTRESS = 0  # a help call of a patroller, and whatever follows it
    ANSWER = 1  # answers to a person who just tapped; lists of who wants help, before those
    CANCEL = 2  # a warning is over: everyone who got it hears that before anything new
    RED = 3
    ORANGE = 4
    REST = 5  # yellow, blue, lists, reports, everything else
    CARD = 6  # progress cards, edited in place; only the newest is sent
    STRANGER = 7  # to whoever is not in the roster: when nothing else could leave
    LAST = 8  # satellite and radar pictures: megabytes that nobody waits for


class LaneOrder(IntEnum):
    """Order inside a lane, stored in ``deliveries.place``: the lower number leaves first.

    A group's post reaches many; villages come before upper tiers.
    """

    GROUP = 0
    VILLAGE = 1
    TOWNSHIP = 2
    COUNTY = 3
    CITY = 4
    PROVINCE = 5
