"""Samples of what is said of duty and of patrol results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from alerts.duty.model import Ask, AskKind, AskState, HandOver, HandOverStep
from alerts.outbox.duty_messages import DutyEvent
from alerts.patrol.results.model import PatrolSum
from alerts.patrol.results.reading import Line, OwnMonth
from bot.views.duty import asking, calendar, handover
from bot.views.duty.home import Home, OpenAsk, Watch, home
from bot.views.patrol import results
from bot.views.screen import Screen
from contacts.duty_plan import Shift
from tests.unit.views import samples as s

View = Callable[[str], Screen]
CODE = "222403000000"
HOUR = timedelta(hours=1)
RUNNING = Shift(s.NOW - 2 * HOUR, s.NOW + 6 * HOUR, 1, 5, CODE)
NEXT = Shift(s.NOW + 6 * HOUR, s.NOW + 30 * HOUR, 2, 7, CODE)
ASK = OpenAsk(
    Ask(
        9,
        AskKind.SWAP,
        CODE,
        2,
        1,
        NEXT.starts_at,
        NEXT.ends_at,
        7,
        5,
        s.NOW,
        AskState.OPEN,
        due_at=NEXT.starts_at,
    ),
    "李四",
    "张三",
    "敦化市",
    RUNNING,
)
THINGS = {"warnings": 1, "silent": 12, "tasks": 3, "tasks_overdue": 1}
GIVEN = HandOver(
    4, CODE, s.NOW, HandOverStep.GIVEN, 5, s.NOW, "桥头要盯着", THINGS, None, None, s.NOW
)
SUM = PatrolSum(12, 230, 4100, 31, 560 * 3600, 1_234_000.0, 100, 62, 18)
HOME = Home(
    CODE,
    "敦化市",
    [Watch("张三", RUNNING, "139 0000 0001", own=True)],
    [Watch("李四", NEXT, "139 0000 0002")],
    [],
    [(RUNNING, "敦化市"), (replace(NEXT, starts_at=NEXT.ends_at, ends_at=NEXT.ends_at + HOUR), "")],
    [ASK],
    [NEXT],
    keeps=True,
    writes=4,
    receives=3,
    calendar=True,
)


def duty_screens() -> Iterator[tuple[str, View]]:
    """By name."""
    yield "duty_home", lambda language: home(HOME, 5, s.NOW, language)
    yield (
        "duty_no_plan",
        lambda language: home(
            replace(
                HOME,
                now=[],
                coming=[],
                officers=[Watch("王五", RUNNING, "")],
                mine=[],
                asks=[],
                gaps=[],
                writes=None,
                receives=None,
                calendar=False,
                on_duty=True,
            ),
            5,
            s.NOW,
            language,
        ),
    )
    yield "duty_asked", lambda language: asking.question(ASK, language)
    for event in (DutyEvent.AGREED, DutyEvent.DECLINED, DutyEvent.WITHDRAWN, DutyEvent.LAPSED):
        yield f"duty_{event.value}", lambda language, e=event: asking.decided(ASK, e, language)  # type: ignore[misc]
    yield (
        "duty_whom",
        lambda language: asking.which_colleague(
            AskKind.SWAP, 2, NEXT, [(7, "李四 值班员")], 2, 0, language
        ),
    )
    yield "duty_gaps", lambda language: asking.gaps_told("敦化市", [(1, NEXT)], s.NOW, language)
    yield (
        "duty_handover",
        lambda language: handover.to_hand_over(
            replace(GIVEN, words=""), "敦化市", "李四", THINGS, language
        ),
    )
    yield "duty_note", lambda language: handover.note(GIVEN, "敦化市", "张三", language)
    yield (
        "duty_handover_missed",
        lambda language: handover.missed(GIVEN, "敦化市", "李四 139 0000 0002", language),
    )
    passed = replace(ASK.ask, kind=AskKind.HAND_OVER, shift_id=None, words="桥头要盯着 <1>")
    to_somebody = replace(ASK, ask=passed, back=None)
    yield (
        "duty_pass_to",
        lambda language: handover.pass_to(
            CODE, "敦化市", [(7, "李四 值班员")], ["王五"], 0, language
        ),
    )
    yield (
        "duty_pass_words",
        lambda language: handover.pass_words(CODE, "敦化市", (7, "李四"), THINGS, language),
    )
    yield (
        "duty_pass_asked",
        lambda language: handover.pass_question(to_somebody, THINGS, True, language),
    )
    yield "duty_pass_sent", lambda language: asking.asked_already(to_somebody, language)
    for event in (DutyEvent.AGREED, DutyEvent.DECLINED, DutyEvent.WITHDRAWN, DutyEvent.LAPSED):
        yield (
            f"duty_pass_{event.value}",
            lambda language, e=event: asking.decided(  # type: ignore[misc]
                to_somebody, e, language, phones="李四 139 0000 0002"
            ),
        )
    yield (
        "duty_calendar",
        lambda language: calendar.address("https://board.example/calendar/1-5-7.x.ics", language),
    )
    yield (
        "patrol_own",
        lambda language: results.own(
            OwnMonth(date(2026, 7, 1), SUM, replace(SUM, days=1)), language
        ),
    )
    yield (
        "patrol_below",
        lambda language: results.below(
            CODE,
            "敦化市",
            date(2026, 7, 1),
            [Line("222403101000", SUM)],
            0,
            date(2026, 7, 3),
            lambda _code: "黄泥河镇",
            language,
        ),
    )
