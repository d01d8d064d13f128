"""What can be configured of satellite hotspots: the feeds, and how they are verified."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import tzinfo
from typing import Any

from alerts.patrol.hotspot_tasks import VerificationRules
from bot.config_reader import setting

_MINUTES: dict[str, Any] = {"low": 0.5, "high": 24 * 60}


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed of hotspots; without an address it is off. The address may hold a key: hidden."""

    name: str = setting(
        "firms",
        pattern=r"[A-Za-z0-9_.-]{1,40}",
        wanted_zh="1 到 40 个字母、数字、_ . -",
        wanted_en="1 to 40 letters, digits, _ . -",
    )
    url: str = setting(
        "",
        pattern=r"(https?://\S+)?",
        wanted_zh="http:// 或 https:// 开头的网址",
        wanted_en="an address that begins with http:// or https://",
        hidden=True,
    )
    format: str = setting("firms", choices=("firms", "json"))
    every_seconds: float = setting(300.0, low=10, high=86_400)
    max_bytes: int = setting(33_554_432, low=1024, high=1_073_741_824)


@dataclass(frozen=True, slots=True)
class Hotspots:
    """Who is sent to a hotspot, how soon an answer and a verdict are due, what is an alarm."""

    recent_hours: float = setting(24.0, low=1, high=168)
    seen_minutes: float = setting(240.0, low=5, high=2880)
    reach_m: float = setting(30_000.0, low=100, high=500_000)
    answer_minutes: float = setting(5.0, **_MINUTES)
    due_minutes: float = setting(30.0, **_MINUTES)
    county_minutes: float = setting(5.0, low=0, high=24 * 60)
    repeat_minutes: float = setting(30.0, low=1, high=24 * 60)
    far_m: float = setting(2000.0, low=10, high=100_000)
    alarm_pixels: int = setting(3, low=1, high=1000)
    again_hours: float = setting(3.0, low=0, high=168)
    heat_source_verdicts: int = setting(3, low=1, high=100)
    heat_source_m: float = setting(750.0, low=10, high=10_000)


def verification_rules(hotspots: Hotspots, zone: tzinfo) -> VerificationRules:
    """The rules of verification, as the domain wants them."""
    values = {one.name: getattr(hotspots, one.name) for one in fields(Hotspots)}
    return VerificationRules(**values, zone=zone)
