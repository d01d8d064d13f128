"""What can be configured of daily reports."""

from __future__ import annotations

from dataclasses import dataclass

from bot.config.reader import setting
from contacts.divisions.codes import Tier
from contacts.people import Role

_TIERS = tuple(tier.value for tier in Tier if tier is not Tier.VILLAGE)
_ROLES = tuple(role.value for role in Role)


@dataclass(frozen=True, slots=True)
class DailySettings:
    """When the daily report is made (local; empty: never), of which tiers it is sent, to whom."""

    at: str = setting(
        "17:00",
        pattern=r"(([01]\d|2[0-3]):[0-5]\d)?",
        wanted_zh="时刻，如 17:00，或空着",
        wanted_en="a time of day, such as 17:00, or nothing",
    )
    tiers: tuple[str, ...] = setting(("province", "city", "county"), choices=_TIERS)
    readers: tuple[str, ...] = setting(
        ("commander", "director", "flood_office_head", "fire_office_head", "duty_officer"),
        choices=_ROLES,
    )
