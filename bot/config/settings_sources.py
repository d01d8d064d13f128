"""What can be configured of those who tell us, and whose warnings go out by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alerts.drafts.model import Act
from alerts.model import RELEASED_BY_NAME, Level
from alerts.sky_pictures.model import TimeFrom
from bot.config.reader import Secret, setting
from bot.config.settings_water import GaugeFeedSettings
from contacts.divisions.codes import Tier

_HAZARDS = tuple(hazard.value for hazard in RELEASED_BY_NAME)
_LEVELS = tuple(level.value for level in Level)
_TIERS = tuple(tier.value for tier in Tier)


@dataclass(frozen=True, slots=True)
class SourcePolicySettings:
    """What is done with proposed warnings that fit; empty fields fit everything.

    One without source and sender is off: nothing goes out by itself for want of a name.
    """

    act: str = setting("draft", choices=tuple(act.value for act in Act))
    source: str = ""
    sender: str = ""
    hazards: tuple[str, ...] = setting((), choices=_HAZARDS)
    levels: tuple[str, ...] = setting((), choices=_LEVELS)
    areas: tuple[str, ...] = ()
    by: str = ""


_URL: dict[str, Any] = {
    "pattern": r"(https?://\S+)?",
    "wanted_zh": "http:// 或 https:// 开头的网址",
    "wanted_en": "an address that begins with http:// or https://",
    "hidden": True,
}


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """A source of satellite or radar pictures; without an address it is off."""

    name: str = setting(
        "radar",
        pattern=r"[A-Za-z0-9_.-]{1,30}",
        wanted_zh="1 到 30 个字母、数字、_ . -",
        wanted_en="1 to 30 letters, digits, _ . -",
    )
    title: str = "雷达回波图"
    url: str = setting("", **_URL)
    time: str = setting("url", choices=tuple(each.value for each in TimeFrom))
    step_minutes: int = setting(10, low=1, high=1440)
    delay_minutes: float = setting(0.0, low=0, high=1440)
    zone: str = setting("UTC", choices=("UTC", "Asia/Shanghai"))
    index: str = setting("", **_URL)
    index_list: str = ""
    index_time: str = "time"
    index_picture: str = "path"
    every_seconds: float = setting(600.0, low=60, high=86_400)
    old_minutes: float = setting(120.0, low=5, high=2880)
    max_bytes: int = setting(10_000_000, low=1024, high=50_000_000)
    areas: tuple[str, ...] = ()
    hazards: tuple[str, ...] = setting((), choices=_HAZARDS)
    tiers: tuple[str, ...] = setting(("province", "city", "county"), choices=_TIERS)


@dataclass(frozen=True, slots=True)
class CapSettings:
    """One feed of other agencies' warnings, by address or as a folder; without both it is off."""

    name: str = setting(
        "weather",
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
    folder: str = ""
    format: str = setting("cap", choices=("cap", "weather_list", "qweather"))
    division: str = setting(
        "",
        pattern=r"(\d{12})?",
        wanted_zh="12 位区划代码（加引号），或空着",
        wanted_en="a division code of 12 digits in quotes, or nothing",
    )
    key: Secret = setting(Secret(), hidden=True)
    every_seconds: float = setting(60.0, low=10, high=86_400)
    max_bytes: int = setting(33_554_432, low=1024, high=1_073_741_824)


@dataclass(frozen=True, slots=True)
class SourcesSettings:
    """Feeds of warnings and measurements, and what is done with what they propose."""

    cap: tuple[CapSettings, ...] = (CapSettings(),)
    policy: tuple[SourcePolicySettings, ...] = (SourcePolicySettings(),)
    most_released: int = setting(20, low=1, high=1000)
    keep_days: int = setting(400, low=1, high=3650)
    pictures: tuple[PictureSettings, ...] = (PictureSettings(),)
    gauges: tuple[GaugeFeedSettings, ...] = (GaugeFeedSettings(),)

    @property
    def gauges_in_use(self) -> list[GaugeFeedSettings]:
        """The feeds of gauges that have an address or a file."""
        return [feed for feed in self.gauges if feed.url or feed.file]
