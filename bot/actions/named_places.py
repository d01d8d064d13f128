"""The buttons of a command behind which stands a name that several places bear. Pure."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Self

from alerts.season.model import DangerLevel, DangerScale
from bot.actions.codec import Action, DivisionCode, Number, action
from bot.actions.red_days import number_of


class PlaceCommand(Enum):
    """What was asked of the place: the command."""

    STATUS = "status"
    WHO = "who"
    COVERAGE = "coverage"
    LINK = "link"
    DAILY = "daily"
    TASK_CHART = "taskchart"
    FRAIL = "frail"
    CARD = "card"
    DUTY = "duty"
    PATROL = "patrol"


@action("pm")
class PlaceMeant(Action):
    """The division that was meant: the command is answered for it."""

    command: PlaceCommand
    code: DivisionCode


@action("dp")
class DangerPlaceMeant(Action):
    """The same for /danger: ``on`` is the local day, counted from 1970; without ``level`` it was
    only asked what the danger is."""

    code: DivisionCode
    on: Annotated[int, Number(0, 99_999)]
    level: Annotated[int, Number(1, 5)] = 0
    whose: Annotated[int, Number(1, 3)] = 0

    @classmethod
    def of(
        cls, code: str, day: date, level: DangerLevel | None, scale: DangerScale | None = None
    ) -> Self:
        """For a day of the calendar."""
        days = day.toordinal() - _FIRST_DAY
        return cls(code, days, 0 if level is None else int(level), number_of(scale))

    @property
    def day(self) -> date:
        """The local day that was written."""
        return date.fromordinal(_FIRST_DAY + self.on)


_FIRST_DAY = date(1970, 1, 1).toordinal()
