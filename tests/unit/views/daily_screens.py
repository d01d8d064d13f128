"""What is read of daily reports and of what is said about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from alerts.loop.daily.days import DailyRules, Period, Span, days_of, span_of
from alerts.loop.daily.figures import NOTHING, Figure, Figures, Slowest, by_child, summed_up
from alerts.loop.daily.reading import DailyReport
from alerts.loop.daily.remarks import Mark, Remark, RemarkOutcome
from bot.views import daily
from bot.views.daily import SaidRemark
from bot.views.screen import Screen
from contacts.divisions.codes import contains

View = Callable[[str], Screen]
DAY, RULES = date(2026, 11, 29), DailyRules()
SPAN = span_of(DAY, RULES)
COUNTY, CITY = "222403000000", "222400000000"
TOWNSHIP, ANOTHER = "222403101000", "222403102000"
NAMES = {
    COUNTY: "敦化市",
    CITY: "延边州",
    TOWNSHIP: "黄泥河镇",
    ANOTHER: "官地镇 <b>",
    "222403101200": "双泉村",
    "222402000000": "图们市",
}
PARTS = {
    TOWNSHIP: Figures(
        {
            Figure.CALLS: 62,
            Figure.ANSWERED: 58,
            Figure.PROXIED: 3,
            Figure.WAITING: 4,
            Figure.UNREACHABLE: 1,
            Figure.REPORTS: 31,
            Figure.CANNOT: 1,
            Figure.HELP: 2,
            Figure.HELP_OPEN: 1,
            Figure.HOUSEHOLDS: 12,
            Figure.PERSONS: 35,
            Figure.TARGET_HOUSEHOLDS: 40,
            Figure.TARGET_PERSONS: 118,
            Figure.EVACUATED_HOUSEHOLDS: 31,
            Figure.EVACUATED_PERSONS: 92,
            Figure.AWAY_HOUSEHOLDS: 2,
            Figure.AWAY_PERSONS: 5,
            Figure.LEFT_HOUSEHOLDS: 7,
            Figure.LEFT_PERSONS: 21,
            Figure.CUT_OFF: 1,
            Figure.TASKS_NEW: 9,
            Figure.TASKS_DUE: 6,
            Figure.TASKS_DONE: 4,
            Figure.TASKS_OPEN: 5,
            Figure.TASKS_OVERDUE: 2,
            Figure.TASKS_SUPERVISED: 1,
            Figure.PATROLLERS: 14,
            Figure.POSITIONS: 88,
            Figure.PATROL_SECONDS: 201_600,
            Figure.ROUTE_CELLS: 200,
            Figure.ROUTE_VISITED: 152,
            Figure.HOTSPOTS: 3,
            Figure.HOTSPOTS_SETTLED: 2,
            Figure.FIRES: 1,
            Figure.HOTSPOTS_OPEN: 1,
            Figure.FIELD_REPORTS: 6,
            Figure.DISTRESS: 1,
            Figure.SILENT_SOURCES: 1,
        },
        {40: 30, 95: 27, 2280: 1},
        Slowest(2280, "222403101200"),
    ),
    ANOTHER: Figures({Figure.EXERCISE_CALLS: 20, Figure.EXERCISE_ANSWERED: 19}),
    COUNTY: Figures(
        {Figure.WARNINGS: 2, Figure.DUTY_GAPS: 1, Figure.DUTY_GAP_SECONDS: 7500},
    ),
}
SAID = SaidRemark(
    Remark(7, DAY, COUNTY, CITY, Mark.BAD, "两个村没有应答，今晚补齐 <1>", 3, SPAN.until), "李主任"
)


def report(parts: dict[str, Figures], period: Period = Period.DAY) -> DailyReport:
    """A report of the county, made on time."""
    everything = summed_up(parts)
    sums = {code: of for code, of in everything.items() if contains(COUNTY, code)}
    days = tuple(each for each in days_of(period, DAY) if each <= DAY)
    return DailyReport(
        COUNTY,
        period,
        days,
        Span(span_of(days[0], RULES).since, SPAN.until),
        sums.get(COUNTY, NOTHING),
        by_child(sums, parts.get(COUNTY, NOTHING), COUNTY),
        sums,
        {},
        (SAID.remark,),
        SPAN.until,
    )


def place(code: str) -> str:
    return NAMES.get(code, code)


def daily_screens() -> Iterator[tuple[str, View]]:
    """A busy day, an empty one, one that is late; remarks."""
    busy, empty = report(PARTS), replace(report({}), remarks=())
    late = replace(
        busy,
        made_at=SPAN.until + timedelta(hours=2),
        unread=("222402000000",),
    )
    yield (
        "daily_busy",
        lambda language: daily.report_screen(
            busy, place, language, remarks=[SAID], remarks_below=True
        ),
    )
    yield "daily_empty", lambda language: daily.report_screen(empty, place, language)
    yield "daily_late", lambda language: daily.report_screen(late, place, language, missed=2)
    earlier = {
        TOWNSHIP: Figures({Figure.ANSWERED: 1, Figure.WAITING: 2}, {7: 1}, Slowest(7, COUNTY))
    }
    so_far = replace(report(earlier, Period.WEEK), so_far=True, made_at=None, remarks=())
    yield "daily_so_far", lambda language: daily.report_screen(so_far, place, language)
    below = [TOWNSHIP, ANOTHER, *(f"2224031{n:02d}000" for n in range(3, 12))]
    yield "daily_below", lambda language: daily.remark_list(busy, below, 0, place, language)
    yield (
        "daily_ask_remark",
        lambda language: daily.ask_remark(busy, SAID, CITY, place, language),
    )
    yield (
        "daily_ask_words",
        lambda language: daily.ask_words(COUNTY, DAY, Mark.GOOD, place, language),
    )
    for outcome, told in (
        (RemarkOutcome.SAID, 4),
        (RemarkOutcome.CHANGED, 0),
        (RemarkOutcome.ALREADY, 0),
    ):
        yield (
            f"daily_remarked_{outcome.value}",
            lambda language, outcome=outcome, told=told: daily.remarked(  # type: ignore[misc]
                outcome, SAID.remark, told, CITY, place, language
            ),
        )
    yield "daily_remark_news", lambda language: daily.remark_news(SAID, place, language)
