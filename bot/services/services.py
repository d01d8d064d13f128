"""What the parts of one process share: the database, the settings and rules, the map, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from alerts.headquarters import weather_service
from bot.config.rules import AllRules
from bot.config.settings import Settings
from bot.locale.local_day import LocalDay
from bot.services.async_database import AsyncDatabase
from bot.services.geography import Geography
from bot.services.greetings import Greetings
from bot.web.doors import Doors
from contacts.divisions.gazetteer import Gazetteer

if TYPE_CHECKING:
    from data.geo.boundaries import Boundaries


@dataclass(frozen=True, slots=True)
class Services:
    """Made once, when the process starts; every handler, message and tick works with it."""

    database: AsyncDatabase
    settings: Settings
    rules: AllRules
    geography: Geography
    clock: Callable[[], datetime]
    doors: Doors = field(default_factory=Doors)
    strangers: Greetings = field(default_factory=Greetings)

    @property
    def zone(self) -> tzinfo:
        """The zone times are shown in, and today's date there: other days are shown with theirs."""
        return LocalDay(self.rules.warnings.zone, self.clock())

    @property
    def gazetteer(self) -> Gazetteer:
        """All divisions by code and name."""
        return self.geography.gazetteer

    def weather_service(self, code: str) -> str:
        """The name of a division's weather service; empty where no signal is quoted."""
        return weather_service(self.rules.headquarters, code, self.gazetteer.name(code))

    @property
    def boundaries(self) -> Boundaries:
        """The counties' boundaries, WGS-84."""
        return self.geography.boundaries
