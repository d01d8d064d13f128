"""The buttons of the day's danger: its orders, its zero report, and setting it. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Self

from alerts.patrol.red_days.model import AskAnswer
from alerts.season.model import DangerLevel, DangerScale
from bot.actions.codec import Action, DivisionCode, Id, Number, action


@action("ra")
class RedDayAnswer(Action):
    """收到, 无火情 or 有火情 (``id``: what was asked)."""

    id: Id
    answer: AskAnswer


@action("dg")
class SetDanger(Action):
    """Set the fire danger as previewed: ``on`` is the local day, ``shown`` the minute, both counted
    from 1970."""

    code: DivisionCode
    on: Annotated[int, Number(0, 99_999)]
    level: Annotated[int, Number(1, 5)]
    shown: Annotated[int, Number(0, 99_999_999)]
    whose: Annotated[int, Number(1, 3)] = 0

    @classmethod
    def of(
        cls,
        code: str,
        day: date,
        level: DangerLevel,
        now: datetime,
        scale: DangerScale | None = None,
    ) -> Self:
        """For a preview shown now."""
        days = day.toordinal() - _FIRST_DAY
        return cls(code, days, int(level), int(now.timestamp()) // 60, number_of(scale))

    @property
    def scale(self) -> DangerScale | None:
        """Whose colours the level is of; ``None``: a button of before it was asked."""
        return scale_of(self.whose)

    @property
    def day(self) -> date:
        """The local day it is set for."""
        return date.fromordinal(_FIRST_DAY + self.on)

    @property
    def shown_at(self) -> datetime:
        """When the preview was shown, to the minute."""
        return datetime.fromtimestamp(self.shown * 60, UTC)


_SCALES = (None, DangerScale.WEATHER, DangerScale.COMMAND, DangerScale.NATIONAL)
"""By their number in buttons: only append."""


def number_of(scale: DangerScale | None) -> int:
    """What stands for whose colours in a button."""
    return _SCALES.index(scale)


def scale_of(number: int) -> DangerScale | None:
    """Whose colours a number in a button means."""
    return _SCALES[number]


_FIRST_DAY = date(1970, 1, 1).toordinal()


@action("dx:no")
class LeaveDanger(Action):
    """取消: the danger stays as it is."""
