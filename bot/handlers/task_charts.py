"""The chart of tasks: /taskchart, 📊 进度图; drawn when it leaves, never here."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Picture
from bot.actions.mechanism import OwnTaskChart, TaskChartTap, TaskSheetTap
from bot.actions.named_places import PlaceCommand
from bot.handlers.context import Context
from bot.handlers.named_places import place_named
from bot.handlers.routes import TapHandler, commands
from bot.views.tasks.chart import sheet_toast
from contacts.access import may_be_informed, require
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(taskchart=task_chart)


async def task_chart(context: Context) -> None:
    """/taskchart: of one's own division; /taskchart 黄泥河镇: of one below."""
    named = context.after_command.strip()
    code = context.known().division_code
    if named:
        found = await place_named(context, PlaceCommand.TASK_CHART, named)
        if found is None:
            return
        code = found or code
    await chart_of_place(context, code)


async def chart_of_place(context: Context, code: str, *, sheet: bool = False) -> None:
    """The chart of a division, or its tasks in a workbook; of one's own when ``code`` is empty."""
    person, now = context.known(), context.now
    code = code or person.division_code
    require(may_be_informed(person, code), division=code)
    key = f"{'tasks' if sheet else 'chart'}:{code}:{person.id}"
    delivery = to_person(person, Picture(chart=code, sheet=sheet), Lane.ANSWER, coalesce_key=key)

    def unit(c: Connection) -> None:
        outbox_store.add(c, delivery, now)

    await context.write(unit)


async def chart(context: Context, action: TaskChartTap) -> None:
    """📊 进度图, 🔄 刷新."""
    await chart_of_place(context, action.code)
    await context.toast()


async def own_chart(context: Context, _action: OwnTaskChart) -> None:
    """📊 进度图 of a list of tasks."""
    await chart_of_place(context, "")
    await context.toast()


async def sheet(context: Context, action: TaskSheetTap) -> None:
    """📒 表格."""
    await chart_of_place(context, action.code, sheet=True)
    await context.toast(sheet_toast(context.language))


TAPS: dict[type, TapHandler] = {TaskChartTap: chart, OwnTaskChart: own_chart, TaskSheetTap: sheet}
