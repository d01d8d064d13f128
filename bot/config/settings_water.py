"""What can be configured of water: feeds of gauges and rain, and how their values are judged."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.model import Level
from alerts.sources.gauges.model import Form
from bot.config.reader import Secret, setting

_LEVELS = ("", *(level.value for level in Level))


@dataclass(frozen=True, slots=True)
class GaugeFeedSettings:
    """One feed of gauges and rain; without address and file it is off. Keys may be in both."""

    name: str = setting(
        "hydrology",
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
    file: str = ""
    authorization: Secret = setting(Secret(), hidden=True)
    format: str = setting("csv", choices=tuple(form.value for form in Form))
    station: str = ""
    level_unit: str = setting("", choices=("", "m", "cm", "mm", "ft"))
    rain_minutes: int = setting(60, low=1, high=1440)
    every_seconds: float = setting(300.0, low=10, high=86_400)
    max_bytes: int = setting(33_554_432, low=1024, high=1_073_741_824)


@dataclass(frozen=True, slots=True)
class WaterSettings:
    """Which warning each line proposes ("" is none), and how readings are judged."""

    frz: str = setting("blue", choices=_LEVELS)
    wrz: str = setting("yellow", choices=_LEVELS)
    grz: str = setting("orange", choices=_LEVELS)
    highest: str = setting("red", choices=_LEVELS)
    reservoir_limit: str = setting("", choices=_LEVELS)
    reservoir_design: str = setting("orange", choices=_LEVELS)
    reservoir_check: str = setting("red", choices=_LEVELS)
    rain_ready: str = setting("orange", choices=_LEVELS)
    rain_move: str = setting("red", choices=_LEVELS)
    margin_m: float = setting(0.1, low=0, high=10)
    margin_percent: float = setting(10.0, low=0, high=90)
    calm_hours: float = setting(6.0, low=0.5, high=240)
    jump_m: float = setting(3.0, low=0.1, high=50)
    above_m: float = setting(5.0, low=0.5, high=100)
    below_m: float = setting(100.0, low=1, high=1000)
    stuck_hours: float = setting(24.0, low=1, high=720)
    silent_minutes: float = setting(120.0, low=10, high=10_080)
    silent_rain_hours: float = setting(26.0, low=1, high=720)
    keep_days: int = setting(10, low=2, high=365)
