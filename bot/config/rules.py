"""The configured rules, as the domain wants them."""

from __future__ import annotations

from dataclasses import fields
from datetime import time

from alerts.escalation import Policy
from alerts.model import Family, Level
from alerts.patrol.distress.model import DistressRules
from alerts.patrol.hotspots.model import VerificationRules
from alerts.patrol.red_days.orders import RedDayRules
from alerts.patrol.shifts.model import ShiftRules
from alerts.rules import Rules
from bot.config.settings import Ladder, Settings
from bot.config.settings_patrol import distress_rules, shift_rules, verification_rules
from contacts.divisions.codes import Tier
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


def shift_rules_of(settings: Settings) -> ShiftRules:
    """``alerts.patrol.shifts.model.ShiftRules`` from config.toml."""
    return shift_rules(settings.season, settings.patrol, settings.time.info)


def verification_rules_of(settings: Settings) -> VerificationRules:
    """``alerts.patrol.hotspots.model.VerificationRules`` from config.toml."""
    return verification_rules(settings.hotspots, settings.time.info)


def distress_rules_of(settings: Settings) -> DistressRules:
    """``alerts.patrol.distress.model.DistressRules`` from config.toml."""
    return distress_rules(settings.distress)


def red_day_rules_of(settings: Settings) -> RedDayRules:
    """``alerts.patrol.red_days.orders.RedDayRules`` from config.toml."""
    season = settings.season
    return RedDayRules(
        orders_at=time.fromisoformat(season.orders_at),
        zero_report_at=time.fromisoformat(season.zero_report_at),
        remind_minutes=season.remind_minutes,
        list_minutes=season.list_minutes,
        zone=settings.time.info,
    )


def _policy(ladder: Ladder) -> Policy:
    """Minutes; 0 in the file means never."""
    return Policy(**{rung.name: getattr(ladder, rung.name) or None for rung in fields(Policy)})
