"""The buttons of the departments that a warning calls, and of the chart of tasks. Pure."""

from __future__ import annotations

from typing import Annotated

from bot.actions.codec import Action, DivisionCode, Id, Number, action


@action("mcd")
class DepartmentsPage(Action):
    """🏢 部门: how each department of a warning stands; its first page, 0, is not written."""

    id: Id
    page: Annotated[int, Number(1, 99_999)] = 0


@action("mct")
class TaskChartTap(Action):
    """📊 进度图: how far the tasks of a division, and below it, have got."""

    code: DivisionCode


@action("mcm:own")
class OwnTaskChart(Action):
    """📊 进度图 of one's own division."""


@action("mcs")
class TaskSheetTap(Action):
    """📒 表格: the tasks of a division, and below it, as a workbook with their history."""

    code: DivisionCode
