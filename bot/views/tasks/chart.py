"""The chart of tasks in words: its caption, the names of its rows. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from alerts.loop.tasks.chart import DAYS, TaskChart
from bot.actions.mechanism import OwnTaskChart, TaskChartTap, TaskSheetTap
from bot.actions.tasks import TaskListTap, TaskView
from bot.locale import translator
from bot.views.clock import BEIJING, day_clock
from bot.views.screen import Button, Inline, Screen, bold, escape, shorten

PlaceName = Callable[[str], str]


def chart_caption(
    chart: TaskChart, place: str, now: datetime, language: str, zone: tzinfo = BEIJING
) -> Screen:
    """What stands below the picture: the whole in figures, and the way to what is late."""
    _ = translator(language)
    whole = chart.whole
    lines = [bold(_("📊 清单进度")) + f" · {escape(place)}"]
    if not whole.every:
        lines.append(_("近 {days} 天没有任务。").format(days=DAYS))
        return Screen("\n".join(lines))
    lines.append(
        _("销号 {done}/{every}（{percent}%），待核查 {submitted}，在办 {going}").format(
            done=whole.done,
            every=whole.every,
            percent=whole.percent,
            submitted=whole.submitted,
            going=whole.going,
        )
    )
    if whole.late:
        lines.append(bold(_("逾期 {count}").format(count=whole.late)))
    lines.append(_("{time} · 销号的只计近 {days} 天").format(time=day_clock(now, zone), days=DAYS))
    refresh = Button(_("🔄 刷新"), TaskChartTap(chart.division_code).encode())
    late = Button(
        _("🔴 逾期 {count}").format(count=whole.late), TaskListTap(TaskView.OVERDUE).encode()
    )
    sheet = Button(_("📒 表格"), TaskSheetTap(chart.division_code).encode())
    row = (late, refresh) if whole.late else (refresh,)
    return Screen("\n".join(lines), Inline((row, (sheet,))))


def chart_button(language: str) -> Button:
    """The way to the chart of one's own division."""
    return Button(translator(language)("📊 进度图"), OwnTaskChart().encode())


def sheet_toast(language: str) -> str:
    """Toast to whoever asked for the workbook."""
    return translator(language)("📒 表格马上发来")


def sheet_caption(place: str, count: int, language: str) -> str:
    """What stands below the workbook (HTML)."""
    _ = translator(language)
    head = bold(_("📒 清单任务 {count} 项").format(count=count)) + f" · {escape(place)}"
    return head + "\n" + _("白色的列改好后，发回这里就能导入，见表里「说明」。")


def row_name(code: str, chart: TaskChart, place: PlaceName, language: str) -> str:
    """What a row of the divisions is called; of the division itself, what it owes on its own."""
    name = shorten(place(code), 12)
    own = code == chart.division_code
    return name + translator(language)("本级") if own else name
