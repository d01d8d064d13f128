"""What can be configured of emergency responses: whom each level calls, and how long one holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.model import Family, Level
from alerts.responses.lists import DEFAULT_LISTS
from bot.config.reader import setting
from contacts.people import Role

_ROLES = tuple(role.value for role in Role)


@dataclass(frozen=True, slots=True)
class ResponseListSettings:
    """The roles called in the division that raises it, in the tier below, and further below.

    ``titles`` are words in the titles of posts of the division itself, whatever their role.
    """

    own: tuple[str, ...] = setting((), choices=_ROLES)
    below: tuple[str, ...] = setting((), choices=_ROLES)
    further: tuple[str, ...] = setting((), choices=_ROLES)
    titles: tuple[str, ...] = setting(())


def _default(family: Family, level: Level) -> ResponseListSettings:
    listed = DEFAULT_LISTS[family][level]
    own, below, further = (
        tuple(role.value for role in Role if role in roles)
        for roles in (listed.own, listed.below, listed.further)
    )
    return ResponseListSettings(own, below, further, listed.titles)


@dataclass(frozen=True, slots=True)
class FloodListSettings:
    """The list of each level, of floods: red is Ⅰ, blue Ⅳ."""

    red: ResponseListSettings = field(default_factory=lambda: _default(Family.FLOOD, Level.RED))
    orange: ResponseListSettings = field(
        default_factory=lambda: _default(Family.FLOOD, Level.ORANGE)
    )
    yellow: ResponseListSettings = field(
        default_factory=lambda: _default(Family.FLOOD, Level.YELLOW)
    )
    blue: ResponseListSettings = field(default_factory=lambda: _default(Family.FLOOD, Level.BLUE))


@dataclass(frozen=True, slots=True)
class FireListSettings:
    """The same, of forest fires."""

    red: ResponseListSettings = field(default_factory=lambda: _default(Family.FIRE, Level.RED))
    orange: ResponseListSettings = field(
        default_factory=lambda: _default(Family.FIRE, Level.ORANGE)
    )
    yellow: ResponseListSettings = field(
        default_factory=lambda: _default(Family.FIRE, Level.YELLOW)
    )
    blue: ResponseListSettings = field(default_factory=lambda: _default(Family.FIRE, Level.BLUE))


@dataclass(frozen=True, slots=True)
class ResponseSettings:
    """Emergency responses: hours until one ends by itself, and the lists of both commands."""

    hours: float = setting(72.0, low=1, high=24 * 30)
    flood: FloodListSettings = field(default_factory=FloodListSettings)
    fire: FireListSettings = field(default_factory=FireListSettings)
