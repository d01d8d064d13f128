"""What can be configured of those who tell us: whose warnings go out by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.drafts.model import Act
from alerts.model import Hazard, Level
from bot.config.reader import setting
from bot.config.settings_water import GaugeFeedSettings

_HAZARDS = tuple(hazard.value for hazard in Hazard)
_LEVELS = tuple(level.value for level in Level)


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


@dataclass(frozen=True, slots=True)
class SourcesSettings:
    """Feeds of warnings and measurements, and what is done with what they propose."""

    policy: tuple[SourcePolicySettings, ...] = (SourcePolicySettings(),)
    gauges: tuple[GaugeFeedSettings, ...] = (GaugeFeedSettings(),)
    most_released: int = setting(20, low=1, high=1000)

    @property
    def gauges_in_use(self) -> list[GaugeFeedSettings]:
        """The feeds of gauges that have an address or a file."""
        return [feed for feed in self.gauges if feed.url or feed.file]
