"""Whom an emergency response calls: a list of its own, for each command and each level. Pure.

A response is no warning: a headquarters raises it to set its own members and the commands below it
to work (national flood-control plan: Ⅰ to Ⅳ, Ⅰ the most serious). So the list goes by tier, counted
from the division that raises it: its own members, the tier below, and all further below. The
levels are those of warnings: red is Ⅰ, orange Ⅱ, yellow Ⅲ, blue Ⅳ.

Which roles each level calls is ours: the published plans name offices, and differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alerts.model import Family, Level
from contacts.divisions.codes import Tier, tier_of
from contacts.people import OF_PLACES, PATROLLING, Role
from contacts.targeting import Audience, Circle, audience


@dataclass(frozen=True, slots=True)
class ResponseList:
    """The roles called in the division itself, in the tier below, and in all tiers further below.

    ``titles`` are words in the titles of posts of the division itself (水利局, 气象局): whoever
    holds such a post is called whatever their role.
    """

    own: frozenset[Role]
    below: frozenset[Role] = frozenset()
    further: frozenset[Role] = frozenset()
    titles: tuple[str, ...] = ()


ResponseLists = Mapping[Family, Mapping[Level, ResponseList]]


def response_audience(listed: ResponseList, division: str) -> Audience:
    """Whom a response of ``division`` calls.

    :raises InvalidInput: ``division`` is no division code.
    """
    circles = tuple(_circles(listed, tier_of(division)))
    roles = frozenset[Role]().union(*(circle.roles for circle in circles))
    return audience([division], roles, circles=circles)


def _circles(listed: ResponseList, own: Tier) -> Iterator[Circle]:
    if listed.own or listed.titles:
        yield Circle(own, listed.own, listed.titles)
    roles, tier = listed.below, own.below
    while tier is not None:
        if roles:
            yield Circle(tier, roles)
        roles, tier = listed.further, tier.below


_HEADS = frozenset({Role.COMMANDER, Role.DIRECTOR, Role.DEPUTY_DIRECTOR})


def _default(office: Role, villages: frozenset[Role]) -> Mapping[Level, ResponseList]:
    """The lists of one command: ``office`` is its head of office."""
    watch = frozenset({office, Role.DUTY_OFFICER})
    responsible = frozenset({Role.VILLAGE_RESPONSIBLE})
    return {
        Level.BLUE: ResponseList(watch | {Role.DEPUTY_DIRECTOR}, watch | {Role.COMMANDER}),
        Level.YELLOW: ResponseList(
            watch | {Role.DEPUTY_DIRECTOR, Role.DIRECTOR, Role.STAFF}, watch | _HEADS
        ),
        Level.ORANGE: ResponseList(
            watch | _HEADS | {Role.STAFF},
            watch | _HEADS | {Role.STAFF} | responsible,
            watch | _HEADS | responsible,
        ),
        Level.RED: ResponseList(
            watch | _HEADS | {Role.STAFF},
            watch | _HEADS | {Role.STAFF} | villages,
            watch | _HEADS | {Role.STAFF} | villages,
        ),
    }


_VILLAGES = frozenset(
    {
        Role.VILLAGE_RESPONSIBLE,
        Role.MONITORING,
        Role.WARNING,
        Role.EVACUATION,
        Role.INSPECTION,
        Role.VILLAGE_CADRE,
        Role.GRID_WORKER,
    }
)

DEFAULT_LISTS: ResponseLists = {
    Family.FLOOD: _default(Role.FLOOD_OFFICE_HEAD, _VILLAGES | OF_PLACES),
    Family.FIRE: _default(
        Role.FIRE_OFFICE_HEAD, frozenset({Role.VILLAGE_RESPONSIBLE}) | PATROLLING
    ),
}
"""Ours."""
