"""The chart of tasks as a picture: its facts are read when it leaves, then it is drawn."""

from __future__ import annotations

from alerts.loop.tasks.chart import TaskChart
from alerts.loop.tasks.chart_store import chart_of, charted
from bot.locale import translator
from bot.messages.facts import Facts
from bot.messages.task_books import book_of
from bot.pictures.task_chart import MOST_ROWS, DrawnChart, DrawnRow
from bot.views.clock import day_clock
from bot.views.screen import Screen
from bot.views.tasks import chart as views
from bot.views.tasks.words import list_name
from bot.views.tasks.workbook import TaskBook
from contacts.access import may_be_informed
from contacts.people import Person


def task_chart(
    facts: Facts, code: str, reader: Person, language: str
) -> tuple[Screen, DrawnChart | None] | None:
    """The caption, and the picture where there are any tasks; ``None``: not for this reader."""
    if not may_be_informed(reader, code).allowed:
        return None
    chart = chart_of(facts.connection, code, facts.now)
    place = facts.place(code)
    caption = views.chart_caption(chart, place, facts.now, language, facts.zone)
    return caption, drawn(facts, chart, place, language) if chart.whole.every else None


def drawn(facts: Facts, chart: TaskChart, place: str, language: str) -> DrawnChart:
    """What the picture of a chart shows."""
    _ = translator(language)
    lists = [DrawnRow(list_name(one, language), bar) for one, bar in chart.by_list.items()]
    rows = [
        DrawnRow(views.row_name(code, chart, facts.place, language), bar)
        for code, bar in chart.by_division[:MOST_ROWS]
    ]
    more = len(chart.by_division) - len(rows)
    footer = _("绘于 {time}").format(time=day_clock(facts.now, facts.zone))
    if more > 0:
        footer = _("另有 {count} 处没有画出 · ").format(count=more) + footer
    whole = chart.whole
    return DrawnChart(
        f"{place} " + _("清单进度"),
        _("销号 {done}/{every}，逾期 {late}").format(
            done=whole.done, every=whole.every, late=whole.late
        ),
        (_("已销号"), _("待核查"), _("在办"), _("逾期")),
        ((_("按清单"), lists), (_("按区划（逾期多的在前）"), rows)),
        footer,
    )


def task_book(facts: Facts, code: str, language: str) -> TaskBook:
    """The workbook of the tasks that the chart counts, of a division and below."""
    return book_of(
        facts.connection,
        charted(facts.connection, code, facts.now),
        facts.services.gazetteer.path,
        facts.now,
        facts.zone,
        language,
    )
