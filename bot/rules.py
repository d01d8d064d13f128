"""The configured rules, as the domain wants them."""

from __future__ import annotations

from dataclasses import fields

from alerts.escalation import Policy
from alerts.model import Family, Level
from alerts.rules import Rules
from bot.config import Ladder, Settings
from contacts.division_codes import Tier
from contacts.people import Role


def rules_of(settings: Settings) -> Rules:
    """``alerts.rules.Rules`` from config.toml."""
    release = settings.release
    return Rules(
        policies={level: _policy(getattr(settings.policy, level.value)) for level in Level},
        audience={
            family: frozenset(Role(role) for role in getattr(settings.audience, family.value))
            for family in Family
        },
        second_confirmation_levels=frozenset(Level(one) for one in release.second_confirmation),
        second_confirmation_tiers=frozenset(Tier(one) for one in release.second_confirmation_tiers),
        expires_hours={level: getattr(release.expires_hours, level.value) for level in Level},
        max_text=release.max_text,
        auto_close=release.close == "answered",
        zone=settings.time.info,
    )


def _policy(ladder: Ladder) -> Policy:
    """Minutes; 0 in the file means never."""
    return Policy(**{rung.name: getattr(ladder, rung.name) or None for rung in fields(Policy)})
