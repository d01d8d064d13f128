"""The words of templates: hazards, levels, tiers, posts, lists; Chinese or as stored. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.model import RESPONSES, Hazard, Level
from contacts.divisions.codes import Tier
from contacts.people import Role
from contacts.roster.columns import HAZARD_WORDS, LEVEL_WORDS, ROLE_WORDS

HAZARDS: Mapping[str, Hazard] = {
    **{text: Hazard(value) for text, value in HAZARD_WORDS.items()},
    **{hazard.value: hazard for hazard in RESPONSES},
    "防汛应急响应": Hazard.FLOOD_RESPONSE,
    "防火应急响应": Hazard.FIRE_RESPONSE,
}
LEVEL_NAMES: Mapping[Level, str] = {
    Level.RED: "红",
    Level.ORANGE: "橙",
    Level.YELLOW: "黄",
    Level.BLUE: "蓝",
}
LEVELS: Mapping[str, Level] = {
    **{level.value: level for level in Level},
    **{name: level for level, name in LEVEL_NAMES.items()},
    **{f"{name}色": level for level, name in LEVEL_NAMES.items()},
}
TIERS: Mapping[str, Tier] = {**{tier.value: tier for tier in Tier}, **LEVEL_WORDS}
ROLES: Mapping[str, Role] = {**{role.value: role for role in Role}, **ROLE_WORDS}
