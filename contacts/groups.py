"""Work groups: a Telegram group of one division, for floods, fires or both. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from contacts.divisions.codes import Tier, ancestors, contains, tier_of
from contacts.people import Contact


class Purpose(Enum):
    """What a group is for; the value is the word of the groups file."""

    FLOOD = "flood"
    FIRE = "fire"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Group:
    """One work group.

    ``contact`` is REMOVED once the bot was thrown out of it, REFUSED while it may not write there.
    """

    chat_id: int
    title: str
    division_code: str
    purpose: Purpose
    contact: Contact = Contact.OK


def purposes_for(purpose: Purpose | str) -> frozenset[Purpose]:
    """The purposes whose groups get a post meant for ``purpose``: that one, and ALL.

    A post for ALL goes to every group.
    """
    wanted = Purpose(purpose)
    return frozenset(Purpose) if wanted is Purpose.ALL else frozenset({wanted, Purpose.ALL})


def tiers_above(areas: Iterable[str]) -> frozenset[str]:
    """The divisions above ``areas``, up to the county, whose groups hear of a warning there too.

    A county answers for a fire in any of its townships, and its group is where the silent are
    named; a city is told by those who command, not of every village by a post.
    """
    return frozenset(
        code
        for area in areas
        for code in ancestors(area)
        if tier_of(code).depth >= Tier.COUNTY.depth
    )


def hears_of(group: Group, areas: Iterable[str]) -> bool:
    """Whether a group gets a post of a warning for ``areas``, if it serves the hazard."""
    areas = list(areas)
    inside = any(contains(area, group.division_code) for area in areas)
    return inside or group.division_code in tiers_above(areas)
