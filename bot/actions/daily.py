"""The buttons of daily reports. Pure.

A day is written as 20261129.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated

from alerts.loop.daily.days import Period
from alerts.loop.daily.remarks import Mark
from bot.actions.codec import Action, DivisionCode, Page, Text, action

Day = Annotated[str, Text("[0-9]{8}", 8)]


class FileKind(Enum):
    """The file of a report."""

    XLSX = "xlsx"
    PDF = "pdf"


@action("dyv")
class DailyView(Action):
    """The report of a division's day, week or month."""

    code: DivisionCode
    day: Day
    period: Period


@action("dyf")
class DailySheet(Action):
    """📊, 📄: the same as a file."""

    code: DivisionCode
    day: Day
    period: Period
    kind: FileKind


@action("dyl")
class RemarkList(Action):
    """点评下级: the divisions right below, a page of them."""

    code: DivisionCode
    day: Day
    page: Page = 0


@action("dyr")
class RemarkAsk(Action):
    """One of them: how was its day?"""

    code: DivisionCode
    day: Day


@action("dym")
class RemarkMark(Action):
    """👍 好 or 👎 差: words are asked for."""

    code: DivisionCode
    day: Day
    mark: Mark


@action("dys")
class RemarkSend(Action):
    """The mark alone, without words."""

    code: DivisionCode
    day: Day
    mark: Mark


def written(day: date) -> str:
    """A day as a button bears it."""
    return f"{day:%Y%m%d}"


def day_written(text: str) -> date | None:
    """The day that a button bears; ``None``: there is no such day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
