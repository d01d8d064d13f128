"""What can be configured of warnings planned in stages ("131631")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alerts.model import WARNED_OF, Family, Hazard, Level
from alerts.stages.rules import FIRE_STAGES, FLOOD_STAGES, StageRule
from bot.config.reader import setting
from contacts.divisions.codes import Tier
from contacts.people import Role

_OF = (*(family.value for family in Family), *(hazard.value for hazard in WARNED_OF))
_TIERS = tuple(tier.value for tier in Tier)
_ROLES = tuple(role.value for role in Role)
_LEVELS = ("", *(level.value for level in Level))


@dataclass(frozen=True, slots=True)
class StageSettings:
    """One stage: of these hazards (or of all of flood, fire), so many hours before.

    A hazard that any stage names has those stages only, and none of its family's.
    """

    hazards: tuple[str, ...] = setting(("flood",), choices=_OF, not_empty=True)
    hours: float = setting(24.0, low=0.25, high=24 * 14)
    tiers: tuple[str, ...] = setting(_TIERS, choices=_TIERS, not_empty=True)
    roles: tuple[str, ...] = setting((), choices=_ROLES)
    at_most: str = setting("", choices=_LEVELS)
    actions: str = ""


def _settings(of: str, rules: tuple[StageRule, ...]) -> Iterator[StageSettings]:
    for rule in rules:
        tiers = tuple(tier.value for tier in Tier if tier in rule.tiers)
        at_most = "" if rule.at_most is None else rule.at_most.value
        yield StageSettings((of,), rule.lead / 60, tiers, (), at_most, rule.actions)


SHIPPED = (
    *_settings(Family.FLOOD.value, FLOOD_STAGES),
    *_settings(Hazard.FOREST_FIRE_DANGER.value, FIRE_STAGES),
)
